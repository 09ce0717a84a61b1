/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/markdown.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

Test(markdown, headings)
{
    static const char text[] = "# One *two* `three`\n"
                               "Four\nfive\n---\n"
                               "######\n"
                               "> # quoted\n\n"
                               "- # listed\n\n"
                               "Six\n===\n"
                               "# Seven\n----\n";
    static const struct markdown_heading want[] = {
        {1, 0, 19, "One two three"},
        {2, 20, 33, "Four five"},
        {1, 65, 72, "Six"},
        {1, 73, 80, "Seven"},
    };
    AUTO_ARENA a = {0};
    struct markdown got;

    markdown_outline(text, strlen(text), &a, &got);
    cr_assert_eq(got.heading_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        cr_expect_eq(got.headings[i].level, want[i].level);
        cr_expect_eq(got.headings[i].start, want[i].start, "%s", want[i].text);
        cr_expect_eq(got.headings[i].end, want[i].end, "%s: %zu", want[i].text,
                     got.headings[i].end);
        cr_expect_str_eq(got.headings[i].text, want[i].text);
    }
}

Test(markdown, items)
{
    static const char text[] = "1. one *em* `c`\n"
                               "   - nested `d`\n"
                               "2. `only`\n"
                               "\n"
                               "> - quoted\n"
                               "\n"
                               "- ends: `cmd \\` x`\n"
                               "- `a` and `b`\n"
                               "-\n"
                               "- two\n  lines &amp; more  \n  hard\n";
    static const struct {
        bool ordered;
        const char *text, *code, *source;
    } want[] = {
        {true, "one em c\nnested d", NULL, "1. one *em* `c`\n   - nested `d`"},
        {true, "only", "only", "2. `only`"},
        {false, "ends: cmd \\ x`", NULL, "- ends: `cmd \\` x`"},
        {false, "a and b", NULL, "- `a` and `b`"},
        {false, "", NULL, ""},
        {false, "two\nlines &amp; more\nhard", NULL, "- two\n  lines &amp; more  \n  hard"},
    };
    AUTO_ARENA a = {0};
    struct markdown got;

    markdown_outline(text, strlen(text), &a, &got);
    cr_assert_eq(got.item_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        const struct markdown_item *item = &got.items[i];
        cr_expect_eq(item->ordered, want[i].ordered);
        cr_expect_str_eq(item->text, want[i].text);
        cr_expect_str_eq(item->code ? item->code : "", want[i].code ? want[i].code : "");
        AUTO_FREE char *source = mem_string_n(text + item->start, item->end - item->start);
        cr_expect_str_eq(source, want[i].source);
    }
}
