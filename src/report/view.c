/* SPDX-License-Identifier: Apache-2.0 */
#include "report/view.h"

#include <string.h>

const json_t *view_array(const json_t *object, const char *key)
{
    return json_object_get(object, key); /* jansson takes NULL for an empty array */
}

const char *view_text(const json_t *object, const char *key)
{
    return json_get_string(object, key, "");
}

#define COUNT_MAX INT64_C(1000000000000000)

int64_t view_count(const json_t *object, const char *key)
{
    int64_t n = json_get_int(object, key, 0);

    return n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : n;
}

int64_t view_seconds_ms(const json_t *object, const char *key)
{
    double ms = json_get_number(object, key, 0) * 1000 + 0.5;

    return ms > 0 && ms < (double)COUNT_MAX ? (int64_t)ms : 0;
}

const char *view_string(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}

const char *view_status(const json_t *object)
{
    return view_text(object, "status")[0] ? view_text(object, "status")
                                          : view_text(object, "state");
}

bool view_has_ended(const json_t *report)
{
    return view_text(report, "status")[0] && strcmp(view_text(report, "status"), "running") != 0;
}

int64_t view_span(const json_t *object)
{
    int64_t started = view_count(object, "started_ms");
    int64_t ended = view_count(object, "ended_ms");

    return started && ended >= started ? ended - started : -1;
}

const json_t *view_head(const json_t *report)
{
    return json_array_get(view_array(report, "orchestrators"), 0);
}

bool view_is_child(const json_t *report)
{
    return json_is_string(json_object_get(report, "report_of"));
}

static struct view_subtask *find(struct view_subtask *list, size_t count, const json_t *part)
{
    const json_t *index = json_object_get(part, "subtask");
    json_int_t i = json_integer_value(index);

    return json_is_integer(index) && i >= 0 && (size_t)i < count ? &list[i] : NULL;
}

static void widen(struct view_subtask *s, const json_t *attempt)
{
    int64_t started = view_count(attempt, "started_ms");
    int64_t ended = view_count(attempt, "ended_ms");

    s->attempts++;
    if (started && (!s->started_ms || started < s->started_ms))
        s->started_ms = started;
    if (ended > s->ended_ms)
        s->ended_ms = ended;
}

static void add_agent(struct view_subtask *s, const json_t *agent)
{
    const json_t *git = json_object_get(agent, "git"), *attempt;
    size_t i;

    if (view_text(agent, "summary")[0])
        s->says = view_text(agent, "summary");
    s->agents++;
    s->agents_done += strcmp(view_text(agent, "status"), "done") == 0;
    s->commits += view_count(git, "commits");
    s->files += view_count(git, "files");
    s->insertions += view_count(git, "insertions");
    s->deletions += view_count(git, "deletions");
    json_array_foreach (view_array(agent, "attempts"), i, attempt)
        widen(s, attempt);
}

static void count_command(const json_t *command, size_t *all, size_t *passed)
{
    ++*all;
    *passed += json_get_bool(command, "passed", false);
}

static void add_orch(struct view_subtask *list, size_t count, const json_t *orch)
{
    const json_t *wave, *part;
    size_t i, k;

    json_array_foreach (view_array(orch, "waves"), i, wave) {
        json_array_foreach (view_array(wave, "agents"), k, part) {
            struct view_subtask *s = find(list, count, part);
            if (s)
                add_agent(s, part);
        }
    }
    json_array_foreach (view_array(orch, "checks"), i, part) {
        struct view_subtask *s = find(list, count, part);
        if (s)
            count_command(part, &s->checks, &s->passed);
    }
    json_array_foreach (view_array(orch, "on_failure"), i, part) {
        struct view_subtask *s = find(list, count, part);
        if (s)
            count_command(part, &s->undo, &s->undone);
    }
}

/* A child's own times include its clone, its checks and its cleanup. */
static void adopt(struct view_subtask *list, size_t count, const json_t *by_id)
{
    for (size_t i = 0; i < count; i++) {
        struct view_subtask *s = &list[i];
        s->orch = json_object_get(by_id, s->exec_id);
        bool child = strcmp(view_text(s->orch, "kind"), "child") == 0;
        if (!s->status[0])
            s->status = child ? view_text(s->orch, "state") : s->started_ms ? "working" : "";
        if (!child)
            continue;
        s->started_ms = view_count(s->orch, "started_ms");
        s->ended_ms = view_count(s->orch, "ended_ms");
    }
}

struct view_subtask *view_subtasks(const json_t *report, size_t *ret_count)
{
    const json_t *subtasks = view_array(report, "subtasks"), *part;
    size_t count = json_array_size(subtasks), i;
    struct view_subtask *list = mem_zero((count + 1) * sizeof *list);
    json_auto_t *by_id = json_object();

    json_array_foreach (subtasks, i, part)
        list[i] = (struct view_subtask){.subtask = part,
                                        .title = view_text(part, "title"),
                                        .status = view_text(part, "status"),
                                        .reason = view_text(part, "reason"),
                                        .exec_id = view_text(part, "exec_id"),
                                        .says = "",
                                        .delivered = json_get_bool(part, "delivered", false)};
    json_array_foreach (view_array(report, "orchestrators"), i, part) {
        add_orch(list, count, part);
        json_object_set_new(by_id, view_text(part, "exec_id"), json_share(part));
    }
    adopt(list, count, by_id);
    *ret_count = count;
    return list;
}

unsigned view_severity(const json_t *finding)
{
    static const struct {
        const char *word;
        unsigned rank;
    } words[] = {{"critical", 0}, {"high", 0}, {"error", 0}, {"medium", 1},
                 {"warning", 1},  {"low", 2},  {"info", 3},  {"note", 3}};
    const char *severity = view_text(finding, "severity");

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_same_nocase(severity, words[i].word))
            return words[i].rank;
    return 4;
}

const json_t **view_findings(const json_t *report, size_t *ret_count)
{
    const json_t *findings = view_array(report, "findings"), *finding;
    size_t count = json_array_size(findings), at = 0, i;
    const json_t **list = mem_alloc((count + 1) * sizeof *list);

    for (unsigned rank = 0; rank <= 4; rank++)
        json_array_foreach (findings, i, finding)
            if (view_severity(finding) == rank)
                list[at++] = finding;
    *ret_count = at;
    return list;
}
