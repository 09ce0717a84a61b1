/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the agents ran: under each orchestrator a row for each instance of its pool, in it a bar for
 * each attempt. Of a large run only the orchestrators are drawn.
 */
#include "report/html_priv.h"

#include "base/clock.h"
#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum {
    WIDTH = 1000,
    LABEL = 250, /* room for the names at the left */
    ROW = 17,
    BAR = 11,
    TOP = 22,
    TICKS = 5,
    ROWS_MAX = 160,
    ORCHS_MAX = 400,
    TITLE_MAX = 26,
};

struct drawing {
    struct text *out;
    int64_t start, end;
    int y;
    bool instances; /* rows for them, too */
};

static void widen(struct drawing *d, const json_t *object)
{
    int64_t started = view_count(object, "started_ms");
    int64_t ended = view_count(object, "ended_ms");

    if (started && (!d->start || started < d->start))
        d->start = started;
    if (ended > d->end)
        d->end = ended;
    if (started > d->end)
        d->end = started;
}

/* Calls for each agent of an orchestrator. */
typedef void each_agent(void *context, const json_t *agent);

static void for_agents(const json_t *orch, each_agent *each, void *context)
{
    const json_t *wave, *agent;
    size_t i, k;

    json_array_foreach (view_array(orch, "waves"), i, wave)
        json_array_foreach (view_array(wave, "agents"), k, agent)
            each(context, agent);
}

static void widen_agent(void *context, const json_t *agent)
{
    const json_t *attempt;
    size_t i;

    json_array_foreach (view_array(agent, "attempts"), i, attempt)
        widen(context, attempt);
}

static double at(const struct drawing *d, int64_t ms)
{
    double share = (double)(ms - d->start) / (double)(d->end - d->start);

    return LABEL + share * (WIDTH - LABEL - 10);
}

static void add_bar(struct drawing *d, const json_t *object, const char *class, int height,
                    const char *title)
{
    int64_t started = view_count(object, "started_ms");
    int64_t ended = view_count(object, "ended_ms");
    double width;

    if (!started)
        return;
    width = at(d, ended > started ? ended : started) - at(d, started);
    text_printf(d->out,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\">"
                "<title>",
                class, at(d, started), d->y + (ROW - height) / 2, width < 1.5 ? 1.5 : width,
                height);
    markup_add_line(d->out, title);
    text_add(d->out, "</title></rect>\n");
}

static void add_label(struct drawing *d, int x, const char *class, const char *label)
{
    text_printf(d->out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, d->y + ROW - 5);
    markup_add_line(d->out, label);
    text_add(d->out, "</text>\n");
}

static void add_attempts(struct drawing *d, const json_t *agent)
{
    const json_t *attempts = view_array(agent, "attempts"), *attempt;
    size_t count = json_array_size(attempts), i;

    json_array_foreach (attempts, i, attempt) {
        const char *error = view_text(attempt, "error");
        const char *status = i + 1 == count ? view_status(agent) : "failed";
        char span[32];
        words_span(view_span(attempt), span);
        AUTO_FREE char *title = text_format(
            "%s %s, attempt %zu: %s%s%s", view_text(agent, "instance"), view_text(agent, "role"),
            i + 1, error[0] ? error : words_status(status), span[0] ? ", " : "", span);
        add_bar(d, attempt, html_class(status), BAR, title);
    }
}

/* The instances that an orchestrator used, in the order of their first use, with their agents. */
static json_t *by_instance(const json_t *orch)
{
    json_t *rows = json_object();
    const json_t *wave, *agent;
    size_t i, k;

    json_array_foreach (view_array(orch, "waves"), i, wave) {
        json_array_foreach (view_array(wave, "agents"), k, agent) {
            const char *name = view_text(agent, "instance");
            if (!json_array_size(view_array(agent, "attempts")))
                continue;
            if (!json_object_get(rows, name))
                json_object_set_new(rows, name, json_array());
            json_array_append_new(json_object_get(rows, name), json_share(agent));
        }
    }
    return rows;
}

static void add_instances(struct drawing *d, const json_t *orch)
{
    json_auto_t *rows = by_instance(orch);
    json_t *agents, *agent;
    const char *name;
    size_t i;

    json_object_foreach (rows, name, agents) {
        add_label(d, 24, "soft", name);
        json_array_foreach (agents, i, agent)
            add_attempts(d, agent);
        d->y += ROW;
    }
}

static void add_orch(struct drawing *d, const json_t *orch)
{
    const char *title = view_text(orch, "title"), *status = view_status(orch);
    size_t fits = text_utf8_valid(title, strlen(title) < TITLE_MAX ? strlen(title) : TITLE_MAX);
    AUTO_FREE char *label = text_format("%s %.*s%s", view_text(orch, "exec_id"), (int)fits, title,
                                        title[fits] ? "\u2026" : "");
    char span[32];

    words_span(view_span(orch), span);
    AUTO_FREE char *full = text_format("%s %s: %s%s%s", view_text(orch, "exec_id"), title,
                                       words_status(status), span[0] ? ", " : "", span);
    add_label(d, 8, "", label);
    add_bar(d, orch, d->instances ? "span" : html_class(status), d->instances ? 5 : BAR, full);
    d->y += ROW;
    if (d->instances)
        add_instances(d, orch);
}

static void add_ticks(struct drawing *d, int height)
{
    for (int i = 0; i <= TICKS; i++) {
        int64_t ms = (d->end - d->start) * i / TICKS;
        double x = at(d, d->start + ms);
        char span[32];
        words_span(ms, span);
        text_printf(d->out,
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                    "<text class=\"soft\" x=\"%.1f\" y=\"13\" text-anchor=\"%s\">%s</text>\n",
                    x, x, TOP - 4, height, x,
                    i == 0       ? "start"
                    : i == TICKS ? "end"
                                 : "middle",
                    span);
    }
}

static bool is_shown(const json_t *orch)
{
    return strcmp(view_text(orch, "kind"), "cleanup") != 0 && view_count(orch, "started_ms");
}

static size_t rows_of(const json_t *orch)
{
    json_auto_t *rows = by_instance(orch);

    return 1 + json_object_size(rows);
}

void html_timeline(struct text *t, const json_t *report)
{
    const json_t *orchs = view_array(report, "orchestrators"), *orch;
    struct drawing d = {.out = t, .y = TOP};
    size_t rows = 0, shown = 0, i;

    json_array_foreach (orchs, i, orch) {
        if (!is_shown(orch))
            continue;
        shown++;
        rows += rows_of(orch);
        widen(&d, orch);
        for_agents(orch, widen_agent, &d);
    }
    if (!shown || d.end <= d.start)
        return;
    d.instances = rows <= ROWS_MAX;
    size_t drawn = d.instances ? rows : shown < ORCHS_MAX ? shown : ORCHS_MAX;
    int height = TOP + (int)drawn * ROW + 4;
    text_printf(t,
                "<h2>Timeline</h2>\n<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
                "aria-label=\"When the agents ran\">\n",
                WIDTH, height);
    add_ticks(&d, height);
    shown = 0;
    json_array_foreach (orchs, i, orch)
        if (is_shown(orch) && shown++ < ORCHS_MAX)
            add_orch(&d, orch);
    text_add(t, "</svg></div>\n");
}
