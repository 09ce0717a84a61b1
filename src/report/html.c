/* SPDX-License-Identifier: Apache-2.0 */
/* One page that needs nothing else: no scripts, no fonts, no pictures from anywhere. */
#include "report/report.h"

#include "report/html_priv.h"
#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum { FINDINGS_MAX = 1000, SUBTASKS_MAX = 2000 };

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
    words_count(t, json_get_int(json_object_get(report, "agents"), "count", 0), "agent", "agents");
    words_span(view_span(report), span);
    if (span[0])
        text_printf(t, " \u00b7 %s", span);
    text_add(t, "</span></p>\n<p>");
    markup_add_line(t, view_text(summary, "headline"));
    text_add_char(t, ' ');
    markup_add_line(t, view_text(summary, "result"));
    text_add(t, "</p>\n");
}

static void add_not_done(struct text *t, const struct view_subtask *list, size_t count)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        const struct view_subtask *s = &list[i];
        if (s->delivered)
            continue;
        if (shown++ == 0)
            text_add(t, "<div class=\"panel\"><h2>Not done</h2><ul>\n");
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
        text_add(t, "</li>\n");
    }
    if (shown)
        text_add(t, "</ul></div>\n");
}

static void add_steps(struct text *t, const json_t *report, bool of_kelp, const char *title)
{
    const json_t *step;
    size_t i, shown = 0;

    json_array_foreach(view_array(report, "follow_up"), i, step) {
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
    text_printf(t, "</td><td class=\"number\">%zu of %zu</td><td class=\"number\">",
                s->agents_done, s->agents);
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

static void add_finding(struct text *t, const json_t *finding)
{
    static const char *const colours[] = {"bad", "warn", "", "soft", ""};
    int64_t line = json_get_int(finding, "line", 0);

    text_printf(t, "<tr><td class=\"name %s\">", colours[view_severity(finding)]);
    markup_add_line(t, view_text(finding, "severity"));
    text_add(t, "</td><td><code>");
    markup_add_line(t, view_text(finding, "file"));
    if (line > 0)
        text_printf(t, ":%" PRId64, line);
    text_add(t, "</code></td>");
    html_element(t, "td", view_text(finding, "title"));
    html_element(t, "td", view_text(finding, "reason"));
    text_add(t, "<td class=\"soft\">");
    markup_add_line(t, view_text(finding, "exec_id"));
    text_add(t, "</td></tr>\n");
}

static void add_findings(struct text *t, const json_t *report)
{
    size_t count;
    AUTO_FREE const json_t **list = view_findings(report, &count);

    if (!count)
        return;
    text_add(t, "<h2>What agents found</h2>\n<p class=\"soft\">");
    words_count(t, (int64_t)count, "finding", "findings");
    text_add(t, ", the most severe first. These are claims of the agents.</p>\n"
                "<div class=\"scroll\"><table><tr><th>Severity</th><th>Where</th><th>Finding</th>"
                "<th>Why</th><th>From</th></tr>\n");
    for (size_t i = 0; i < count && i < FINDINGS_MAX; i++)
        add_finding(t, list[i]);
    text_add(t, "</table></div>\n");
    if (count > FINDINGS_MAX)
        text_printf(t, "<p class=\"soft\">%zu more findings are in report.json.</p>\n",
                    count - FINDINGS_MAX);
}

static void add_metrics(struct text *t, const json_t *report)
{
    json_t *metrics = json_object_get(report, "metrics"), *value;
    const char *name;

    if (!json_object_size(metrics))
        return;
    text_add(t, "<h2>Numbers that agents report</h2>\n<table class=\"narrow\">\n");
    json_object_foreach(metrics, name, value) {
        AUTO_TEXT number = {0};
        words_number(&number, value);
        text_add(t, "<tr>");
        html_element(t, "td", name);
        html_number_cell(t, text_get(&number));
        text_add(t, "</tr>\n");
    }
    text_add(t, "</table>\n");
}

static void add_decision(struct text *t, const json_t *report)
{
    const json_t *decision = json_object_get(report, "decision"), *c;
    const json_t *estimate = json_object_get(decision, "estimate");
    size_t i;

    if (!json_is_object(decision))
        return;
    text_add(t, "<h2>Decision</h2>\n<p>Pattern <b>");
    markup_add_line(t, view_text(decision, "pattern"));
    text_printf(t, "</b>%s: ", json_get_bool(decision, "forced", false) ? " (asked for)" : "");
    markup_add_line(t, view_text(decision, "rationale"));
    text_add(t, ".</p>\n<table><tr><th>Criterion</th><th>Holds</th><th>Why</th></tr>\n");
    json_array_foreach(view_array(decision, "criteria"), i, c) {
        bool holds = json_get_bool(c, "holds", false);
        text_add(t, "<tr>");
        html_element(t, "td", view_text(c, "name"));
        text_printf(t, "<td class=\"%s\">%s</td>", holds ? "good" : "warn", holds ? "yes" : "no");
        html_element(t, "td", view_text(c, "why"));
        text_add(t, "</tr>\n");
    }
    text_printf(t,
                "</table>\n<p class=\"soft\">Estimated before the run: %.10g min one agent after "
                "the other, %.10g min in waves, %.10g min as children (%.10gx).</p>\n",
                json_get_number(estimate, "sequential_minutes", 0),
                json_get_number(estimate, "waves_minutes", 0),
                json_get_number(estimate, "meta_minutes", 0),
                json_get_number(estimate, "speedup", 0));
}

static void add_seconds(struct text *t, const json_t *timing, const char *key, const char *what)
{
    char span[32];

    if (!json_is_number(json_object_get(timing, key)))
        return;
    words_span((int64_t)(json_get_number(timing, key, 0) * 1000 + 0.5), span);
    text_printf(t, "<tr><td>%s</td><td class=\"number\">%s</td></tr>\n", what, span);
}

static void add_timing(struct text *t, const json_t *report)
{
    const json_t *timing = json_object_get(report, "timing");
    double factor = json_get_number(json_object_get(report, "replay"), "barrier_factor", 1);

    text_add(t, "<h2>Time</h2>\n<table class=\"narrow\"><tr><th>Measured</th><th></th></tr>\n");
    add_seconds(t, timing, "makespan_s", "From start to end");
    add_seconds(t, timing, "busy_s", "In all attempts");
    add_seconds(t, timing, "sequential_s", "The same agents one after the other");
    add_seconds(t, timing, "critical_path_s", "Longest chain of agents that need each other");
    add_seconds(t, timing, "overhead_s",
                "In which no agent ran (kelp, git, checks, waiting for you)");
    if (json_is_number(json_object_get(timing, "speedup")))
        text_printf(t,
                    "<tr><td>Speedup</td><td class=\"number\">%.2fx</td></tr>\n"
                    "<tr><td>Efficiency</td><td class=\"number\">%.0f %%</td></tr>\n",
                    json_get_number(timing, "speedup", 0),
                    json_get_number(timing, "efficiency", 0) * 100);
    text_add(t, "</table>\n");
    if (factor > 1.005)
        text_printf(t,
                    "<p class=\"soft\">Replayed with these durations, a barrier after each wave "
                    "takes %.2f times as long as starting each step when what it needs is "
                    "there.</p>\n",
                    factor);
}

static void add_drivers(struct text *t, const json_t *report)
{
    const json_t *d;
    size_t i;

    if (!json_array_size(view_array(report, "drivers")))
        return;
    text_add(t, "<h2>Agents</h2>\n<table class=\"narrow\"><tr><th>Driver</th>"
                "<th class=\"number\">Agents</th>"
                "<th class=\"number\">Attempts</th><th class=\"number\">CPU time</th>"
                "<th class=\"number\">Tokens</th><th class=\"number\">Cost</th></tr>\n");
    json_array_foreach(view_array(report, "drivers"), i, d) {
        const json_t *cost = json_object_get(d, "cost_usd");
        char cpu[32];
        words_span((int64_t)(json_get_number(d, "cpu_s", 0) * 1000 + 0.5), cpu);
        text_add(t, "<tr>");
        html_element(t, "td", view_text(d, "driver"));
        text_printf(t,
                    "<td class=\"number\">%" PRId64 "</td><td class=\"number\">%" PRId64
                    "</td><td class=\"number\">%s</td><td class=\"number\">%" PRId64
                    "</td><td class=\"number\">",
                    json_get_int(d, "agents", 0), json_get_int(d, "attempts", 0), cpu,
                    json_get_int(d, "tokens", 0));
        if (json_is_number(cost))
            text_printf(t, "%.4g USD", json_number_value(cost));
        else
            text_add(t, "unknown");
        text_add(t, "</td></tr>\n");
    }
    text_add(t, "</table>\n");
}

static void add_git(struct text *t, const json_t *report)
{
    static const struct {
        const char *key, *what;
    } rows[] = {{"base", "Base"},
                {"branch", "Branch of the result"},
                {"head", "Head now"},
                {"landed_on", "Landed on"},
                {"remote", "Remote"},
                {"backup", "Backup of the working tree at the start"}};
    const json_t *git = json_object_get(report, "git");

    if (!view_text(git, "base")[0])
        return;
    text_add(t, "<h2>Git</h2>\n<table class=\"narrow\">\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!view_text(git, rows[i].key)[0])
            continue;
        text_printf(t, "<tr><td>%s</td><td>", rows[i].what);
        html_element(t, "code", view_text(git, rows[i].key));
        text_add(t, "</td></tr>\n");
    }
    text_add(t, "</table>\n");
    if (json_get_bool(git, "dirty", false))
        text_add(t, "<p>There were uncommitted changes at the start; they are in the "
                    "backup.</p>\n");
}

char *report_html(const json_t *report)
{
    struct text t = {0};
    size_t count;
    AUTO_FREE struct view_subtask *list = view_subtasks(report, &count);

    add_head(&t, report);
    add_title(&t, report);
    add_not_done(&t, list, count);
    add_steps(&t, report, true, "What to do next");
    add_steps(&t, report, false, "What agents suggest");
    if (!view_is_child(report))
        add_subtasks(&t, list, count);
    html_timeline(&t, report);
    add_findings(&t, report);
    html_orchestrators(&t, report);
    add_metrics(&t, report);
    add_decision(&t, report);
    add_timing(&t, report);
    add_drivers(&t, report);
    add_git(&t, report);
    text_add(&t, "</body>\n</html>\n");
    return text_take(&t);
}
