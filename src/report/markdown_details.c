/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markdown_priv.h"

#include "report/markdown_text.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum { ORCHS_MAX = 60, AGENTS_MAX = 20, SAID_MAX = 400, PATHS_MAX = 10 };

static bool is_done(const json_t *object)
{
    return strcmp(view_text(object, "status"), "done") == 0;
}

static void add_paths(struct text *t, const json_t *object, const char *key, const char *what)
{
    const json_t *paths = view_array(object, key), *path;
    size_t count = json_array_size(paths), i;

    if (!count)
        return;
    text_printf(t, "; %s: ", what);
    json_array_foreach (paths, i, path) {
        if (i >= PATHS_MAX)
            break;
        text_add(t, i ? ", " : "");
        markdown_add_code(t, view_string(path));
    }
    if (count > PATHS_MAX)
        text_printf(t, " and %zu more", count - PATHS_MAX);
}

static void add_said(struct text *t, const json_t *agent)
{
    const char *summary = view_text(agent, "summary");

    if (!summary[0])
        return;
    text_add(t, ". Says: ");
    markdown_add_line(t, summary, SAID_MAX);
}

/* One that has not begun is nobody's yet. */
static bool has_instance(const json_t *agent)
{
    return strcmp(view_text(agent, "instance"), "-") != 0;
}

static void add_agent(struct text *t, const json_t *agent)
{
    const json_t *git = json_object_get(agent, "git");
    const json_t *items = view_array(agent, "items");
    size_t attempts = json_array_size(view_array(agent, "attempts"));
    char span[32];
    AUTO_TEXT trouble = {0}, changes = {0}, tries = {0};

    words_trouble(&trouble, agent);
    words_git(&changes, git);
    words_span(view_seconds_ms(agent, "busy_s"), span);
    text_add(t, "- ");
    if (has_instance(agent)) {
        markdown_add_word(t, view_text(agent, "instance"));
        text_add_char(t, ' ');
    }
    markdown_add_line(t, view_text(agent, "role"), SAID_MAX);
    if (json_array_size(items) == 1) {
        text_add(t, " on ");
        markdown_add_code(t, view_string(json_array_get(items, 0)));
    }
    text_add(t, ": ");
    markdown_add_word(t, words_status(view_status(agent)));
    if (attempts)
        text_printf(t, " in %s", span);
    if (attempts > 1) {
        text_add(t, ", ");
        words_attempts(&tries, agent);
        markdown_add_line(t, text_get(&tries), SAID_MAX);
    }
    if (changes.length)
        text_printf(t, "; %s", changes.data);
    if (trouble.length) {
        text_add(t, "; ");
        markdown_add_line(t, trouble.data, SAID_MAX);
    }
    add_paths(t, git, "out_of_scope", "outside of its `writes`");
    add_paths(t, git, "conflicts", "in conflict");
    add_said(t, agent);
    text_add(t, "\n");
}

/* Of a large wave those that are not done are shown, and the first others. */
static void add_agents(struct text *t, const json_t *agents)
{
    size_t count = json_array_size(agents), room = AGENTS_MAX, shown = 0, i;
    const json_t *agent;

    json_array_foreach (agents, i, agent)
        room -= !is_done(agent) && room > 0;
    json_array_foreach (agents, i, agent) {
        bool done = is_done(agent);
        if (shown >= AGENTS_MAX || (done && !room))
            continue;
        room -= done;
        shown++;
        add_agent(t, agent);
    }
    if (count > shown)
        text_printf(t, "- and %zu more\n", count - shown);
}

static void add_wave(struct text *t, const json_t *wave)
{
    text_printf(t, "\nWave %" PRId64, view_count(wave, "index"));
    if (view_text(wave, "title")[0]) {
        text_add(t, ", ");
        markdown_add_line(t, view_text(wave, "title"), SAID_MAX);
    }
    text_add(t, ":\n\n");
    add_agents(t, view_array(wave, "agents"));
}

static void add_heading(struct text *t, const char *title)
{
    text_add(t, "\n");
    markdown_add_word(t, title);
    text_add(t, ":\n\n");
}

static void add_checks(struct text *t, const json_t *orch, const char *key, const char *title)
{
    const json_t *check;
    size_t i;

    json_array_foreach (view_array(orch, key), i, check) {
        if (i == 0)
            add_heading(t, title);
        text_add(t, "- ");
        markdown_add_code(t, view_text(check, "run"));
        text_add(t, ": ");
        words_check(t, check);
        if (json_get_bool(check, "final", false))
            text_add(t, ", on the merged result");
        text_add(t, "\n");
    }
}

/* What a cleanup measured: only what it changed. */
static void add_measures(struct text *t, const json_t *orch)
{
    const json_t *measures = json_object_get(orch, "measures");
    json_t *before = json_object_get(measures, "before"), *value;
    const json_t *after = json_object_get(measures, "after");
    const char *name;
    size_t shown = 0;

    json_object_foreach (before, name, value) {
        const json_t *now = json_object_get(after, name);
        if (!now || json_equal(value, now))
            continue;
        text_add(t, shown++ ? ", " : "\nMeasured before and after: ");
        markdown_add_line(t, name, SAID_MAX);
        text_add_char(t, ' ');
        words_number(t, value);
        text_add(t, " to ");
        words_number(t, now);
    }
    if (shown)
        text_add(t, "\n");
}

static void add_branch(struct text *t, const json_t *orch)
{
    const json_t *git = json_object_get(orch, "git");
    AUTO_TEXT changes = {0};

    words_git(&changes, git);
    if (!changes.length || strcmp(view_text(orch, "kind"), "child") != 0)
        return;
    text_add(t, view_text(git, "branch")[0] ? "\nBranch " : "\nChanges in its clone");
    markdown_add_code(t, view_text(git, "branch"));
    text_printf(t, ": %s; %s", changes.data,
                json_get_bool(git, "merged", false) ? "merged" : "not merged");
    if (view_text(git, "conflict_with")[0]) {
        text_add(t, ", because of ");
        markdown_add_word(t, view_text(git, "conflict_with"));
    }
    add_paths(t, git, "conflicts", "in conflict");
    text_add(t, "\n");
}

static bool has_content(const json_t *orch)
{
    return json_array_size(view_array(orch, "waves")) ||
           json_array_size(view_array(orch, "checks")) ||
           json_array_size(view_array(orch, "commands")) || view_text(orch, "reason")[0];
}

/* A child's cleanup belongs to its section. */
static bool is_nested(const json_t *report, const json_t *orch)
{
    return view_count(orch, "depth") == 2 && orch != view_head(report);
}

static void add_nested(struct text *t, const json_t *report, const json_t *parent)
{
    AUTO_FREE char *prefix = text_format("%s.", view_text(parent, "exec_id"));
    const json_t *orch;
    size_t i;

    json_array_foreach (view_array(report, "orchestrators"), i, orch) {
        if (!is_nested(report, orch) || !text_starts(view_text(orch, "exec_id"), prefix))
            continue;
        if (!has_content(orch))
            continue;
        AUTO_FREE char *title = text_format("Cleanup %s, %s", view_text(orch, "exec_id"),
                                            words_status(view_status(orch)));
        add_checks(t, orch, "commands", title);
        add_measures(t, orch);
    }
}

static void add_instances(struct text *t, const json_t *orch)
{
    const json_t *instance;
    size_t i;

    json_array_foreach (view_array(orch, "instances"), i, instance) {
        AUTO_TEXT words = {0};
        if (i == 0)
            add_heading(t, "Instances");
        words_instance(&words, instance);
        text_add(t, "- ");
        markdown_add_word(t, view_text(instance, "instance"));
        text_add_char(t, ' ');
        markdown_add_line(t, view_text(instance, "role"), SAID_MAX);
        text_add(t, ": ");
        markdown_add_line(t, text_get(&words), SAID_MAX);
        text_add(t, "\n");
    }
    if (!view_count(orch, "tokens"))
        return;
    text_add(t, "\nUsed: ");
    words_spent(t, orch);
    text_add(t, "\n");
}

static void add_orch(struct text *t, const json_t *report, const json_t *orch)
{
    const json_t *wave;
    char span[32];
    size_t i;

    words_span(view_span(orch), span);
    text_add(t, "\n### ");
    markdown_add_word(t, view_text(orch, "exec_id"));
    text_add_char(t, ' ');
    markdown_add_line(t, view_text(orch, "title"), SAID_MAX);
    text_add(t, "\n\n");
    markdown_add_word(t, words_status(view_status(orch)));
    text_printf(t, "%s%s", span[0] ? " in " : "", span);
    if (view_text(orch, "reason")[0]) {
        text_add(t, ": ");
        markdown_add_line(t, view_text(orch, "reason"), SAID_MAX);
    }
    text_add(t, "\n");
    json_array_foreach (view_array(orch, "waves"), i, wave)
        add_wave(t, wave);
    add_instances(t, orch);
    add_checks(t, orch, "checks", "Checks");
    add_checks(t, orch, "on_failure", "On failure");
    add_checks(t, orch, "commands", "Commands");
    add_measures(t, orch);
    add_branch(t, orch);
    if (view_count(orch, "depth") == 1)
        add_nested(t, report, orch);
}

static bool has_section(const json_t *report, const json_t *orch)
{
    return has_content(orch) && !is_nested(report, orch);
}

/* Of a large run those that are not done are shown. */
void markdown_details(struct text *t, const json_t *report)
{
    const json_t *orch;
    size_t i, all = 0, shown = 0;

    json_array_foreach (view_array(report, "orchestrators"), i, orch)
        all += has_section(report, orch);
    json_array_foreach (view_array(report, "orchestrators"), i, orch) {
        if (!has_section(report, orch) || (all > ORCHS_MAX && is_done(orch)))
            continue;
        if (shown++ == 0)
            text_add(t, "\n<details>\n<summary>Details of each orchestrator</summary>\n");
        if (shown <= ORCHS_MAX)
            add_orch(t, report, orch);
    }
    if (all > ORCHS_MAX)
        text_printf(t, "\n%zu more orchestrators are in report.html and report.json.\n",
                    all - (shown < ORCHS_MAX ? shown : ORCHS_MAX));
    if (shown)
        text_add(t, "\n</details>\n");
}
