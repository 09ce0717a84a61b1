/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/words.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

Test(words, next)
{
    static const char s[] = "  (Fix), \"it\" - ... now!\n";
    static const char *const words[] = {"Fix", "it", "-", "now"};
    struct word w = {0, 0};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        w = word_next(s, w.end);
        cr_expect(word_is(s, w, words[i]), "%s", words[i]);
    }
    w = word_next(s, w.end);
    cr_expect_eq(w.start, w.end);
    cr_expect_eq(w.end, strlen(s));
    cr_expect(word_is(s, word_next(s, 0), "FIX"));
    cr_expect_not(word_is(s, word_next(s, 0), "fixx"));
}

Test(words, numbers)
{
    static const struct {
        const char *word;
        bool is;
        int64_t number;
    } cases[] = {
        {"7", true, 7},
        {"-7", true, -7},
        {"1,000", true, 1000},
        {"1,000,000", true, 1000000},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"99999999999999999999999999", false, 0},
        {"1,00", false, 0},
        {"-", false, 0},
        {"7a", false, 0},
        {"2.5", false, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t number = 0;
        struct word w = word_next(cases[i].word, 0);
        cr_expect_eq(word_number(cases[i].word, w, &number), cases[i].is, "%s", cases[i].word);
        cr_expect_eq(number, cases[i].number, "%s", cases[i].word);
    }
}

Test(words, what_is_cut_takes_its_spaces_and_comma_along)
{
    static const struct {
        const char *before, *cut, *behind, *left;
    } cases[] = {
        {"Fix it", " fast", " now", "Fix it now"},
        {"Fix it ", "fast", ", now", "Fix it, now"},
        {"Fix it, ", "fast", ".", "Fix it."},
        {"Fix it, ", "fast", "", "Fix it"},
        {"", "Fast", ", fix it", "fix it"},
        {"Fix it ", "fast", "\nnow", "Fix it\nnow"},
        {"  a ", "b", " c  ", "a c"},
        {"", "all", "", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        AUTO_FREE char *s = text_format("%s%s%s", cases[i].before, cases[i].cut, cases[i].behind);
        size_t start = strlen(cases[i].before);
        words_cut(s, start, start + strlen(cases[i].cut));
        cr_expect_str_eq(words_copy(&a, s, 0, strlen(s)), cases[i].left);
    }
}

Test(words, lines)
{
    AUTO_ARENA a = {0};

    cr_expect_str_eq(words_dedent(&a, "a\r\n   b\n c\nd\r\n", 2), "a\n b\nc\nd\n");
    cr_expect_str_eq(words_first_line(&a, "\n  one two\nthree", 20), "one two");
    cr_expect_str_eq(words_first_line(&a, "one two", 3), "one...");
    cr_expect_str_eq(words_first_line(&a, "on\u00fc", 3), "on...");
    cr_expect_str_eq(words_first_line(&a, "", 3), "");
}
