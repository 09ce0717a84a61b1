/* SPDX-License-Identifier: Apache-2.0 */
/* One orchestrator's own report: a part of the whole one, in the same form. */
#include "report/report.h"

#include "report/view.h"

#include <string.h>

struct part {
    const json_t *report;
    const json_t *orch;
    const char *id;
    char *below; /* what the IDs of its own orchestrators begin with; owned */
    json_t *child;
};

static bool belongs(const struct part *p, const char *id)
{
    return strcmp(id, p->id) == 0 || text_starts(id, p->below);
}

static const json_t *find(const json_t *report, const char *id)
{
    const json_t *orch;
    size_t i;

    json_array_foreach (view_array(report, "orchestrators"), i, orch)
        if (strcmp(view_text(orch, "exec_id"), id) == 0)
            return orch;
    return NULL;
}

/* In the whole report agents and checks name their subtask by its index; here there is one. */
static void renumber(json_t *parts)
{
    json_t *part;
    size_t i;

    json_array_foreach (parts, i, part)
        if (json_is_integer(json_object_get(part, "subtask")))
            json_object_set_new(part, "subtask", json_integer(0));
}

static json_t *copy_orch(const json_t *orch)
{
    json_t *copy = json_deep_copy(orch), *wave;
    size_t i;

    json_array_foreach (json_object_get(copy, "waves"), i, wave)
        renumber(json_object_get(wave, "agents"));
    renumber(json_object_get(copy, "checks"));
    renumber(json_object_get(copy, "on_failure"));
    return copy;
}

static void put_orchs(struct part *p)
{
    json_t *list = json_array();
    const json_t *orch;
    size_t i;

    json_array_foreach (view_array(p->report, "orchestrators"), i, orch)
        if (belongs(p, view_text(orch, "exec_id")))
            json_array_append_new(list, copy_orch(orch));
    json_object_set_new(p->child, "orchestrators", list);
}

/* Entries of a list of the report whose `key` is an ID of this part. */
static void put_filtered(struct part *p, const char *list, const char *key)
{
    json_t *kept = json_array(), *entry;
    size_t i;

    json_array_foreach (json_object_get(p->report, list), i, entry)
        if (belongs(p, view_text(entry, key)))
            json_array_append(kept, entry);
    json_object_set_new(p->child, list, kept);
}

/* What kelp says to do is about an orchestrator if its command ends in the ID. */
static void put_follow_up(struct part *p)
{
    AUTO_FREE char *retry = text_format(" %s", p->id);
    AUTO_FREE char *branch = text_format(" kelp/%s", p->id);
    json_t *kept = json_array(), *entry;
    size_t i;

    json_array_foreach (json_object_get(p->report, "follow_up"), i, entry) {
        const char *command = view_text(entry, "command");
        if (belongs(p, view_text(entry, "from")) || text_ends(command, retry) ||
            text_ends(command, branch))
            json_array_append(kept, entry);
    }
    json_object_set_new(p->child, "follow_up", kept);
}

struct sums {
    size_t agents, attempts, reused;
    double busy_s;
};

static void put_sums(struct part *p)
{
    struct sums s = {0};
    const json_t *wave, *agent;
    size_t i, k;

    json_array_foreach (view_array(p->orch, "waves"), i, wave) {
        json_array_foreach (view_array(wave, "agents"), k, agent) {
            s.agents++;
            s.attempts += json_array_size(view_array(agent, "attempts"));
            s.reused += json_get_bool(agent, "reused", false);
            s.busy_s += json_get_number(agent, "busy_s", 0);
        }
    }
    json_object_set_new(p->child, "agents",
                        json_pack("{s:I,s:I,s:I}", "count", (json_int_t)s.agents, "attempts",
                                  (json_int_t)s.attempts, "reused", (json_int_t)s.reused));
    int64_t span = view_span(p->orch);
    json_object_set_new(p->child, "timing",
                        json_pack("{s:f,s:f}", "makespan_s", span < 0 ? 0 : (double)span / 1000,
                                  "busy_s", s.busy_s));
}

static char *headline(const struct part *p)
{
    const char *status = view_text(p->orch, "status"), *reason = view_text(p->orch, "reason");
    const json_t *git = json_object_get(p->orch, "git");

    if (!status[0])
        return mem_string("It has not ended.");
    if (strcmp(status, "done") != 0)
        return text_format("It is not done (%s)%s%s.", status, reason[0] ? ": " : "", reason);
    if (strcmp(view_text(p->orch, "kind"), "child") != 0)
        return mem_string("It is done.");
    if (!view_count(git, "commits"))
        return mem_string("It is done and changed no file.");
    if (json_get_bool(git, "merged", false))
        return mem_string("It is done, and its changes are part of the result.");
    return text_format("It is done, but its changes are not part of the result%s%s.",
                       reason[0] ? ": " : "", reason);
}

static void copy_keys(struct part *p)
{
    static const char *const of_run[] = {"version", "kelp", "run", "root"};
    static const char *const of_orch[] = {
        "status",   "started_ms",   "ended_ms",          "metrics", "tokens",
        "cost_usd", "token_counts", "cost_at_least_usd", "drivers"};

    for (size_t i = 0; i < COUNT_OF(of_run); i++)
        json_object_set(p->child, of_run[i], json_object_get(p->report, of_run[i]));
    json_object_set_new(p->child, "report_of", json_string(p->id));
    json_object_set(p->child, "task", json_object_get(p->orch, "title"));
    for (size_t i = 0; i < COUNT_OF(of_orch); i++)
        json_object_set(p->child, of_orch[i], json_object_get(p->orch, of_orch[i]));
}

int report_child(const json_t *report, const char *exec_id, json_t **ret, struct fault *f)
{
    struct part p = {.report = report, .orch = find(report, exec_id), .id = exec_id};

    if (!p.orch) {
        int r = fault_set(f, FAULT_NOT_FOUND, "there is no orchestrator '%s' in %s", exec_id,
                          view_text(report, "run"));
        fault_hint(f, "'kelp status' lists them");
        return r;
    }
    if (strcmp(view_text(p.orch, "kind"), "root") == 0) {
        *ret = json_share(report);
        return 0;
    }
    AUTO_FREE char *below = text_format("%s.", exec_id);
    AUTO_FREE char *head = headline(&p);
    p.below = below;
    p.child = json_object();
    copy_keys(&p);
    json_object_set_new(p.child, "summary",
                        json_pack("{s:o,s:s}", "headline", json_text_or_null(head), "result", ""));
    put_filtered(&p, "subtasks", "exec_id");
    put_orchs(&p);
    put_sums(&p);
    put_filtered(&p, "findings", "exec_id");
    put_follow_up(&p);
    *ret = p.child;
    return 0;
}
