/* SPDX-License-Identifier: Apache-2.0 */
/* The report as one would paste it into a pull request: what matters, then tables, then details. */
#include "report/report.h"

#include "report/markdown_priv.h"
#include "report/markdown_text.h"
#include "report/view.h"
#include "report/words.h"

#include <inttypes.h>
#include <string.h>

enum { ROWS_MAX = 200, FINDINGS_MAX = 30, STEPS_MAX = 15, METRICS_MAX = 40, CELL_MAX = 300 };

static void add_more(struct text *t, size_t count, size_t shown, const char *what)
{
    if (count > shown)
        text_printf(t, "\n%zu more %s are in report.html and report.json.\n", count - shown, what);
}

static void add_id(struct text *t, const char *id)
{
    text_add(t, " (");
    markdown_add_word(t, id);
    text_add_char(t, ')');
}

static void add_title(struct text *t, const json_t *report)
{
    char span[32];
    size_t subtasks = json_array_size(view_array(report, "subtasks"));
    const char *id =
        view_is_child(report) ? view_text(report, "report_of") : view_text(report, "run");
    AUTO_FREE char *status = mem_string(words_status(view_text(report, "status")));

    if (status[0] >= 'a' && status[0] <= 'z')
        status[0] = (char)(status[0] - 'a' + 'A');
    text_add(t, "# ");
    markdown_add_line(t, view_text(report, "task"), CELL_MAX);
    text_add(t, "\n\n**");
    markdown_add_word(t, status);
    text_add(t, "** \u00b7 ");
    markdown_add_word(t, id);
    if (subtasks > 1) {
        text_add(t, " \u00b7 ");
        words_count(t, (int64_t)subtasks, "subtask", "subtasks");
    }
    text_add(t, " \u00b7 ");
    words_count(t, view_count(json_object_get(report, "agents"), "count"), "agent", "agents");
    words_span(view_span(report), span);
    if (span[0])
        text_printf(t, " \u00b7 %s", span);
    text_add(t, "\n\n");
}

static void add_summary(struct text *t, const json_t *report)
{
    const json_t *summary = json_object_get(report, "summary");

    markdown_add_line(t, view_text(summary, "headline"), 0);
    if (view_text(summary, "result")[0]) {
        text_add_char(t, ' ');
        markdown_add_line(t, view_text(summary, "result"), 0);
    }
    text_add(t, "\n");
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
            text_printf(t, "\n**%s**\n\n", title);
        if (shown > STEPS_MAX)
            continue;
        text_add(t, "- ");
        markdown_add_line(t, s->title, CELL_MAX);
        bool done = strcmp(s->status, "done") == 0;
        add_id(t, s->exec_id);
        text_add(t, ": ");
        markdown_add_word(t, done ? "done, but left out" : words_status(s->status));
        if (s->reason[0]) {
            text_add(t, "; ");
            markdown_add_line(t, s->reason, CELL_MAX);
        }
        text_add(t, s->undo ? "; " : "");
        words_undone(t, s->undo, s->undone);
        text_add(t, "\n");
    }
    add_more(t, shown, STEPS_MAX, "subtasks");
}

/* What was done, in the words of who did it. */
static void add_done(struct text *t, const struct view_subtask *list, size_t count)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        const struct view_subtask *s = &list[i];
        if (!s->delivered || !s->says[0])
            continue;
        if (shown++ == 0)
            text_add(t, "\n**Done, as the agents tell it**\n\n");
        if (shown > STEPS_MAX)
            continue;
        text_add(t, "- ");
        markdown_add_line(t, s->title, CELL_MAX);
        add_id(t, s->exec_id);
        text_add(t, ": ");
        markdown_add_line(t, s->says, CELL_MAX);
        text_add(t, "\n");
    }
    add_more(t, shown, STEPS_MAX, "subtasks");
}

static bool by_kelp(const json_t *step)
{
    return strcmp(view_text(step, "from"), "kelp") == 0;
}

/* What kelp knows and what agents say are two lists. */
static void add_steps(struct text *t, const json_t *report, bool of_kelp, const char *title)
{
    const json_t *step;
    size_t i, shown = 0;

    json_array_foreach (view_array(report, "follow_up"), i, step) {
        if (by_kelp(step) != of_kelp)
            continue;
        if (shown++ == 0)
            text_printf(t, "\n**%s**\n\n", title);
        if (shown > STEPS_MAX)
            continue;
        text_add(t, "- ");
        markdown_add_line(t, view_text(step, "text"), 0);
        if (view_text(step, "command")[0]) {
            text_add(t, ": ");
            markdown_add_code(t, view_text(step, "command"));
        }
        if (!of_kelp)
            add_id(t, view_text(step, "from"));
        text_add(t, "\n");
    }
    add_more(t, shown, STEPS_MAX, "of these");
}

static void add_subtask_row(struct text *t, const struct view_subtask *s)
{
    AUTO_TEXT changes = {0};
    char span[32];

    words_changes(&changes, s->commits, s->files, s->insertions, s->deletions);
    if (changes.length && !s->delivered)
        text_add(&changes, ", not merged");
    words_span(s->started_ms && s->ended_ms ? s->ended_ms - s->started_ms : -1, span);
    text_add(t, "| ");
    markdown_add_word(t, s->exec_id);
    text_add(t, " | ");
    markdown_add_line(t, s->title, CELL_MAX);
    bool left_out = !s->delivered && strcmp(s->status, "done") == 0;
    text_add(t, " | ");
    markdown_add_word(t, left_out ? "done, left out" : words_status(s->status));
    text_printf(t, " | %zu of %zu | ", s->agents_done, s->agents);
    if (s->checks)
        text_printf(t, "%zu of %zu", s->passed, s->checks);
    text_printf(t, " | %s | %s |\n", text_get(&changes), span);
}

static void add_subtasks(struct text *t, const struct view_subtask *list, size_t count)
{
    if (count == 0)
        return;
    text_add(t, "\n## Subtasks\n\n"
                "| ID | Subtask | Status | Agents done | Checks passed | Changes | Time |\n"
                "|---|---|---|--:|--:|---|--:|\n");
    for (size_t i = 0; i < count && i < ROWS_MAX; i++)
        add_subtask_row(t, &list[i]);
    add_more(t, count, ROWS_MAX, "subtasks");
}

static void add_place(struct text *t, const json_t *finding)
{
    int64_t line = view_count(finding, "line");
    AUTO_TEXT place = {0};

    text_add(&place, view_text(finding, "file"));
    if (line > 0 && place.length)
        text_printf(&place, ":%" PRId64, line);
    markdown_add_code(t, text_get(&place));
}

static void add_findings(struct text *t, const json_t *report)
{
    size_t count;
    AUTO_FREE const json_t **list = view_findings(report, &count);

    if (!count)
        return;
    text_add(t, "\n## What agents found\n\n");
    words_count(t, (int64_t)count, "finding", "findings");
    text_add(t, ", the most severe first. These are claims of the agents.\n\n"
                "| Severity | Where | Finding | Why |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count && i < FINDINGS_MAX; i++) {
        text_add(t, "| ");
        markdown_add_line(t, view_text(list[i], "severity"), CELL_MAX);
        text_add(t, " | ");
        add_place(t, list[i]);
        text_add(t, " | ");
        markdown_add_line(t, view_text(list[i], "title"), CELL_MAX);
        text_add(t, " | ");
        markdown_add_line(t, view_text(list[i], "reason"), CELL_MAX);
        text_add(t, " |\n");
    }
    add_more(t, count, FINDINGS_MAX, "findings");
}

static void add_decision(struct text *t, const json_t *report)
{
    const json_t *decision = json_object_get(report, "decision"), *c;
    size_t i;

    if (!json_is_object(decision))
        return;
    text_add(t, "\n## Decision\n\nPattern ");
    markdown_add_code(t, view_text(decision, "pattern"));
    text_add(t, json_get_bool(decision, "forced", false) ? " (asked for): " : ": ");
    markdown_add_line(t, view_text(decision, "rationale"), 0);
    text_add(t, ".\n\n| Criterion | Holds | Why |\n|---|---|---|\n");
    json_array_foreach (view_array(decision, "criteria"), i, c) {
        text_add(t, "| ");
        markdown_add_word(t, view_text(c, "name"));
        text_add(t, json_get_bool(c, "holds", false) ? " | yes | " : " | no | ");
        markdown_add_line(t, view_text(c, "why"), 0);
        text_add(t, " |\n");
    }
    text_add(t, "\n");
    words_estimate(t, report);
    text_add(t, "\n");
}

static void add_timing(struct text *t, const json_t *report)
{
    struct words_time times[WORDS_TIMES_MAX];
    size_t count = words_times(report, times);
    AUTO_TEXT barrier = {0};

    if (!json_is_object(json_object_get(report, "timing")))
        return;
    text_add(t, "\n## Time\n\n| Measured | |\n|---|--:|\n");
    for (size_t i = 0; i < count; i++)
        text_printf(t, "| %s | %s |\n", times[i].what, times[i].value);
    words_barrier(&barrier, report);
    if (barrier.length)
        text_printf(t, "\n%s\n", barrier.data);
}

/* What models used in all; nothing if there were none. */
static void add_used(struct text *t, const json_t *report)
{
    const json_t *planner = json_object_get(report, "planner");
    AUTO_TEXT sessions = {0}, tries = {0};

    if (view_count(report, "tokens")) {
        text_add(t, "\nIn all: ");
        words_spent(t, report);
        text_add(t, ".\n");
    }
    words_sessions(&sessions, json_object_get(json_object_get(report, "agents"), "sessions"));
    if (sessions.length)
        text_printf(t, "\nSessions: %s.\n", sessions.data);
    if (json_is_object(planner)) {
        text_add(t, "\nPlanned by ");
        markdown_add_word(t,
                          view_text(planner, "gave_up")[0] ? "kelp" : view_text(planner, "driver"));
        text_add(t, ": ");
        words_attempts(&tries, planner);
        markdown_add_line(t, text_get(&tries), CELL_MAX);
        text_add(t, "; ");
        words_spent(t, planner);
        text_add(t, ".\n");
    }
}

static void add_drivers(struct text *t, const json_t *report)
{
    const json_t *d;
    size_t i;

    if (!json_array_size(view_array(report, "drivers")))
        return;
    text_add(t, "\n## Agents\n\n"
                "| Driver | Agents | Attempts | CPU time | Tokens | Cost |\n"
                "|---|--:|--:|--:|--:|--:|\n");
    json_array_foreach (view_array(report, "drivers"), i, d) {
        char cpu[32];
        words_span(view_seconds_ms(d, "cpu_s"), cpu);
        text_add(t, "| ");
        markdown_add_word(t, view_text(d, "driver"));
        text_printf(t, " | %" PRId64 " | %" PRId64 " | %s | ", view_count(d, "agents"),
                    view_count(d, "attempts"), cpu);
        words_tokens(t, d);
        text_add(t, " | ");
        words_cost(t, d);
        text_add(t, " |\n");
    }
    add_used(t, report);
}

static void add_metrics(struct text *t, const json_t *report)
{
    json_t *metrics = json_object_get(report, "metrics"), *value;
    const char *name;
    size_t zeros = 0, shown = 0;

    if (!json_object_size(metrics))
        return;
    text_add(t, "\n## Numbers that agents report\n\n| | |\n|---|--:|\n");
    json_object_foreach (metrics, name, value) {
        zeros += words_is_zero(value);
        if (words_is_zero(value) || shown++ >= METRICS_MAX)
            continue;
        text_add(t, "| ");
        markdown_add_line(t, name, CELL_MAX);
        text_add(t, " | ");
        words_number(t, value);
        text_add(t, " |\n");
    }
    add_more(t, shown, METRICS_MAX, "numbers");
    if (zeros)
        text_printf(t, "\n%zu more are 0.\n", zeros);
}

static void add_ref(struct text *t, const json_t *git, const char *key, const char *what)
{
    if (!view_text(git, key)[0])
        return;
    text_printf(t, "- %s: ", what);
    markdown_add_code(t, view_text(git, key));
    text_add(t, "\n");
}

static void add_git(struct text *t, const json_t *report)
{
    const json_t *git = json_object_get(report, "git");

    if (!view_text(git, "base")[0] || view_is_child(report))
        return;
    text_add(t, "\n## Git\n\n");
    add_ref(t, git, "base", "Base");
    add_ref(t, git, "branch", "Branch of the result");
    add_ref(t, git, "head", "Head now");
    add_ref(t, git, "backup", "Backup of the working tree at the start");
    if (json_get_bool(git, "dirty", false))
        text_add(t, "- There were uncommitted changes at the start; they are in the backup.\n");
}

char *report_markdown(const json_t *report)
{
    struct text t = {0};
    size_t count;
    AUTO_FREE struct view_subtask *list = view_subtasks(report, &count);

    add_title(&t, report);
    add_summary(&t, report);
    add_done(&t, list, count);
    add_not_done(&t, list, count, view_has_ended(report) ? "Not done" : "Not done yet");
    add_steps(&t, report, true, "What to do next");
    add_steps(&t, report, false, "What agents suggest");
    if (!view_is_child(report))
        add_subtasks(&t, list, count);
    add_findings(&t, report);
    add_metrics(&t, report);
    add_decision(&t, report);
    add_timing(&t, report);
    add_drivers(&t, report);
    add_git(&t, report);
    markdown_details(&t, report);
    return text_take(&t);
}
