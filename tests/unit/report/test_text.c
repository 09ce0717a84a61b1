/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text in Markdown and in markup. */
#include "report/markdown_text.h"
#include "report/markup.h"

#include <criterion/criterion.h>

struct row {
    const char *in, *out;
};

static void check(void (*add)(struct text *t, const char *s), const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_TEXT t = {0};
        add(&t, rows[i].in);
        cr_assert_str_eq(text_get(&t), rows[i].out, "'%s' became '%s'", rows[i].in, text_get(&t));
    }
}

static void add_all(struct text *t, const char *s)
{
    markdown_add_line(t, s, 0);
}

Test(text, markdown_line)
{
    static const struct row rows[] = {
        {"plain words, and more.", "plain words, and more."},
        {"a_name_with parts", "a_name_with parts"},
        {"_stressed_ word", "\\_stressed\\_ word"},
        {"2 * 3 | 4", "2 \\* 3 \\| 4"},
        {"[a](b) `c` <d> ~e~", "\\[a\\](b) \\`c\\` \\<d> \\~e\\~"},
        {"# no heading", "\\# no heading"},
        {"- no list", "\\- no list"},
        {"1. no list", "1\\. no list"},
        {"12) no list", "12\\) no list"},
        {"1 dog", "1 dog"},
        {"> no quote", "\\> no quote"},
        {"a & b &amp; c", "a & b \\&amp; c"},
        {"one\ntwo\r\n\tthree", "one two three"},
        {"ends \n", "ends"},
        {"\x1b[1mbold\x1b[0m", "\\\\x1b\\[1mbold\\\\x1b\\[0m"},
        {"\u202eabc", "\\\\u{202e}abc"},
        {"bad \xff byte", "bad \\\\xff byte"},
        {"", ""},
    };

    check(add_all, rows, COUNT_OF(rows));
}

Test(text, markdown_line_is_cut_at_a_character)
{
    AUTO_TEXT t = {0};

    markdown_add_line(&t, "aa\u00e9bb", 3);
    cr_assert_str_eq(text_get(&t), "aa ...");
}

Test(text, markdown_code)
{
    static const struct row rows[] = {
        {"make check", "`make check`"},
        {"a `b` c", "``a `b` c ``"},
        {"`", "`` ` ``"},
        {"a | b", "`a \\| b`"},
        {"two\nlines", "`two lines`"},
        {"", ""},
    };

    check(markdown_add_code, rows, COUNT_OF(rows));
}

Test(text, markup_line)
{
    static const struct row rows[] = {
        {"a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"},
        {"two\nlines", "two\\nlines"},
        {"\x1b[1m", "\\x1b[1m"},
        {"\u2067x", "\\u{2067}x"},
        {"\ufffe\uffff", "\ufffd\ufffd"},
        {"caf\u00e9", "caf\u00e9"},
    };

    check(markup_add_line, rows, COUNT_OF(rows));
}

Test(text, markup_block)
{
    static const struct row rows[] = {{"a\n<b>\tc\r\nd", "a\n&lt;b&gt;\tc\nd"}};

    check(markup_add_block, rows, COUNT_OF(rows));
}
