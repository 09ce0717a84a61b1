/* SPDX-License-Identifier: Apache-2.0 */
#include "report/build_priv.h"
#include "report/words.h"

#include <string.h>

static void put_decision(struct build *b)
{
    const struct decision *d = &b->t->decision;
    json_t *decision = json_object(), *criteria = json_array(), *estimate = json_object();

    if (!d->rationale) { /* the run did not come that far */
        json_decref(decision);
        json_decref(criteria);
        json_decref(estimate);
        json_object_set_new(b->report, "decision", json_null());
        return;
    }
    for (size_t i = 0; i < CRITERION_COUNT; i++) {
        json_t *c = json_object();
        put_text(c, "name", d->criteria[i].name);
        put_bool(c, "holds", d->criteria[i].holds);
        put_text(c, "why", d->criteria[i].why);
        json_array_append_new(criteria, c);
    }
    put_rounded(estimate, "sequential_minutes", d->estimate.sequential_minutes);
    put_rounded(estimate, "waves_minutes", d->estimate.waves_minutes);
    put_rounded(estimate, "meta_minutes", d->estimate.meta_minutes);
    put_rounded(estimate, "speedup", d->estimate.speedup);
    put_text(decision, "pattern", pattern_name(d->pattern));
    put_bool(decision, "forced", d->forced);
    put_text(decision, "rationale", d->rationale);
    json_object_set_new(decision, "criteria", criteria);
    json_object_set_new(decision, "estimate", estimate);
    json_object_set_new(b->report, "decision", decision);
}

static json_t *subtask_json(const struct build *b, uint32_t unit)
{
    const struct unit *u = &b->t->units.at[unit];
    const struct orch *o = build_unit_orch(b->t, unit);
    json_t *j = json_object();

    put_text(j, "title", u->title);
    put_text(j, "item", u->item);
    put_exec_id(j, "exec_id", o->id);
    put_text(j, "status", u->status == END_NONE ? NULL : end_status_name(u->status));
    put_bool(j, "delivered", build_is_delivered(b->t, unit));
    const char *reason = u->reason[0] ? u->reason : o->kind == ORCH_CHILD ? o->reason : "";
    put_text(j, "reason", reason[0] ? reason : NULL);
    return j;
}

static void put_subtasks(struct build *b)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < b->t->units.count; i++)
        json_array_append_new(list, subtask_json(b, i));
    json_object_set_new(b->report, "subtasks", list);
}

static void put_branch(json_t *git, const struct tree *t)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(t->orchs.at[0].id, id);
    AUTO_FREE char *branch = text_format("kelp/%s", id);
    put_text(git, "branch", t->commit[0] ? branch : NULL);
    put_text(git, "commit", t->commit[0] ? t->commit : NULL);
}

static void put_git(struct build *b)
{
    const struct tree *t = b->t;
    json_t *git = json_object();

    put_text(git, "base", t->base[0] ? t->base : NULL);
    put_text(git, "backup", t->backup[0] ? t->backup : NULL);
    put_text(git, "head", t->landed_head[0] ? t->landed_head : t->request.head);
    put_text(git, "start_head", t->request.head);
    put_text(git, "start_branch", t->request.branch);
    put_bool(git, "dirty", t->dirty);
    put_branch(git, t);
    put_bool(git, "landed", t->landed);
    put_text(git, "landed_on", t->landed_on[0] ? t->landed_on : NULL);
    put_bool(git, "land_refused", t->land_refused);
    put_text(git, "land_reason", t->land_reason);
    put_strings(git, "land_blocking", &t->land_blocking);
    put_bool(git, "pushed", t->pushed);
    put_text(git, "remote", t->remote[0] ? t->remote : NULL);
    put_bool(git, "push_refused", t->push_refused);
    put_text(git, "push_reason", t->push_reason);
    json_object_set_new(b->report, "git", git);
}

struct sums {
    struct driver_list drivers;
    struct metric_sums metrics;
    size_t agents, attempts, instances, reused;
};

static void add_agent(struct build *b, struct sums *s, const struct agent *a)
{
    s->agents++;
    s->reused += a->reused;
    if (a->result)
        metric_sums_merge(&s->metrics, &b->arena, &a->result->metrics);
    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        s->attempts++;
}

static void add_sums(struct build *b, struct sums *s)
{
    for (size_t i = 0; i < b->t->orchs.count; i++) {
        const struct orch *o = &b->t->orchs.at[i];
        if (o->work && o->work->pool)
            s->instances += pool_count(o->work->pool);
        for (size_t k = 0; o->work && k < o->work->agents.count; k++)
            add_agent(b, s, &o->work->agents.at[k]);
        drivers_add_orch(b, o, &s->drivers);
    }
}

static void put_agents(struct build *b, const struct sums *s)
{
    json_t *agents = json_object();

    put_int(agents, "count", (int64_t)s->agents);
    put_int(agents, "attempts", (int64_t)s->attempts);
    put_int(agents, "retries", b->t->retries_spent);
    put_int(agents, "instances", (int64_t)s->instances);
    put_int(agents, "reused", (int64_t)s->reused);
    put_rounded(agents, "reuse", s->agents ? (double)s->reused / (double)s->agents : 0);
    json_object_set_new(agents, "sessions", sessions_json(b->t));
    put_int(agents, "slots", b->t->settings.slots);
    put_int(agents, "asked", b->t->settings.slots_asked);
    json_object_set_new(b->report, "agents", agents);
}

static void put_totals(struct build *b)
{
    struct sums s = {0};

    add_sums(b, &s);
    put_agents(b, &s);
    put_metrics(b->report, "metrics", &(struct metrics){s.metrics.at, s.metrics.count});
    /* Also what a child spent in a life that was begun again. */
    put_usage(b->report, &(struct usage){.tokens = b->t->tokens,
                                         .counts = b->t->counts,
                                         .usd = b->t->usd,
                                         .unknown = b->t->usd_unknown});
    json_object_set_new(b->report, "drivers", drivers_json(&s.drivers));
    vector_free(&s.drivers.of);
}

/* The model that was asked to plan; null if none was. */
static void put_planner(struct build *b)
{
    const struct planner *p = &b->t->planner;
    struct usage usage = {0};

    if (!p->first_attempt) {
        json_object_set_new(b->report, "planner", json_null());
        return;
    }
    json_t *j = json_object();
    for (const struct attempt *x = p->first_attempt; x; x = x->next)
        usage_add(&usage, x);
    put_text(j, "driver", b->t->request.planner);
    put_text(j, "gave_up", p->gave_up[0] ? p->gave_up : NULL);
    json_object_set_new(j, "attempts", build_attempts(p->first_attempt));
    put_usage(j, &usage);
    json_object_set_new(b->report, "planner", j);
}

static void put_providers(struct build *b)
{
    json_t *list = json_array();

    for (size_t i = 0; i < b->t->providers.count; i++) {
        const struct provider *p = &b->t->providers.at[i];
        json_t *j = json_object();
        put_text(j, "provider", p->name);
        put_bool(j, "frozen", p->frozen);
        put_time(j, "paused_until_ms", p->paused_until_ms);
        put_text(j, "message", p->trouble[0] ? p->trouble : NULL);
        put_int(j, "waiting", (int64_t)tree_provider_waiting(b->t, i));
        json_array_append_new(list, j);
    }
    json_object_set_new(b->report, "providers", list);
}

/* What the machine did not bear; null if it bore all. */
static void put_admission(struct build *b)
{
    const struct tree_admission *a = &b->t->admission;
    int64_t now_ms = a->since_ms ? b->now_ms - a->since_ms : 0;

    if (!a->lowest.limit) {
        json_object_set_new(b->report, "admission", json_null());
        return;
    }
    json_t *j = json_object();
    put_text(j, "cause", admission_cause_name(a->lowest.cause));
    put_text(j, "why", admission_cause_sentence(a->lowest.cause));
    put_int(j, "fewest", a->lowest.limit);
    put_int(j, "bounded_ms", a->bounded_ms + now_ms);
    json_object_set_new(b->report, "admission", j);
}

static void put_run(struct build *b)
{
    const struct tree *t = b->t;

    put_int(b->report, "version", REPORT_VERSION);
    put_text(b->report, "kelp", KELP_VERSION);
    put_exec_id(b->report, "run", t->orchs.at[0].id);
    put_text(b->report, "task", t->plan->task);
    put_text(b->report, "plan", t->plan->file[0] ? t->plan->file : NULL);
    put_text(b->report, "root", b->facts->root);
    put_text(b->report, "status", run_status_name(t->status));
    put_int(b->report, "exit", tree_exit_status(t));
    put_text(b->report, "phase", run_phase_name(t->phase));
    put_text(b->report, "failure", t->failure[0] ? t->failure : NULL);
    put_bool(b->report, "declined", t->refused);
    put_bool(b->report, "limit_reached", t->over_limit);
    put_time(b->report, "started_ms", t->started_ms);
    put_time(b->report, "ended_ms", t->ended_ms);
    put_strings(b->report, "notes", &t->notes);
}

json_t *report_build(const struct tree *t, const struct report_facts *facts)
{
    static const struct report_facts none = {0};
    struct build b = {.t = t, .facts = facts ? facts : &none, .report = json_object()};

    if (t->phase == RUN_NEW)
        bug("a report of a run that was not requested");
    b.now_ms = t->ended_ms ? t->ended_ms : b.facts->now_ms ? b.facts->now_ms : t->now_ms;
    put_run(&b);
    put_decision(&b);
    put_subtasks(&b);
    json_object_set_new(b.report, "orchestrators", build_orchestrators(&b));
    build_timing(&b);
    put_totals(&b);
    put_planner(&b);
    put_providers(&b);
    put_admission(&b);
    put_git(&b);
    json_object_set_new(b.report, "findings", build_findings(&b));
    json_object_set_new(b.report, "follow_up", build_follow_up(&b));
    words_put_summary(b.report);
    arena_free(&b.arena);
    return b.report;
}
