/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

Test(text, an_empty_text_is_an_empty_string)
{
    struct text t = {0};

    cr_assert_str_eq(text_get(&t), "");
    text_clear(&t);
    text_free(&t);
    char *taken = text_take(&t);
    cr_assert_str_eq(taken, "");
    free(taken);
}

Test(text, grows_by_every_way_of_adding)
{
    AUTO_TEXT t = {0};

    text_add(&t, "a");
    text_add_n(&t, "b\0c", 3);
    text_add_char(&t, 'd');
    text_printf(&t, "%d%s", 12, "e");
    cr_assert_eq(t.length, 8);
    cr_assert_arr_eq(t.data, "ab\0cd12e", 9);
    text_clear(&t);
    cr_assert_eq(t.length, 0);
    cr_assert_str_eq(t.data, "");
}

Test(text, formats_more_than_fits)
{
    AUTO_FREE char *long_one = text_format("%01000d|%s", 7, "end");

    cr_assert_eq(strlen(long_one), 1004);
    cr_assert(text_ends(long_one, "7|end"));
    /* Exactly the room that is tried first, and one more. */
    for (int width = 60; width < 140; width++) {
        AUTO_FREE char *s = text_format("%*d", width, 5);
        cr_assert_eq(strlen(s), (size_t)width);
    }
}

Test(text, taking_leaves_it_empty)
{
    struct text t = {0};

    text_add(&t, "mine");
    char *mine = text_take(&t);
    cr_assert_str_eq(mine, "mine");
    cr_assert_null(t.data);
    text_add(&t, "again");
    cr_assert_str_eq(text_get(&t), "again");
    text_free(&t);
    free(mine);
}

Test(text, quotes_words_for_the_shell)
{
    static const struct {
        const char *word, *quoted;
    } cases[] = {
        {"plain-word_1./:@%+,=", "plain-word_1./:@%+,="},
        {"", "''"},
        {"two words", "'two words'"},
        {"it's", "'it'\\''s'"},
        {"$HOME;`x`", "'$HOME;`x`'"},
        {"line\nfeed", "'line\nfeed'"},
        {"~", "'~'"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        text_add_quoted(&t, cases[i].word);
        cr_expect_str_eq(text_get(&t), cases[i].quoted);
    }
}

Test(text, compares_starts_and_ends)
{
    cr_expect(text_starts("kelp", ""));
    cr_expect(text_starts("kelp", "ke"));
    cr_expect(text_starts("kelp", "kelp"));
    cr_expect_not(text_starts("kelp", "kelpie"));
    cr_expect_not(text_starts("kelp", "el"));
    cr_expect(text_ends("kelp", ""));
    cr_expect(text_ends("kelp", "lp"));
    cr_expect(text_ends("kelp", "kelp"));
    cr_expect_not(text_ends("kelp", "a kelp"));
    cr_expect_not(text_ends("kelp", "el"));
}

Test(text, ignores_the_case_of_ascii_only)
{
    cr_expect(text_same_nocase("KelP", "kELp"));
    cr_expect(text_same_nocase("", ""));
    cr_expect_not(text_same_nocase("kelp", "kelps"));
    cr_expect_not(text_same_nocase("kelps", "kelp"));
    cr_expect_not(text_same_nocase("[", "{"));
    cr_expect_not(text_same_nocase("\xC3\x84", "\xC3\xA4"));
}

Test(text, reads_whole_numbers)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-7", true, -7},
        {"007", true, 7},
        {"100", true, 100},
        {"-100", true, -100},
        {"101", false, 0},
        {"-101", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+5", false, 0},
        {" 5", false, 0},
        {"5 ", false, 0},
        {"5x", false, 0},
        {"0x10", false, 0},
        {"1.0", false, 0},
        {"99999999999999999999", false, 0},
        {"-99999999999999999999", false, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 0;
        cr_expect_eq(text_to_int64(cases[i].text, -100, 100, &value), cases[i].fits, "'%s'",
                     cases[i].text);
        cr_expect_eq(value, cases[i].value, "'%s'", cases[i].text);
    }
    int64_t value;
    cr_expect(text_to_int64("9223372036854775807", INT64_MIN, INT64_MAX, &value));
    cr_expect_eq(value, INT64_MAX);
    cr_expect(text_to_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    cr_expect_eq(value, INT64_MIN);
}

Test(text, reads_decimal_numbers)
{
    static const struct {
        const char *text;
        bool fits;
        double value;
    } cases[] = {
        {"0", true, 0},      {"1.5", true, 1.5}, {"-2.25", true, -2.25}, {"+3", true, 3},
        {".5", true, 0.5},   {"5.", true, 5},    {"1e3", true, 1000},    {"2E-2", true, 0.02},
        {"", false, 0},      {".", false, 0},    {"+", false, 0},        {"1e", false, 0},
        {"1e999", false, 0}, {"nan", false, 0},  {"inf", false, 0},      {"0x1p3", false, 0},
        {"1,5", false, 0},   {" 1", false, 0},   {"1 ", false, 0},       {"1.2.3", false, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double value = 0;
        cr_expect_eq(text_to_double(cases[i].text, &value), cases[i].fits, "'%s'", cases[i].text);
        cr_expect_float_eq(value, cases[i].value, 1e-12, "'%s'", cases[i].text);
    }
}

/* The edges of every row of table 3-7 of the Unicode Standard, inside and outside. */
Test(text, knows_valid_utf8)
{
    static const struct {
        const char *bytes;
        size_t valid;
    } cases[] = {
        {"", 0},
        {"kelp", 4},
        {"\x7F", 1},
        {"\x80", 0},
        {"\xBF", 0},
        {"\xC0\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xDF\xC0", 0},
        {"\xC2\x7F", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE0\xA0\x80", 3},
        {"\xE1\x80\x80", 3},
        {"\xEC\xBF\xBF", 3},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xEF\xBF\xC0", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF0\x90\x80\x80", 4},
        {"\xF3\xBF\xBF\xBF", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
        {"a\xE2\x82", 1},
        {"a\xE2\x82\xAC z\xFFx", 6},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].bytes);
        cr_expect_eq(text_utf8_valid(cases[i].bytes, length), cases[i].valid, "case %zu", i);
    }
    cr_expect_eq(text_utf8_valid("a\0b", 3), 3);
}

Test(text, decodes_characters)
{
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t point;
    } cases[] = {
        {"a", 1, 'a'},
        {"\xC3\xA4!", 2, 0xE4},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xF0\x9F\x9A\x80", 4, 0x1F680},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\xFF", 0, 77},
        {"", 0, 77},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t point = 77;
        size_t n = text_utf8_next(cases[i].bytes, strlen(cases[i].bytes), &point);
        cr_expect_eq(n, cases[i].length, "case %zu", i);
        cr_expect_eq(point, cases[i].point, "case %zu", i);
    }
}

Test(text, measures_distance)
{
    char long_word[65];
    static const struct {
        const char *a, *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"same", "same", 0},
        {"Same", "sAME", 0},
        {"kelp", "help", 1},
        {"kelp", "kel", 1},
        {"kelp", "kelpp", 1},
        {"statsu", "status", 1},
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
        {"abc", "cab", 2},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(text_distance(cases[i].a, cases[i].b), cases[i].distance, "'%s' '%s'",
                     cases[i].a, cases[i].b);
    memset(long_word, 'x', 64);
    long_word[64] = '\0';
    cr_expect_eq(text_distance(long_word, "a"), UINT_MAX);
    cr_expect_eq(text_distance("a", long_word), UINT_MAX);
    long_word[63] = '\0';
    cr_expect_eq(text_distance(long_word, long_word), 0);
}

Test(text, finds_the_nearest_word)
{
    static const char *const words[] = {"status", "subtasks", "steps", "success"};

    cr_expect_str_eq(text_nearest("statsu", words, COUNT_OF(words)), "status");
    cr_expect_str_eq(text_nearest("subtask", words, COUNT_OF(words)), "subtasks");
    cr_expect_str_eq(text_nearest("step", words, COUNT_OF(words)), "steps");
    cr_expect_null(text_nearest("agents", words, COUNT_OF(words)));
    cr_expect_null(text_nearest("", words, COUNT_OF(words)));
    cr_expect_null(text_nearest("status", words, 0));
}

Test(text, cuts)
{
    AUTO_TEXT t = {0};

    text_cut(&t, 0);
    text_add(&t, "kelp forest");
    text_cut(&t, 4);
    cr_assert_str_eq(text_get(&t), "kelp");
    cr_assert_eq(t.length, 4);
}

Test(text, cutting_behind_the_end_is_a_bug, .signal = SIGABRT)
{
    AUTO_TEXT t = {0};

    text_add(&t, "kelp");
    text_cut(&t, 5);
}

Test(text, money)
{
    static const struct {
        double usd;
        const char *text;
    } cases[] = {
        {0, "0 USD"},          {0.00214, "0.00214 USD"},    {0.5, "0.5 USD"},
        {99.994, "99.99 USD"}, {12345.678, "12345.68 USD"}, {1e7, "10000000.00 USD"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        text_add_usd(&t, cases[i].usd);
        cr_expect_str_eq(text_get(&t), cases[i].text);
    }
}
