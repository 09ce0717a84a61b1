/* SPDX-License-Identifier: Apache-2.0 */
#include "report/build_priv.h"

#include <string.h>

enum { ITEMS_SHOWN = 20 };

int64_t build_attempt_ms(const struct build *b, const struct attempt *a)
{
    if (!a->started_ms)
        return 0;
    int64_t end = a->ended_ms ? a->ended_ms : b->now_ms;
    return end > a->started_ms ? end - a->started_ms : 0;
}

const struct orch *build_unit_orch(const struct tree *t, uint32_t unit)
{
    if (t->decision.pattern == PATTERN_META)
        for (size_t i = 1; i < t->orchs.count; i++)
            if (t->orchs.at[i].kind == ORCH_CHILD && t->orchs.at[i].unit_first == unit)
                return &t->orchs.at[i];
    return &t->orchs.at[0];
}

bool build_is_delivered(const struct tree *t, uint32_t unit)
{
    const struct orch *o = build_unit_orch(t, unit);

    if (t->units.at[unit].status != END_DONE)
        return false;
    return o->kind != ORCH_CHILD || !o->commits || o->merged;
}

/* What is known of the model that worked; null for a command. */
static void put_session(json_t *j, const struct attempt *a)
{
    static const char *const ways[] = {
        [SESSION_FRESH] = "fresh", [SESSION_RESUMED] = "resumed", [SESSION_HANDOVER] = "handover"};
    bool any = a->session[0];

    put_text(j, "model", a->model[0] ? a->model : NULL);
    put_text(j, "session", any ? a->session : NULL);
    put_text(j, "session_way", !any ? NULL : a->continues ? "continued" : ways[a->session_way]);
    put_int(j, "context_tokens", a->context_tokens);
    put_int(j, "context_window", a->context_window);
    put_int(j, "tool_calls", a->tool_calls);
}

/* An attempt: what was observed of it. */
static json_t *attempt_json(const struct attempt *a, int n)
{
    struct usage usage = {0};
    json_t *j = json_object();

    put_int(j, "n", n);
    put_time(j, "started_ms", a->started_ms);
    put_time(j, "ended_ms", a->ended_ms);
    if (a->ended_ms && !a->signal && a->exit_code >= 0)
        put_int(j, "exit", a->exit_code);
    else
        json_object_set_new(j, "exit", json_null());
    put_int(j, "signal", a->signal);
    put_text(j, "error", a->error == ERROR_NONE ? NULL : attempt_error_name(a->error));
    put_text(j, "message", a->message[0] ? a->message : NULL);
    put_rounded(j, "cpu_s", (double)a->cpu_us / 1e6);
    put_int(j, "max_rss_kib", a->max_rss_kib);
    usage_add(&usage, a);
    put_usage(j, &usage);
    put_session(j, a);
    return j;
}

json_t *build_attempts(const struct attempt *first)
{
    json_t *list = json_array();
    int n = 0;

    for (const struct attempt *x = first; x; x = x->next)
        json_array_append_new(list, attempt_json(x, ++n));
    return list;
}

static const struct agent_result no_result = {.summary = "", .commit = ""};

static void put_claims(json_t *j, const struct agent_result *r)
{
    static const char *const words[] = {[CLAIM_NONE] = NULL,
                                        [CLAIM_OK] = "ok",
                                        [CLAIM_FAILED] = "failed",
                                        [CLAIM_BLOCKED] = "blocked"};

    put_text(j, "claim", words[r->claim]);
    put_text(j, "summary", r->summary[0] ? r->summary : NULL);
    put_metrics(j, "metrics", &r->metrics);
    put_int(j, "findings", r->findings);
    put_strings(j, "follow_up", &r->follow_up);
}

static void put_changes(json_t *j, const struct agent_result *r)
{
    json_t *git = json_object();

    put_text(git, "commit", r->commit[0] ? r->commit : NULL);
    put_int(git, "commits", r->commits);
    put_int(git, "files", r->files);
    put_int(git, "insertions", r->insertions);
    put_int(git, "deletions", r->deletions);
    put_strings(git, "out_of_scope", &r->out_of_scope);
    put_strings(git, "conflicts", &r->conflicts);
    json_object_set_new(j, "git", git);
}

static void put_items(json_t *j, const struct node *n, const struct agent *a)
{
    json_t *items = json_array();

    for (uint32_t i = 0; i < a->item_count && i < ITEMS_SHOWN; i++)
        if (a->item_first + i < n->items.count)
            json_array_append_new(items, json_text_or_null(n->items.at[a->item_first + i]));
    put_int(j, "item_count", a->item_count);
    json_object_set_new(j, "items", items);
}

/* Index into `subtasks`; null for research and for the plan's own cleanup. */
static void put_unit(json_t *j, uint32_t unit)
{
    json_object_set_new(j, "subtask", unit == UNIT_NONE ? json_null() : json_integer(unit));
}

static json_t *agent_json(const struct build *b, const struct orch *o, const struct agent *a)
{
    static const char *const places[] = {[PLACE_SNAPSHOT] = "snapshot",
                                         [PLACE_REPO] = "in place",
                                         [PLACE_SHARED] = "clone",
                                         [PLACE_CLONE] = "clone",
                                         [PLACE_OWN] = "own clone"};
    const struct plan_step *step = tree_agent_step(b->t, o, a);
    const struct agent_result *r = a->result ? a->result : &no_result;
    json_t *j = json_object();
    char name[16];
    int64_t busy = 0;

    tree_agent_name(a, name);
    put_text(j, "instance", name);
    put_text(j, "role", step->role);
    put_unit(j, o->work->nodes.at[a->node].unit);
    put_text(j, "step", step->id);
    put_text(j, "driver", step->settings.agent);
    put_bool(j, "reused", a->reused);
    put_text(j, "state", agent_state_name(a->state));
    put_text(j, "status", a->status == END_NONE ? NULL : end_status_name(a->status));
    put_claims(j, r);
    put_items(j, &o->work->nodes.at[a->node], a);
    put_text(j, "place", places[a->place]);
    put_changes(j, r);
    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        busy += build_attempt_ms(b, x);
    put_rounded(j, "busy_s", (double)busy / 1000);
    json_object_set_new(j, "attempts", build_attempts(a->first_attempt));
    return j;
}

static const char *wave_title(const struct build *b, const struct orch *o, const struct agent *a)
{
    const struct plan_subtask *s = tree_node_subtask(b->t, &o->work->nodes.at[a->node]);
    const struct node *n = &o->work->nodes.at[a->node];

    if (!a->wave)
        return "Research";
    if (o->kind != ORCH_CHILD || !s || !s->explicit_waves || n->level > s->wave_count)
        return "";
    return s->waves[n->level - 1].title;
}

/* First start and last end of the attempts of a wave; 0 while there is none. */
static void put_wave_times(json_t *wave, const struct build *b, const struct orch *o,
                           uint32_t index)
{
    int64_t started = 0, ended = 0;

    for (size_t i = 0; i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        for (const struct attempt *x = a->first_attempt; x && a->wave == index; x = x->next) {
            if (x->started_ms && (!started || x->started_ms < started))
                started = x->started_ms;
            int64_t end = x->started_ms + build_attempt_ms(b, x);
            ended = end > ended ? end : ended;
        }
    }
    put_time(wave, "started_ms", started);
    put_time(wave, "ended_ms", ended);
}

static json_t *wave_json(const struct build *b, const struct orch *o, uint32_t index)
{
    json_t *wave = json_object(), *agents = json_array();
    const char *title = NULL;

    for (size_t i = 0; i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        if (a->wave != index)
            continue;
        if (!title)
            title = wave_title(b, o, a);
        json_array_append_new(agents, agent_json(b, o, a));
    }
    put_int(wave, "index", index);
    put_text(wave, "title", title ? title : "");
    put_wave_times(wave, b, o, index);
    json_object_set_new(wave, "agents", agents);
    return wave;
}

static json_t *waves_json(const struct build *b, const struct orch *o)
{
    json_t *waves = json_array();
    uint32_t last = 0;
    bool research = false;

    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        research |= o->work->agents.at[i].wave == 0;
        last = o->work->agents.at[i].wave > last ? o->work->agents.at[i].wave : last;
    }
    for (uint32_t index = research ? 0 : 1; o->work && index <= last; index++)
        json_array_append_new(waves, wave_json(b, o, index));
    return waves;
}

static json_t *check_json(const struct check_result *c, bool of_unit)
{
    json_t *j = json_object();

    put_text(j, "run", c->run);
    put_unit(j, of_unit ? c->unit : UNIT_NONE);
    put_int(j, "exit", c->exit_code);
    put_text(j, "error", c->error == ERROR_NONE ? NULL : attempt_error_name(c->error));
    put_bool(j, "passed", c->error == ERROR_NONE);
    put_bool(j, "final", c->final);
    return j;
}

static json_t *checks_json(const struct check_result *list, size_t count, bool of_unit)
{
    json_t *checks = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(checks, check_json(&list[i], of_unit));
    return checks;
}

static json_t *git_json(const struct build *b, const struct orch *o)
{
    json_t *git = json_object();
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    AUTO_FREE char *branch = text_format("kelp/%s", id);
    bool exists = o->fetched || (o->kind == ORCH_ROOT && b->t->commit[0]);
    put_text(git, "branch", exists ? branch : NULL);
    put_text(git, "commit", o->commit[0] ? o->commit : NULL);
    put_int(git, "commits", o->commits);
    put_int(git, "files", o->files);
    put_int(git, "insertions", o->insertions);
    put_int(git, "deletions", o->deletions);
    put_bool(git, "merged", o->merged);
    put_strings(git, "conflicts", &o->conflicts);
    if (o->conflict_with != ORCH_NONE)
        put_exec_id(git, "conflict_with", b->t->orchs.at[o->conflict_with].id);
    else
        json_object_set_new(git, "conflict_with", json_null());
    put_bool(git, "clone_kept", o->copy_ready && !o->copy_failed && !o->discarded);
    return git;
}

static const char *orch_title(const struct tree *t, const struct orch *o)
{
    if (o->kind == ORCH_ROOT)
        return t->plan ? t->plan->task : "";
    if (o->kind == ORCH_CHILD)
        return t->units.at[o->unit_first].title;
    return "Cleanup";
}

/* The root is judged with the run. */
static const char *orch_status(const struct tree *t, const struct orch *o)
{
    if (o->kind == ORCH_ROOT)
        return t->status == RUN_STATUS_NONE ? NULL : run_status_name(t->status);
    return o->status == END_NONE ? NULL : end_status_name(o->status);
}

/* What the agents of one orchestrator say adds up. */
static void put_sums(struct build *b, json_t *j, const struct orch *o)
{
    struct metric_sums sums = {0};
    struct driver_list drivers = {0};
    struct usage usage = {0};

    for (size_t i = 0; o->work && i < o->work->agents.count; i++) {
        const struct agent *a = &o->work->agents.at[i];
        if (a->result)
            metric_sums_merge(&sums, &b->arena, &a->result->metrics);
        for (const struct attempt *x = a->first_attempt; x; x = x->next)
            usage_add(&usage, x);
    }
    for (const struct attempt *x = b->t->planner.first_attempt; x && o->kind == ORCH_ROOT;
         x = x->next)
        usage_add(&usage, x);
    drivers_add_orch(b, o, &drivers);
    put_metrics(j, "metrics", &(struct metrics){sums.at, sums.count});
    put_usage(j, &usage);
    json_object_set_new(j, "drivers", drivers_json(&drivers));
    json_object_set_new(j, "instances", instances_json(b->t, o));
    vector_free(&drivers.of);
}

static void put_measures(json_t *j, const struct orch *o)
{
    json_t *measures = json_object();

    if (o->kind != ORCH_CLEANUP) {
        json_decref(measures);
        return;
    }
    put_metrics(measures, "before", &o->before);
    put_metrics(measures, "after", &o->after);
    json_object_set_new(j, "measures", measures);
}

static json_t *orch_json(struct build *b, const struct orch *o)
{
    bool cleanup = o->kind == ORCH_CLEANUP;
    json_t *j = json_object();

    put_exec_id(j, "exec_id", o->id);
    put_text(j, "kind", orch_kind_name(o->kind));
    put_int(j, "depth", o->id.depth);
    put_text(j, "title", orch_title(b->t, o));
    put_text(j, "item", o->kind == ORCH_CHILD ? b->t->units.at[o->unit_first].item : "");
    put_text(j, "state",
             o->kind == ORCH_ROOT ? run_phase_name(b->t->phase) : orch_state_name(o->state));
    put_text(j, "status", orch_status(b->t, o));
    put_text(j, "reason", o->reason[0] ? o->reason : NULL);
    put_int(j, "retried", o->generation);
    put_time(j, "started_ms", o->started_ms);
    put_time(j, "ended_ms", o->kind == ORCH_ROOT ? b->t->ended_ms : o->ended_ms);
    json_object_set_new(j, "waves", waves_json(b, o));
    json_object_set_new(j, "checks",
                        checks_json(o->checks.at, cleanup ? 0 : o->checks.count, true));
    json_object_set_new(j, "on_failure", checks_json(o->undone.at, o->undone.count, true));
    json_object_set_new(j, "commands",
                        checks_json(o->checks.at, cleanup ? o->checks.count : 0, false));
    put_measures(j, o);
    put_sums(b, j, o);
    json_object_set_new(j, "git", git_json(b, o));
    return j;
}

/* A parent before its children, children by number. */
static int by_id(const void *x, const void *y)
{
    const struct exec_id *a = &(*(const struct orch *const *)x)->id;
    const struct exec_id *b = &(*(const struct orch *const *)y)->id;

    for (unsigned i = 0; i < EXEC_DEPTH_MAX; i++) {
        uint32_t m = i < a->depth ? a->part[i] : 0, n = i < b->depth ? b->part[i] : 0;
        if (m != n)
            return m < n ? -1 : 1;
    }
    return 0;
}

json_t *build_orchestrators(struct build *b)
{
    size_t count = b->t->orchs.count;
    AUTO_FREE const struct orch **order = mem_resize(NULL, count ? count : 1, sizeof *order);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        order[i] = &b->t->orchs.at[i];
    qsort(order, count, sizeof *order, by_id);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, orch_json(b, order[i]));
    return list;
}
