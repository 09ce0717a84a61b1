/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cells.h"

#include <criterion/criterion.h>
#include <string.h>

#define WIDE "\xE4\xB8\xAD"       /* one ideograph, two cells */
#define ROCKET "\xF0\x9F\x9A\x80" /* one emoji, two cells */
#define ACUTE "e\xCC\x81"         /* a letter and a combining mark, one cell */
#define DOTS "\xE2\x80\xA6"

Test(cells, counts)
{
    static const struct {
        const char *text;
        size_t cells;
    } cases[] = {
        {"", 0},
        {"kelp", 4},
        {"caf\xC3\xA9", 4},
        {ACUTE, 1},
        {WIDE WIDE, 4},
        {ROCKET, 2},
        {"\xEF\xBD\xB1", 1},             /* halfwidth katakana */
        {"\xED\x95\x9C", 2},             /* a Hangul syllable */
        {"\xE1\x84\x92\xE1\x85\xA1", 2}, /* the same kind, in two parts */
        {"\xE2\x80\x8D", 0},             /* zero width joiner */
        {"\xFF\xFE", 2},                 /* broken bytes */
        {DOTS, 1},
        {"\xF0\xA0\x80\x80", 2}, /* the second plane of ideographs */
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(cells_count(cases[i].text, strlen(cases[i].text)), cases[i].cells, "'%s'",
                     cases[i].text);
}

Test(cells, cuts_with_an_ellipsis)
{
    static const struct {
        const char *text;
        size_t cells;
        const char *cut;
        size_t used;
    } cases[] = {
        {"kelp", 4, "kelp", 4},
        {"kelp", 9, "kelp", 4},
        {"kelp", 3, "ke" DOTS, 3},
        {"kelp", 1, DOTS, 1},
        {"kelp", 0, "", 0},
        {"", 0, "", 0},
        {WIDE WIDE WIDE, 5, WIDE WIDE DOTS, 5},
        {WIDE WIDE WIDE, 4, WIDE DOTS, 3},
        {WIDE, 1, DOTS, 1},
        {"a" ACUTE "bcd", 3, "a" ACUTE DOTS, 3},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        cr_expect_eq(cells_add_cut(&t, cases[i].text, cases[i].cells), cases[i].used, "case %zu",
                     i);
        cr_expect_str_eq(text_get(&t), cases[i].cut, "case %zu", i);
    }
}

Test(cells, pads_to_the_width)
{
    static const struct {
        const char *text, *padded;
    } cases[] = {
        {"ab", "ab   "},
        {"", "     "},
        {WIDE, WIDE "   "},
        {"abcdef", "abcd" DOTS},
        {WIDE WIDE WIDE, WIDE WIDE DOTS},
        {"abc" WIDE WIDE, "abc" DOTS " "},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        cells_add_padded(&t, cases[i].text, 5);
        cr_expect_str_eq(text_get(&t), cases[i].padded, "case %zu", i);
    }
}
