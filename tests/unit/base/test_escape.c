/* SPDX-License-Identifier: Apache-2.0 */
#include "base/escape.h"

#include <criterion/criterion.h>
#include <string.h>

struct escape_case {
    const char *raw, *shown;
};

static void expect_line(const struct escape_case *c)
{
    AUTO_FREE char *line = escape_line(c->raw);

    cr_expect_str_eq(line, c->shown);
}

Test(escape, leaves_text_alone)
{
    static const char *const plain[] = {
        "",
        "kelp run",
        "caf\xC3\xA9",
        "\xE4\xB8\xAD\xE6\x96\x87",
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80", /* an emoji that needs its joiner */
        "back\\slash",
    };

    for (size_t i = 0; i < COUNT_OF(plain); i++)
        expect_line(&(struct escape_case){plain[i], plain[i]});
}

Test(escape, shows_controls)
{
    static const struct escape_case cases[] = {
        {"a\nb", "a\\nb"},
        {"a\tb", "a\\tb"},
        {"a\rb", "a\\x0db"},
        {"a\r\nb", "a\\x0d\\nb"},
        {"\033[31mred\033]0;title\007", "\\x1b[31mred\\x1b]0;title\\x07"},
        {"\x7F", "\\x7f"},
        {"\xC2\x9B"
         "31m",
         "\\u{009b}31m"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_line(&cases[i]);
}

Test(escape, shows_what_hides)
{
    static const struct escape_case cases[] = {
        {"\xC2\xAD", "\\u{00ad}"},
        {"\xD8\x9C", "\\u{061c}"},
        {"a\xE2\x80\x8B"
         "b",
         "a\\u{200b}b"},
        {"\xE2\x80\xAE"
         "txt.exe",
         "\\u{202e}txt.exe"},
        {"\xE2\x81\xA6", "\\u{2066}"},
        {"\xE2\x80\xA8", "\\u{2028}"},
        {"\xEF\xBB\xBF", "\\u{feff}"},
        {"\xF3\xA0\x81\x81", "\\u{e0041}"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_line(&cases[i]);
}

Test(escape, shows_broken_bytes)
{
    static const struct escape_case cases[] = {
        {"\xFF", "\\xff"},
        {"a\xE2\x82", "a\\xe2\\x82"},
        {"\xC0\x80", "\\xc0\\x80"},
        {"\xED\xA0\x80", "\\xed\\xa0\\x80"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_line(&cases[i]);
}

Test(escape, keeps_the_lines_of_a_block)
{
    static const struct escape_case cases[] = {
        {"a\n\tb\n", "a\n\tb\n"}, {"a\r\nb", "a\nb"},  {"a\rb", "a\\x0db"},
        {"a\r", "a\\x0d"},        {"\033c", "\\x1bc"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        escape_add_block(&t, cases[i].raw, strlen(cases[i].raw));
        cr_expect_str_eq(text_get(&t), cases[i].shown);
    }
}

Test(escape, goes_by_length_not_by_nul)
{
    AUTO_TEXT t = {0};

    escape_add_line(&t, "a\0b\nc", 3);
    cr_assert_str_eq(text_get(&t), "a\\x00b");
}

Test(escape, json_means_the_same)
{
    static const struct escape_case cases[] = {
        {"{\"a\": \"caf\xC3\xA9\\n\"}", "{\"a\": \"caf\xC3\xA9\\n\"}"},
        {"\"\xE2\x80\xAE\"", "\"\\u202e\""},
        {"\"\xC2\x9B\x7F\"", "\"\\u009b\\u007f\""},
        {"\"\xF3\xA0\x81\x81\"", "\"\\udb40\\udc41\""}, /* a tag, beyond 16 bits */
        {"{\n\t\"a\": 1\n}", "{\n\t\"a\": 1\n}"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT shown = {0};
        escape_add_json(&shown, cases[i].raw, strlen(cases[i].raw));
        cr_expect_str_eq(text_get(&shown), cases[i].shown);
    }
}
