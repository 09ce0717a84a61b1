/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_priv.h"

#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>

enum { FINDINGS_MAX = 1000 };

static void add_finding(struct text *t, const json_t *finding)
{
    static const char *const colours[] = {"bad", "warn", "", "soft", ""};
    int64_t line = view_count(finding, "line");

    text_printf(t, "<tr><td class=\"name %s\">", colours[view_severity(finding)]);
    markup_add_line(t, view_text(finding, "severity"));
    text_add(t, "</td><td>");
    if (view_text(finding, "file")[0]) {
        text_add(t, "<code>");
        markup_add_line(t, view_text(finding, "file"));
        if (line > 0)
            text_printf(t, ":%" PRId64, line);
        text_add(t, "</code>");
    }
    text_add(t, "</td>");
    html_element(t, "td", view_text(finding, "title"));
    html_element(t, "td", view_text(finding, "reason"));
    text_add(t, "<td class=\"soft name\">");
    markup_add_line(t, view_text(finding, "exec_id"));
    text_add(t, "</td></tr>\n");
}

void html_findings(struct text *t, const json_t *report)
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

    size_t zeros = 0;

    if (!json_object_size(metrics))
        return;
    text_add(t, "<h2>Numbers that agents report</h2>\n<table class=\"narrow\">\n");
    json_object_foreach (metrics, name, value) {
        AUTO_TEXT number = {0};
        if (words_is_zero(value)) {
            zeros++;
            continue;
        }
        words_number(&number, value);
        text_add(t, "<tr>");
        html_element(t, "td", name);
        html_number_cell(t, text_get(&number));
        text_add(t, "</tr>\n");
    }
    text_add(t, "</table>\n");
    if (zeros)
        text_printf(t, "<p class=\"soft\">%zu more are 0.</p>\n", zeros);
}

static void add_decision(struct text *t, const json_t *report)
{
    const json_t *decision = json_object_get(report, "decision"), *c;
    size_t i;

    if (!json_is_object(decision))
        return;
    text_add(t, "<h2>Decision</h2>\n<p>Pattern <b>");
    markup_add_line(t, view_text(decision, "pattern"));
    text_printf(t, "</b>%s: ", json_get_bool(decision, "forced", false) ? " (asked for)" : "");
    markup_add_line(t, view_text(decision, "rationale"));
    text_add(t, ".</p>\n<table><tr><th>Criterion</th><th>Holds</th><th>Why</th></tr>\n");
    json_array_foreach (view_array(decision, "criteria"), i, c) {
        bool holds = json_get_bool(c, "holds", false);
        text_add(t, "<tr>");
        html_element(t, "td", view_text(c, "name"));
        text_printf(t, "<td class=\"%s\">%s</td>", holds ? "good" : "warn", holds ? "yes" : "no");
        html_element(t, "td", view_text(c, "why"));
        text_add(t, "</tr>\n");
    }
    text_add(t, "</table>\n<p class=\"soft\">");
    words_estimate(t, report);
    text_add(t, "</p>\n");
}

static void add_timing(struct text *t, const json_t *report)
{
    struct words_time times[WORDS_TIMES_MAX];
    size_t count = words_times(report, times);
    AUTO_TEXT barrier = {0};

    text_add(t, "<h2>Time</h2>\n<table class=\"narrow\"><tr><th>Measured</th><th></th></tr>\n");
    for (size_t i = 0; i < count; i++)
        text_printf(t, "<tr><td>%s</td><td class=\"number\">%s</td></tr>\n", times[i].what,
                    times[i].value);
    text_add(t, "</table>\n");
    words_barrier(&barrier, report);
    if (barrier.length)
        text_printf(t, "<p class=\"soft\">%s</p>\n", barrier.data);
}

static void add_used(struct text *t, const json_t *report)
{
    const json_t *planner = json_object_get(report, "planner");
    AUTO_TEXT sessions = {0}, tries = {0};

    if (view_count(report, "tokens")) {
        text_add(t, "<p>In all: ");
        words_spent(t, report);
        text_add(t, ".</p>\n");
    }
    words_sessions(&sessions, json_object_get(json_object_get(report, "agents"), "sessions"));
    if (sessions.length)
        text_printf(t, "<p>Sessions: %s.</p>\n", sessions.data);
    if (json_is_object(planner)) {
        text_add(t, "<p>Planned by ");
        markup_add_line(t,
                        view_text(planner, "gave_up")[0] ? "kelp" : view_text(planner, "driver"));
        text_add(t, ": ");
        words_attempts(&tries, planner);
        markup_add_line(t, text_get(&tries));
        text_add(t, "; ");
        words_spent(t, planner);
        text_add(t, ".</p>\n");
    }
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
    json_array_foreach (view_array(report, "drivers"), i, d) {
        char cpu[32];
        words_span(view_seconds_ms(d, "cpu_s"), cpu);
        text_add(t, "<tr>");
        html_element(t, "td", view_text(d, "driver"));
        text_printf(t,
                    "<td class=\"number\">%" PRId64 "</td><td class=\"number\">%" PRId64
                    "</td><td class=\"number\">%s</td><td class=\"number\">",
                    view_count(d, "agents"), view_count(d, "attempts"), cpu);
        words_tokens(t, d);
        text_add(t, "</td><td class=\"number\">");
        words_cost(t, d);
        text_add(t, "</td></tr>\n");
    }
    text_add(t, "</table>\n");
    add_used(t, report);
}

static void add_git(struct text *t, const json_t *report)
{
    static const struct {
        const char *key, *what;
    } rows[] = {{"base", "Base"},     {"branch", "Branch of the result"},
                {"head", "Head now"}, {"landed_on", "Landed on"},
                {"remote", "Remote"}, {"backup", "Backup of the working tree at the start"}};
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

void html_tables(struct text *t, const json_t *report)
{
    add_metrics(t, report);
    add_decision(t, report);
    add_timing(t, report);
    add_drivers(t, report);
    add_git(t, report);
}
