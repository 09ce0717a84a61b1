/* SPDX-License-Identifier: Apache-2.0 */
/* One page that needs nothing else: no scripts, no fonts, no pictures from anywhere. */
#include "report/report.h"

#include "report/html_priv.h"
#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum { SUBTASKS_MAX = 2000, DONE_MAX = 30 };

static const struct {
    const char *status, *class;
} classes[] = {
    {"done", "good"},      {"partial", "warn"}, {"unverified", "warn"}, {"blocked", "warn"},
    {"quota", "warn"},     {"failed", "bad"},   {"timeout", "bad"},     {"refused", "bad"},
    {"cancelled", "idle"}, {"skipped", "idle"},
};

const char *html_class(const char *status)
{
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (strcmp(classes[i].status, status) == 0)
            return classes[i].class;
    return "idle";
}

void html_status(struct text *t, const char *status)
{
    text_printf(t, "<span class=\"status %s\">", html_class(status));
    markup_add_line(t, words_status(status));
    text_add(t, "</span>");
}

void html_element(struct text *t, const char *tag, const char *content)
{
    text_printf(t, "<%s>", tag);
    markup_add_line(t, content);
    text_printf(t, "</%s>", tag);
}

void html_number_cell(struct text *t, const char *content)
{
    text_add(t, "<td class=\"number\">");
    markup_add_line(t, content);
    text_add(t, "</td>");
}

static const char *id_of(const json_t *report)
{
    return view_text(report, view_is_child(report) ? "report_of" : "run");
}

static void add_head(struct text *t, const json_t *report)
{
    text_add(t, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'\">\n<title>");
    markup_add_line(t, id_of(report));
    text_add(t, " ");
    markup_add_line(t, view_text(report, "task"));
    text_printf(t, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", html_style);
}

static void add_title(struct text *t, const json_t *report)
{
    const json_t *summary = json_object_get(report, "summary");
    char span[32];

    html_element(t, "h1", view_text(report, "task"));
    text_add(t, "<p>");
    html_status(t, view_text(report, "status"));
    text_add(t, " <span class=\"soft\">\u00b7 ");
    markup_add_line(t, id_of(report));
    text_add(t, " \u00b7 ");
    words_count(t, view_count(json_object_get(report, "agents"), "count"), "agent", "agents");
    words_span(view_span(report), span);
    if (span[0])
        text_printf(t, " \u00b7 %s", span);
    text_add(t, "</span></p>\n<p>");
    markup_add_line(t, view_text(summary, "headline"));
    text_add_char(t, ' ');
    markup_add_line(t, view_text(summary, "result"));
    text_add(t, "</p>\n");
}

static void add_not_done(struct text *t, const struct view_subtask *list, size_t count,
                         const char *title)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        const struct view_subtask *s = &list[i];
        if (s->delivered)
            continue;
        if (shown++ == 0)
            text_printf(t, "<div class=\"panel\"><h2>%s</h2><ul>\n", title);
        text_add(t, "<li>");
        markup_add_line(t, s->title);
        text_add(t, " <span class=\"soft\">");
        markup_add_line(t, s->exec_id);
        text_add(t, "</span>: ");
        html_status(t, s->status);
        if (s->reason[0]) {
            text_add(t, "; ");
            markup_add_line(t, s->reason);
        }
        text_add(t, s->undo ? "; " : "");
        words_undone(t, s->undo, s->undone);
        text_add(t, "</li>\n");
    }
    if (shown)
        text_add(t, "</ul></div>\n");
}

static void add_done(struct text *t, const struct view_subtask *list, size_t count)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        const struct view_subtask *s = &list[i];
        if (!s->delivered || !s->says[0] || shown++ >= DONE_MAX)
            continue;
        if (shown == 1)
            text_add(t, "<div class=\"panel\"><h2>Done, as the agents tell it</h2><ul>\n");
        text_add(t, "<li>");
        markup_add_line(t, s->title);
        text_add(t, " <span class=\"soft\">");
        markup_add_line(t, s->exec_id);
        text_add(t, "</span>: ");
        markup_add_line(t, s->says);
        text_add(t, "</li>\n");
    }
    if (shown)
        text_add(t, "</ul></div>\n");
}

static void add_steps(struct text *t, const json_t *report, bool of_kelp, const char *title)
{
    const json_t *step;
    size_t i, shown = 0;

    json_array_foreach (view_array(report, "follow_up"), i, step) {
        const char *from = view_text(step, "from"), *command = view_text(step, "command");
        if ((strcmp(from, "kelp") == 0) != of_kelp)
            continue;
        if (shown++ == 0)
            text_printf(t, "<div class=\"panel\"><h2>%s</h2><ul>\n", title);
        text_add(t, "<li>");
        markup_add_line(t, view_text(step, "text"));
        if (command[0]) {
            text_add(t, ": ");
            html_element(t, "code", command);
        }
        if (!of_kelp) {
            text_add(t, " <span class=\"soft\">");
            markup_add_line(t, from);
            text_add(t, "</span>");
        }
        text_add(t, "</li>\n");
    }
    if (shown)
        text_add(t, "</ul></div>\n");
}

static void add_subtask(struct text *t, const struct view_subtask *s)
{
    AUTO_TEXT changes = {0};
    char span[32];

    words_changes(&changes, s->commits, s->files, s->insertions, s->deletions);
    if (changes.length && !s->delivered)
        text_add(&changes, ", not merged");
    words_span(s->started_ms && s->ended_ms ? s->ended_ms - s->started_ms : -1, span);
    text_add(t, "<tr><td class=\"name\">");
    markup_add_line(t, s->exec_id);
    text_add(t, "</td>");
    html_element(t, "td", s->title);
    text_add(t, "<td>");
    html_status(t, s->status);
    if (!s->delivered && strcmp(s->status, "done") == 0)
        text_add(t, ", left out");
    text_printf(t, "</td><td class=\"number\">%zu of %zu</td><td class=\"number\">", s->agents_done,
                s->agents);
    if (s->checks)
        text_printf(t, "%zu of %zu", s->passed, s->checks);
    text_add(t, "</td>");
    text_add(t, "<td class=\"name\">");
    markup_add_line(t, text_get(&changes));
    text_add(t, "</td>");
    html_number_cell(t, span);
    text_add(t, "</tr>\n");
}

static void add_subtasks(struct text *t, const struct view_subtask *list, size_t count)
{
    if (!count)
        return;
    text_add(t, "<h2>Subtasks</h2>\n<div class=\"scroll\"><table><tr><th>ID</th><th>Subtask</th>"
                "<th>Status</th><th class=\"number\">Agents done</th>"
                "<th class=\"number\">Checks passed</th><th>Changes</th>"
                "<th class=\"number\">Time</th></tr>\n");
    for (size_t i = 0; i < count && i < SUBTASKS_MAX; i++)
        add_subtask(t, &list[i]);
    text_add(t, "</table></div>\n");
    if (count > SUBTASKS_MAX)
        text_printf(t, "<p class=\"soft\">%zu more subtasks are in report.json.</p>\n",
                    count - SUBTASKS_MAX);
}

char *report_html(const json_t *report)
{
    struct text t = {0};
    size_t count;
    AUTO_FREE struct view_subtask *list = view_subtasks(report, &count);

    add_head(&t, report);
    add_title(&t, report);
    add_done(&t, list, count);
    add_not_done(&t, list, count, view_has_ended(report) ? "Not done" : "Not done yet");
    add_steps(&t, report, true, "What to do next");
    add_steps(&t, report, false, "What agents suggest");
    if (!view_is_child(report))
        add_subtasks(&t, list, count);
    html_timeline(&t, report);
    html_findings(&t, report);
    html_orchestrators(&t, report);
    html_tables(&t, report);
    text_add(&t, "</body>\n</html>\n");
    return text_take(&t);
}
