/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include "base/os.h"
#include "report/report.h"

#include <criterion/criterion.h>
#include <md4c.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *suffix;
    char *(*make)(const json_t *report);
} forms[] = {
    {"md", report_markdown},
    {"html", report_html},
    {"xml", report_junit},
};

static void compare_forms(const char *name, const json_t *report)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        AUTO_FREE char *file = text_format("%s.%s", name, forms[i].suffix);
        AUTO_FREE char *text = forms[i].make(report);
        golden_compare(file, text);
    }
}

Test(render, stories_read_as_they_did)
{
    static const char *const stories[] = {"partial", "waves", "running"};

    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        AUTO_FREE char *file = text_format("%s.json", stories[i]);
        json_auto_t *report = golden_json(file);
        compare_forms(stories[i], report);
    }
}

Test(render, a_child_has_a_report_of_its_own)
{
    json_auto_t *report = golden_json("partial.json"), *child = NULL, *cleanup = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(report_child(report, "ORG_4729.3", &child, &f), 0, "%s", f.message);
    compare_forms("child", child);
    cr_assert_eq(json_array_size(json_object_get(child, "orchestrators")), 2);
    cr_assert_eq(report_child(report, "ORG_4729.5", &cleanup, &f), 0, "%s", f.message);
    cr_assert_eq(json_array_size(json_object_get(cleanup, "orchestrators")), 2);
    cr_assert_eq(json_array_size(json_object_get(cleanup, "subtasks")), 0);
}

Test(render, a_child_is_named_by_its_whole_id)
{
    static const char *const unknown[] = {"ORG_4729.9", "ORG_4729.", "ORG_4728.1", ""};
    json_auto_t *report = golden_json("partial.json"), *root = NULL;
    AUTO_FAULT none = {0};

    cr_assert_eq(report_child(report, "ORG_4729", &root, &none), 0);
    cr_assert(json_equal(root, report), "the root's report is the whole");
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        AUTO_FAULT f = {0};
        json_t *child = NULL;
        cr_assert_eq(report_child(report, unknown[i], &child, &f), -FAULT_NOT_FOUND);
        cr_assert_null(child);
    }
}

/* The worst that agents and files can be called, in every string of a report. */
static void poison(json_t *value, const char *text)
{
    json_t *entry;
    const char *key;
    size_t i;

    json_array_foreach (value, i, entry) {
        if (json_is_string(entry))
            json_string_set(entry, text);
        poison(entry, text);
    }
    json_object_foreach (value, key, entry) {
        static const char *const own[] = {"kind", "from"}; /* what kelp tells things apart by */
        bool ours = strcmp(key, own[0]) == 0 || strcmp(key, own[1]) == 0;
        if (json_is_string(entry) && !ours)
            json_string_set(entry, text);
        poison(entry, text);
    }
}

static const char *const evil[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'&lt;&#60;&",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202eevil\u2066 \u200bhidden\ufeff",
    "a | b\n# heading\n- list\n```\nfence",
    "`code` **bold** _it_ [link](http://x) ![pic](y) <b> ~~s~~",
    "]]></failure><failure message=\"x\">",
    "\ufffe \uffff",
};

Test(render, foreign_text_starts_nothing)
{
    static const char *const forbidden[] = {"\x1b",   "\x07",   "\u202e",  "\u2066",
                                            "\u200b", "\ufeff", "<script", "<img"};
    enum { MARKUP_FROM = 6 }; /* in Markdown those are harmless inside code */

    for (size_t i = 0; i < COUNT_OF(evil); i++) {
        json_auto_t *report = golden_json("partial.json");
        poison(report, evil[i]);
        for (size_t form = 0; form < COUNT_OF(forms); form++) {
            AUTO_FREE char *text = forms[form].make(report);
            for (size_t k = 0; k < (form ? COUNT_OF(forbidden) : MARKUP_FROM); k++)
                cr_assert_null(strstr(text, forbidden[k]), "%s has '%s' of '%s'",
                               forms[form].suffix, forbidden[k], evil[i]);
        }
    }
}

/* What a reader of GitHub's Markdown makes of a text. */
struct seen {
    size_t tables, cells, items, headings, code_blocks, quotes, links, images, emphasis, html;
};

static int enter_block(MD_BLOCKTYPE type, void *detail UNUSED, void *context)
{
    struct seen *seen = context;

    seen->tables += type == MD_BLOCK_TABLE;
    seen->cells += type == MD_BLOCK_TD;
    seen->items += type == MD_BLOCK_LI;
    seen->headings += type == MD_BLOCK_H;
    seen->code_blocks += type == MD_BLOCK_CODE;
    seen->quotes += type == MD_BLOCK_QUOTE;
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail UNUSED, void *context)
{
    struct seen *seen = context;

    seen->links += type == MD_SPAN_A;
    seen->images += type == MD_SPAN_IMG;
    seen->emphasis += type == MD_SPAN_EM || type == MD_SPAN_STRONG || type == MD_SPAN_DEL;
    return 0;
}

static int leave_block(MD_BLOCKTYPE type UNUSED, void *detail UNUSED, void *context UNUSED)
{
    return 0;
}

static int leave_span(MD_SPANTYPE type UNUSED, void *detail UNUSED, void *context UNUSED)
{
    return 0;
}

static int see_text(MD_TEXTTYPE type, const MD_CHAR *text UNUSED, MD_SIZE size, void *context)
{
    struct seen *seen = context;

    if (type == MD_TEXT_HTML)
        seen->html += size;
    return 0;
}

static struct seen see(const char *markdown)
{
    const MD_PARSER parser = {.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
                              .enter_block = enter_block,
                              .leave_block = leave_block,
                              .enter_span = enter_span,
                              .leave_span = leave_span,
                              .text = see_text};
    struct seen seen = {0};

    cr_assert_eq(md_parse(markdown, (MD_SIZE)strlen(markdown), &parser, &seen), 0);
    return seen;
}

Test(render, foreign_text_is_only_text_to_a_reader_of_markdown)
{
    json_auto_t *plain = golden_json("partial.json");

    poison(plain, "word");
    AUTO_FREE char *expected = report_markdown(plain);
    const struct seen wanted = see(expected);
    cr_assert(wanted.tables > 3 && wanted.items > 10 && wanted.html > 0);
    for (size_t i = 0; i < COUNT_OF(evil); i++) {
        json_auto_t *report = golden_json("partial.json");
        poison(report, evil[i]);
        AUTO_FREE char *text = report_markdown(report);
        struct seen seen = see(text);
        cr_assert_eq(memcmp(&seen, &wanted, sizeof seen), 0, "'%s' changes the page:\n%s", evil[i],
                     text);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *p = text; (p = strstr(p, part)) != NULL; p++)
        n++;
    return n;
}

Test(render, foreign_text_does_not_change_the_structure)
{
    static const char *const marks[] = {"<tr>", "</table>",  "<details",     "</details>",
                                        "<li>", "<testcase", "</testsuite>", "<failure "};
    json_auto_t *plain = golden_json("partial.json"), *poisoned = golden_json("partial.json");

    poison(plain, "word");
    poison(poisoned, "<tr></table><details></details><li><testcase></testsuite><failure> | \n|");
    for (size_t form = 1; form < COUNT_OF(forms); form++) {
        AUTO_FREE char *a = forms[form].make(plain);
        AUTO_FREE char *b = forms[form].make(poisoned);
        for (size_t i = 0; i < COUNT_OF(marks); i++)
            cr_assert_eq(count_of(a, marks[i]), count_of(b, marks[i]), "%s: %s", forms[form].suffix,
                         marks[i]);
    }
    AUTO_FREE char *a = report_markdown(plain);
    AUTO_FREE char *b = report_markdown(poisoned);
    cr_assert_eq(count_of(a, "\n"), count_of(b, "\n"), "a line break got into Markdown");
    cr_assert_eq(count_of(a, "|"), count_of(b, "|") - count_of(b, "\\|"), "a bar did, too");
}

Test(render, html_needs_nothing_from_elsewhere)
{
    static const char *const references[] = {"src=",    "href=",   "url(",
                                             "@import", "<script", "<link"};
    json_auto_t *report = golden_json("partial.json");
    AUTO_FREE char *html = report_html(report);

    for (size_t i = 0; i < COUNT_OF(references); i++)
        cr_assert_null(strstr(html, references[i]), "%s", references[i]);
    cr_assert_eq(count_of(html, "<details"), count_of(html, "</details>"));
    cr_assert_eq(count_of(html, "<table"), count_of(html, "</table>"));
    cr_assert_not_null(strstr(html, "<svg"));
}

Test(render, junit_counts_what_it_lists)
{
    json_auto_t *report = golden_json("partial.json");
    AUTO_FREE char *xml = report_junit(report);
    AUTO_FREE char *counts = text_format(
        "tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", count_of(xml, "<testcase"),
        count_of(xml, "<failure"), count_of(xml, "<skipped"));

    const char *all = strstr(xml, "<testsuites");
    cr_assert_not_null(strstr(all, counts), "%s", counts);
    cr_assert_eq(count_of(xml, "<failure"), 1);
}

Test(render, shows_half_a_report)
{
    /* An old or an edited file may lack anything. */
    static const char *const texts[] = {
        "{}",
        "{\"orchestrators\":[{}]}",
        "{\"subtasks\":[{}],\"orchestrators\":[{\"waves\":[{}]}]}",
        "{\"orchestrators\":7,\"decision\":[],\"findings\":{},\"timing\":null}",
        "{\"orchestrators\":[{\"waves\":[{\"agents\":[{\"subtask\":99,\"attempts\":[{}]}]}]}]}",
        "{\"orchestrators\":[{\"depth\":-5},{\"depth\":9},{\"depth\":1},{\"depth\":7}]}",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO_FAULT f = {0};
        json_auto_t *report = NULL;
        cr_assert_eq(json_parse(texts[i], strlen(texts[i]), "case", &report, &f), 0);
        for (size_t form = 0; form < COUNT_OF(forms); form++) {
            AUTO_FREE char *text = forms[form].make(report);
            cr_assert_gt(strlen(text), 10);
            cr_assert_eq(count_of(text, "<details"), count_of(text, "</details>"));
        }
    }
}

Test(render, writes_three_files)
{
    static const char *const files[] = {"report.json", "report.md", "report.html"};
    json_auto_t *report = golden_json("partial.json"), *back = NULL;
    char dir[] = "/tmp/kelp-report-XXXXXX";
    AUTO_FAULT f = {0}, missing = {0};

    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(report_write(dir, report, &f), 0, "%s", f.message);
    AUTO_FREE char *json = os_path(dir, files[0]);
    cr_assert_eq(json_read_file(json, 1 << 24, &back, &f), 0);
    cr_assert(json_equal(back, report));
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_FREE char *path = os_path(dir, files[i]);
        cr_assert_eq(unlink(path), 0);
    }
    cr_assert_eq(rmdir(dir), 0, "nothing else is left there");
    cr_assert_eq(report_write(dir, report, &missing), -FAULT_SYSTEM);
}
