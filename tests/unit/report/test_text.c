/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text in Markdown and in markup, and the sentences of a report. */
#include "base/json.h"
#include "report/markdown_text.h"
#include "report/markup.h"

#include "report/words.h"

#include <criterion/criterion.h>
#include <string.h>

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
        {"make check", "`make check`"}, {"a `b` c", "``a `b` c ``"},   {"`", "`` ` ``"},
        {"a | b", "`a \\| b`"},         {"two\nlines", "`two lines`"}, {"", ""},
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

#define DONE "{\"delivered\":true}"
#define OPEN "{\"delivered\":false}"
#define GIT "\"git\":{\"base\":\"aaaa\","

Test(text, summary_of_a_run)
{
    static const struct {
        const char *report, *headline, *result;
    } cases[] = {
        {"{\"status\":\"done\",\"subtasks\":[" DONE "," DONE "]," GIT "\"commit\":\"bbbb\","
         "\"landed\":true,\"landed_on\":\"main\",\"head\":\"cccc\",\"pushed\":true,"
         "\"remote\":\"origin\"}}",
         "All 2 subtasks are done.", "The result is on main (cccc) and was pushed to origin."},
        {"{\"status\":\"partial\",\"subtasks\":[" DONE "," OPEN "," OPEN "]," GIT
         "\"commit\":\"bbbb\",\"branch\":\"kelp/ORG_1001\",\"land_reason\":\"a.c is changed\"}}",
         "1 of 3 subtasks are done; 2 are not.",
         "The result is on the branch kelp/ORG_1001 (bbbb) and did not land: a.c is changed."},
        {"{\"status\":\"failed\",\"subtasks\":[" OPEN "," OPEN "]," GIT "\"commit\":\"aaaa\"}}",
         "None of the 2 subtasks is done.", "No file of the repository was changed."},
        {"{\"status\":\"failed\",\"failure\":\"backup: no space\"}",
         "The run could not go on: backup: no space.", ""},
        {"{\"status\":\"cancelled\",\"declined\":true}",
         "It was declined at the confirmation, and nothing was executed.", ""},
        {"{\"status\":\"cancelled\",\"subtasks\":[" DONE "," OPEN "]}",
         "The run was cancelled; 1 of 2 subtasks were done before.", ""},
        {"{\"status\":\"done\",\"subtasks\":[" DONE "]}", "The subtask is done.", ""},
        {"{\"status\":\"failed\",\"subtasks\":[" OPEN "]}", "The subtask is not done.", ""},
        {"{\"status\":\"running\",\"phase\":\"merge\"}",
         "The run has not ended; it is in the phase 'merge'.", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *report = NULL;
        AUTO_FAULT f = {0};
        cr_assert_eq(json_parse(cases[i].report, strlen(cases[i].report), "case", &report, &f), 0,
                     "case %zu: %s", i, f.message);
        words_put_summary(report);
        const json_t *summary = json_object_get(report, "summary");
        cr_assert_str_eq(json_get_string(summary, "headline", NULL), cases[i].headline);
        cr_assert_str_eq(json_get_string(summary, "result", NULL), cases[i].result);
    }
}
