/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_priv.h"

#include "report/markup.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum { AGENTS_MAX = 500, PATHS_MAX = 30 };

static void add_paths(struct text *t, const json_t *object, const char *key, const char *what)
{
    const json_t *paths = view_array(object, key), *path;
    size_t count = json_array_size(paths), i;

    if (!count)
        return;
    text_printf(t, "<br>%s:", what);
    json_array_foreach (paths, i, path) {
        if (i >= PATHS_MAX)
            break;
        text_add_char(t, ' ');
        html_element(t, "code", view_string(path));
    }
    if (count > PATHS_MAX)
        text_printf(t, " and %zu more", count - PATHS_MAX);
}

static void add_items(struct text *t, const json_t *agent)
{
    const json_t *items = view_array(agent, "items"), *item;
    int64_t count = view_count(agent, "item_count");
    size_t i;

    json_array_foreach (items, i, item) {
        text_add(t, i ? " " : "<br>");
        html_element(t, "code", view_string(item));
    }
    if (count > (int64_t)json_array_size(items))
        text_printf(t, " and %" PRId64 " more", count - (int64_t)json_array_size(items));
}

/* The first cell of what was observed, the second of what the agent says. */
static void add_facts(struct text *t, const json_t *agent)
{
    const json_t *git = json_object_get(agent, "git");
    AUTO_TEXT changes = {0}, trouble = {0};

    words_git(&changes, git);
    words_trouble(&trouble, agent);
    text_add(t, "<td>");
    markup_add_line(t, text_get(&changes));
    if (trouble.length) {
        text_add(t, changes.length ? "<br>" : "");
        markup_add_line(t, trouble.data);
    }
    add_paths(t, git, "out_of_scope", "outside of its <code>writes</code>");
    add_paths(t, git, "conflicts", "in conflict");
    text_add(t, "</td>");
}

static void add_said(struct text *t, const json_t *agent)
{
    text_add(t, "<td>");
    markup_add_line(t, view_text(agent, "summary"));
    text_add(t, "</td>");
}

static void add_agent(struct text *t, const json_t *agent)
{
    size_t attempts = json_array_size(view_array(agent, "attempts"));
    AUTO_TEXT tries = {0};
    char span[32];

    words_span(view_seconds_ms(agent, "busy_s"), span);
    text_add(t, "<tr><td class=\"name\">");
    markup_add_line(t, view_text(agent, "instance"));
    text_add(t, "</td><td>");
    markup_add_line(t, view_text(agent, "role"));
    add_items(t, agent);
    text_add(t, "</td><td>");
    html_status(t, view_status(agent));
    text_printf(t, "</td><td class=\"number\">%s%s", attempts ? span : "",
                attempts > 1 ? "<br>" : "");
    if (attempts > 1) {
        words_attempts(&tries, agent);
        markup_add_line(t, text_get(&tries));
    }
    text_add(t, "</td>");
    add_facts(t, agent);
    add_said(t, agent);
    text_add(t, "</tr>\n");
}

static void add_wave(struct text *t, const json_t *wave)
{
    const json_t *agents = view_array(wave, "agents"), *agent;
    size_t count = json_array_size(agents), i;

    text_printf(t, "<tr><td colspan=\"6\" class=\"wave\">Wave %" PRId64, view_count(wave, "index"));
    text_add(t, view_text(wave, "title")[0] ? ": " : "");
    markup_add_line(t, view_text(wave, "title"));
    text_add(t, "</td></tr>\n");
    json_array_foreach (agents, i, agent)
        if (i < AGENTS_MAX)
            add_agent(t, agent);
    if (count > AGENTS_MAX)
        text_printf(t,
                    "<tr><td colspan=\"6\" class=\"soft\">%zu more agents are in "
                    "report.json.</td></tr>\n",
                    count - AGENTS_MAX);
}

static void add_waves(struct text *t, const json_t *orch)
{
    const json_t *waves = view_array(orch, "waves"), *wave;
    size_t i;

    if (!json_array_size(waves))
        return;
    text_add(t, "<div class=\"scroll\"><table><tr><th></th><th>Agent</th><th>Status</th>"
                "<th class=\"number\">Time</th><th>Observed</th><th>It says</th></tr>\n");
    json_array_foreach (waves, i, wave)
        add_wave(t, wave);
    text_add(t, "</table></div>\n");
}

static void add_checks(struct text *t, const json_t *orch, const char *key, const char *title)
{
    const json_t *check;
    size_t i;

    json_array_foreach (view_array(orch, key), i, check) {
        AUTO_TEXT how = {0};
        bool passed = json_get_bool(check, "passed", false);
        words_check(&how, check);
        if (i == 0)
            text_printf(t, "<p>%s</p>\n<ul>\n", title);
        text_add(t, "<li>");
        html_element(t, "code", view_text(check, "run"));
        text_printf(t, " <span class=\"%s\">%s</span>%s</li>\n", passed ? "good" : "bad",
                    text_get(&how),
                    json_get_bool(check, "final", false) ? " on the merged result" : "");
    }
    if (json_array_size(view_array(orch, key)))
        text_add(t, "</ul>\n");
}

static void add_measures(struct text *t, const json_t *orch)
{
    const json_t *measures = json_object_get(orch, "measures");
    json_t *before = json_object_get(measures, "before"), *value;
    const json_t *after = json_object_get(measures, "after");
    const char *name;

    if (!json_object_size(before))
        return;
    text_add(t, "<table class=\"narrow\"><tr><th>Measured</th><th class=\"number\">Before</th>"
                "<th class=\"number\">After</th></tr>\n");
    json_object_foreach (before, name, value) {
        AUTO_TEXT was = {0}, is = {0};
        words_number(&was, value);
        words_number(&is, json_object_get(after, name));
        text_add(t, "<tr>");
        html_element(t, "td", name);
        html_number_cell(t, text_get(&was));
        html_number_cell(t, text_get(&is));
        text_add(t, "</tr>\n");
    }
    text_add(t, "</table>\n");
}

static void add_branch(struct text *t, const json_t *orch)
{
    const json_t *git = json_object_get(orch, "git");

    if (!view_text(git, "branch")[0] || strcmp(view_text(orch, "kind"), "child") != 0)
        return;
    text_add(t, "<p>Branch ");
    html_element(t, "code", view_text(git, "branch"));
    text_printf(t, " %s", json_get_bool(git, "merged", false) ? "merged" : "not merged");
    add_paths(t, git, "conflicts", "in conflict");
    text_add(t, "</p>\n");
}

static void add_summary(struct text *t, const json_t *orch)
{
    const json_t *git = json_object_get(orch, "git");
    AUTO_TEXT changes = {0};
    char span[32];

    words_git(&changes, git);
    words_span(view_span(orch), span);
    text_add(t, "<summary>");
    html_status(t, view_status(orch));
    text_add(t, " <b>");
    markup_add_line(t, view_text(orch, "exec_id"));
    text_add(t, "</b> ");
    markup_add_line(t, view_text(orch, "title"));
    text_add(t, " <span class=\"soft\">");
    text_printf(t, "depth %" PRId64 " / 2", view_count(orch, "depth"));
    if (changes.length)
        text_printf(t, " \u00b7 %s", changes.data);
    if (span[0])
        text_printf(t, " \u00b7 %s", span);
    text_add(t, "</span></summary>\n<div class=\"inside\">\n");
}

static void add_instances(struct text *t, const json_t *orch)
{
    const json_t *list = view_array(orch, "instances"), *instance;
    size_t i;

    json_array_foreach (list, i, instance) {
        AUTO_TEXT words = {0};
        words_instance(&words, instance);
        text_add(t, i ? "<li><b>" : "<ul>\n<li><b>");
        markup_add_line(t, view_text(instance, "instance"));
        text_add(t, "</b> ");
        markup_add_line(t, view_text(instance, "role"));
        text_add(t, ": ");
        markup_add_line(t, text_get(&words));
        text_add(t, "</li>\n");
    }
    if (json_array_size(list))
        text_add(t, "</ul>\n");
    if (!view_count(orch, "tokens"))
        return;
    text_add(t, "<p>Used: ");
    words_spent(t, orch);
    text_add(t, "</p>\n");
}

static void add_orch(struct text *t, const json_t *orch, bool open)
{
    text_printf(t, "<details%s>", open ? " open" : "");
    add_summary(t, orch);
    if (view_text(orch, "reason")[0])
        html_element(t, "p", view_text(orch, "reason"));
    add_waves(t, orch);
    add_instances(t, orch);
    add_checks(t, orch, "checks", "Checks");
    add_checks(t, orch, "on_failure", "On failure");
    add_checks(t, orch, "commands", "Commands");
    add_measures(t, orch);
    add_branch(t, orch);
    text_add(t, "</div>\n");
}

/* Orchestrators come parent first, so closing those that are as deep makes the tree. */
void html_orchestrators(struct text *t, const json_t *report)
{
    const json_t *orch;
    int64_t deepest[4] = {0};
    size_t open = 0, i;

    text_add(t, "<h2>Orchestrators</h2>\n");
    json_array_foreach (view_array(report, "orchestrators"), i, orch) {
        int64_t depth = view_count(orch, "depth");
        bool fine = strcmp(view_text(orch, "status"), "done") == 0;
        for (; open && (deepest[open - 1] >= depth || open == COUNT_OF(deepest)); open--)
            text_add(t, "</details>\n");
        add_orch(t, orch, depth == 0 || i == 0 || !fine);
        deepest[open++] = depth;
    }
    for (; open; open--)
        text_add(t, "</details>\n");
}
