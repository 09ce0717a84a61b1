/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agents and their attempts.
 *
 *     waiting -> ready -> copying -> setup -> running -> settling -> joining -> ended
 *                  ^         (its copy)          |
 *                  +---- backoff <---------------+  (resetting, when it is granted a slot again)
 *
 * The table below says which end of a job an agent expects in which state; anything else is a
 * repeat and changes nothing.
 */
#include "core/tree_priv.h"

#include <stdio.h>
#include <string.h>

struct place {
    struct tree *t;
    struct orch *o;
    struct agent *a;
    uint32_t orch, agent;
};

static struct place at(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct orch *o = &t->orchs.at[orch];

    return (struct place){t, o, &o->work->agents.at[agent], orch, agent};
}

static uint32_t agent_job(struct place p, enum job_kind kind)
{
    uint32_t id = job_request(p.t, (struct job){.kind = (uint8_t)kind,
                                                .orch = p.orch,
                                                .agent = p.agent,
                                                .attempt = p.a->attempts});
    p.a->job = id;
    return id;
}

static void release_slot(struct place p)
{
    if (!p.a->holds_slot)
        return;
    p.a->holds_slot = false;
    p.t->running--;
    budget_return(p.t, p.orch, p.agent, NULL);
    provider_ended(p.t, p.orch, p.agent);
}

static bool in_clone(const struct agent *a)
{
    return a->place == PLACE_CLONE || a->place == PLACE_SHARED;
}

static struct agent_result *result_of(struct place p)
{
    if (!p.a->result) {
        p.a->result = ARENA_NEW(&p.t->arena, struct agent_result);
        p.a->result->summary = p.a->result->commit = "";
    }
    return p.a->result;
}

static void finish(struct place p, enum end_status status)
{
    bool settled = p.a->state == AGENT_STATE_JOINING;

    release_slot(p);
    p.a->state = AGENT_STATE_ENDED;
    p.a->status = (uint8_t)status;
    p.a->ended_ms = p.t->now_ms;
    p.a->job = JOB_NONE;
    if (p.a->instance)
        pool_release(p.o->work->pool, p.a->instance);
    if (!settled)
        work_agent_settled(p.t, p.orch, p.agent);
    work_agent_ended(p.t, p.orch, p.agent);
    agent_join_pump(p.t, p.orch);
}

/* Says why an agent could not go on, where it has no attempt to say it. */
static void explain(struct place p, enum attempt_error error, const char *why)
{
    struct attempt *last = p.a->last_attempt;

    if (!last) {
        last = attempt_open(p.t);
        last->error = error;
        p.a->first_attempt = p.a->last_attempt = last;
    }
    last->message = why;
}

/* Ends an agent whose copy, set-up or commit failed: not the agent's doing, so it is said. */
static void finish_failed(struct place p, const struct outcome *o, const char *what)
{
    explain(p, ERROR_FAILED,
            arena_format(&p.t->arena, "%s: %s", what,
                         o->message ? o->message : attempt_error_name(o->error)));
    finish(p, p.t->final ? END_CANCELLED : END_FAILED);
}

void agent_end_spent(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct place p = at(t, orch, agent);

    explain(p, ERROR_CANCELLED, "it may use more tokens or money than its limits leave");
    finish(p, END_TIMEOUT);
}

static const struct provider *frozen_provider(struct place p)
{
    const struct provider *provider = provider_of(p.t, p.orch, p.agent);

    return provider && provider->frozen ? provider : NULL;
}

/* What an agent is that could not begin, or go on, in a run that is being ended. */
static enum end_status idle_end(struct place p)
{
    if (frozen_provider(p))
        return END_QUOTA;
    return p.t->over_limit ? END_TIMEOUT : END_CANCELLED;
}

void agent_end_idle(struct tree *t, uint32_t orch, uint32_t agent, enum end_status status)
{
    finish(at(t, orch, agent), status);
}

void agent_end_waiting(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct place p = at(t, orch, agent);
    const struct provider *frozen = frozen_provider(p);

    if (frozen && !p.a->last_attempt)
        explain(
            p, ERROR_QUOTA,
            arena_format(&t->arena, "it was not started: %s: %s", frozen->name, frozen->trouble));
    finish(p, idle_end(p));
}

static void try_again(struct place p, int64_t delay_ms);

/* Not while the run is interrupted or its provider does not serve: then it waits with what was
 * prepared, and others get the slot. */
static bool may_begin(struct place p)
{
    const struct provider *provider = provider_of(p.t, p.orch, p.agent);

    return !p.t->interrupt && (!provider || provider_is_open(provider));
}

static void attempt_begin(struct place p)
{
    if (p.t->final) {
        finish(p, idle_end(p));
        return;
    }
    if (!may_begin(p)) {
        p.a->prepared = true;
        try_again(p, 0);
        return;
    }
    struct attempt *attempt = attempt_open(p.t);
    p.a->attempts++;
    p.a->state = AGENT_STATE_RUNNING;
    attempt->job = agent_job(p, JOB_AGENT);
    attempt->continues = p.a->continues;
    p.a->prepared = p.a->continues = false;
    if (p.a->last_attempt)
        p.a->last_attempt->next = attempt;
    else
        p.a->first_attempt = attempt;
    p.a->last_attempt = attempt;
    if (in_clone(p.a)) {
        p.o->users++;
        if (!p.a->start_commit[0])
            p.a->start_commit = p.o->commit;
    }
}

/* Its orchestrator's clone is there, or it needs none. */
static void proceed(struct place p)
{
    if (p.t->final) {
        finish(p, idle_end(p));
    } else if (p.a->prepared) {
        attempt_begin(p);
    } else if (p.a->attempts && (p.a->place == PLACE_CLONE || p.a->place == PLACE_OWN)) {
        p.a->state = AGENT_STATE_RESETTING;
        agent_job(p, JOB_RESET);
    } else if (p.a->place == PLACE_OWN) {
        p.a->state = AGENT_STATE_COPYING;
        p.a->start_commit = p.o->commit;
        agent_job(p, JOB_COPY);
    } else {
        attempt_begin(p);
    }
}

void agent_grant(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct place p = at(t, orch, agent);
    const char *role = tree_agent_step(t, p.o, p.a)->role;
    bool reused;

    p.a->holds_slot = true;
    t->running++;
    if (!p.a->instance) {
        p.a->instance = pool_take(p.o->work->pool, role, &reused);
        p.a->reused = reused;
    }
    if (p.a->place == PLACE_SNAPSHOT && !t->snapshot_ready) {
        finish_failed(p, &(struct outcome){.message = "there is no copy of the working tree"},
                      "research");
    } else if (p.a->place >= PLACE_SHARED && p.o->copy_failed) {
        finish_failed(p, &(struct outcome){.message = p.o->reason}, "no private clone");
    } else if (p.a->place >= PLACE_SHARED && !p.o->copy_ready) {
        p.a->state = AGENT_STATE_COPYING;
        orch_want_copy(t, orch);
    } else {
        proceed(p);
    }
}

void agent_copy_ready(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct place p = at(t, orch, agent);

    if (p.o->copy_failed)
        finish_failed(p, &(struct outcome){.message = p.o->reason}, "no private clone");
    else
        proceed(p);
}

static void copy_ended(struct place p, const struct job *j, const struct outcome *o)
{
    const struct plan_subtask *s = tree_node_subtask(p.t, &p.o->work->nodes.at[p.a->node]);

    (void)j;
    if (o->error != ERROR_NONE) {
        finish_failed(p, o, "no copy to work in");
    } else if (s && s->setup[0]) {
        p.a->state = AGENT_STATE_SETTING_UP;
        agent_job(p, JOB_SETUP);
    } else {
        attempt_begin(p);
    }
}

static void setup_ended(struct place p, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE)
        finish_failed(p, o, "setup");
    else
        attempt_begin(p);
}

static void reset_ended(struct place p, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE)
        finish_failed(p, o, "reset of its copy");
    else
        attempt_begin(p);
}

void agent_attempt_started(struct tree *t, uint32_t id)
{
    const struct job j = t->jobs.at[id];
    struct place p = at(t, j.orch, j.agent);
    double minutes = tree_agent_step(t, p.o, p.a)->settings.limits.agent_minutes;

    p.a->last_attempt->started_ms = t->now_ms;
    if (minutes > 0)
        t->jobs.at[id].timer =
            timer_set(t, (struct timer){.kind = TIMER_ATTEMPT_LIMIT,
                                        .orch = j.orch,
                                        .agent = j.agent,
                                        .job = id,
                                        .at_ms = t->now_ms + (int64_t)(minutes * 60000.0)});
}

static void record_result(struct place p, const struct outcome *o)
{
    if (o->claim == CLAIM_NONE && !o->summary && !o->metrics.count && !o->follow_up.count &&
        !o->findings)
        return;
    struct agent_result *r = result_of(p);
    r->claim = o->claim;
    r->summary = keep_string(p.t, o->summary);
    r->metrics = keep_metrics(p.t, o->metrics);
    r->follow_up = keep_strings(p.t, o->follow_up);
    r->findings = o->findings;
}

/* Back to the queue, at once or after a while. The slot goes to somebody else meanwhile. */
static void try_again(struct place p, int64_t delay_ms)
{
    release_slot(p);
    p.a->job = JOB_NONE;
    if (delay_ms <= 0) {
        p.a->state = AGENT_STATE_READY;
        ready_push(p.t, p.o->work->nodes.at[p.a->node].tail, p.orch, p.agent);
        return;
    }
    p.a->state = AGENT_STATE_BACKOFF;
    timer_set(p.t, (struct timer){.kind = TIMER_BACKOFF,
                                  .orch = p.orch,
                                  .agent = p.agent,
                                  .job = JOB_NONE,
                                  .at_ms = p.t->now_ms + delay_ms});
}

static bool by_model(struct place p)
{
    return !plan_step_is_command(tree_agent_step(p.t, p.o, p.a));
}

/* What was seen of the last attempt, and of those that it goes on with. */
static struct attempt last_work(const struct agent *a)
{
    struct attempt all = {0};

    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        if (!x->continues)
            all = (struct attempt){0};
        all.worked |= x->worked;
        all.tool_calls += x->tool_calls;
    }
    return all;
}

/* Of an attempt that says it succeeded: a model has to be seen at work, and to have changed
 * something where it was to. */
static enum end_status judge(struct place p, bool changed)
{
    bool due = tree_node_writes(p.t, &p.o->work->nodes.at[p.a->node]);
    const struct attempt work = last_work(p.a);
    const char *doubt = by_model(p) ? attempt_doubt(&work, due, changed) : NULL;

    if (doubt)
        p.a->last_attempt->message = doubt;
    return doubt ? END_UNVERIFIED : END_DONE;
}

/* The end of its attempts; what it left is committed, also when it failed. */
static void conclude(struct place p, enum end_status status)
{
    bool last_user = !in_clone(p.a) || p.o->users == 0;

    release_slot(p);
    p.a->status = (uint8_t)status;
    if (p.a->place < PLACE_SHARED || !last_user) {
        finish(p, status);
        return;
    }
    p.a->state = AGENT_STATE_SETTLING;
    agent_job(p, JOB_SETTLE);
}

/* Its provider would not serve it: that costs no attempt. Where it had begun to work it goes on in
 * its session and its copy, also when it is turned away once more before it gets to anything; the
 * slot goes to somebody else meanwhile. */
static void wait_for_provider(struct place p, const struct outcome *o)
{
    bool begun = o->session && o->session[0] && (o->worked || o->tool_calls);

    p.a->prepared = p.a->continues = begun || p.a->last_attempt->continues;
    try_again(p, 0);
}

static void attempt_failed(struct place p, const struct outcome *o, enum attempt_error error)
{
    struct retry_answer answer = attempt_retry(p.t, p.orch, p.agent, o, error);
    struct provider *provider = provider_of(p.t, p.orch, p.agent);

    /* Also where the run is being cancelled: a child of it may be tried again soon. */
    if (answer.action == RETRY_PAUSE_PROVIDER && provider)
        provider_pause(p.t, provider, answer.delay_ms, p.a->last_attempt->message);
    if (p.t->final)
        answer.action = RETRY_NO;
    if (answer.action == RETRY_PAUSE_PROVIDER && provider) {
        wait_for_provider(p, o);
    } else if (answer.action == RETRY_STOP_PROVIDER && provider) {
        provider_freeze(p.t, provider, p.a->last_attempt->message);
        wait_for_provider(p, o);
    } else if (answer.action == RETRY_AFTER) {
        p.t->retries_spent += answer.uses_budget;
        try_again(p, answer.delay_ms);
    } else {
        /* The provider would have let it go on; the run does not. */
        bool paused = p.t->final && error == ERROR_RATE_LIMIT;
        conclude(p, paused ? idle_end(p) : attempt_final_status(error));
    }
}

static void attempt_ended(struct place p, const struct job *j, const struct outcome *o)
{
    enum attempt_error error = attempt_was(p.t, j, o);
    bool trouble = error == ERROR_TRANSIENT || error == ERROR_CRASH;

    if (in_clone(p.a))
        p.o->users--;
    attempt_record(p.t, p.a->last_attempt, j, o, error);
    budget_return(p.t, p.orch, p.agent, o);
    if (error != ERROR_CANCELLED)
        stepdown_note(&p.t->stepdown, trouble, p.t->running);
    if (error == ERROR_CANCELLED && j->stop == STOP_INTERRUPT && !p.t->final) {
        try_again(p, 0); /* it is taken up again when the run is */
        return;
    }
    record_result(p, o);
    if (error != ERROR_NONE && j->stop == STOP_OVERDRAWN) {
        conclude(p, END_TIMEOUT); /* another attempt would need as many */
        return;
    }
    if (error != ERROR_NONE) {
        attempt_failed(p, o, error);
        return;
    }
    provider_succeeded(provider_of(p.t, p.orch, p.agent));
    /* Where changes are committed, whether there are any is known when they are. */
    conclude(p, judge(p, p.a->place >= PLACE_SHARED));
}

/* The agent's commits are on its orchestrator's branch now. */
static void take_over(struct place p, const char *commit)
{
    const struct agent_result *r = p.a->result;

    p.o->commit = keep_string(p.t, commit);
    if (!r)
        return;
    p.o->commits += r->commits;
    p.o->files += r->files;
    p.o->insertions += r->insertions;
    p.o->deletions += r->deletions;
}

static void settle_ended(struct place p, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE) {
        p.o->unsettled = true;
        finish_failed(p, o, "commit of what it left");
        return;
    }
    if (p.a->status == END_DONE)
        p.a->status = (uint8_t)judge(p, o->commits || o->paths.count);
    if (o->commits || o->paths.count) {
        struct agent_result *r = result_of(p);
        r->commit = keep_string(p.t, o->commit);
        r->commits = o->commits;
        r->files = o->files;
        r->insertions = o->insertions;
        r->deletions = o->deletions;
        r->out_of_scope = keep_strings(p.t, o->paths);
    }
    if (in_clone(p.a) && o->commit)
        take_over(p, o->commit);
    if (p.a->place == PLACE_OWN && o->commits && p.a->status == END_DONE) {
        p.a->state = AGENT_STATE_JOINING;
        p.a->job = JOB_NONE;
        vector_push(&p.o->work->joining, p.agent);
        work_agent_settled(p.t, p.orch, p.agent);
        agent_join_pump(p.t, p.orch);
    } else {
        finish(p, p.a->status);
    }
}

/* Under `schedule: wave` the commits of a wave are merged when all of it has settled, in the order
 * of its agents; else each as it comes. */
static bool may_join(struct tree *t, struct place p)
{
    const struct node *n = &p.o->work->nodes.at[p.a->node];
    const struct plan_subtask *s = tree_node_subtask(t, n);

    if (plan_step_schedule(s, &s->steps[n->step]) != SCHEDULE_WAVE)
        return true;
    return p.o->work->unsettled.at[n->level] == 0;
}

void agent_join_pump(struct tree *t, uint32_t orch)
{
    struct work *w = t->orchs.at[orch].work;
    size_t best = SIZE_MAX;

    if (w->join_active)
        return;
    for (size_t i = 0; i < w->joining.count; i++)
        if (may_join(t, at(t, orch, w->joining.at[i])) &&
            (best == SIZE_MAX || w->joining.at[i] < w->joining.at[best]))
            best = i;
    if (best == SIZE_MAX)
        return;
    uint32_t agent = w->joining.at[best];
    w->joining.at[best] = w->joining.at[--w->joining.count];
    w->join_active = true;
    agent_job(at(t, orch, agent), JOB_JOIN);
}

static void join_ended(struct place p, const struct job *j, const struct outcome *o)
{
    (void)j;
    p.o->work->join_active = false;
    if (o->error == ERROR_NONE && !o->paths.count) {
        take_over(p, o->commit);
        finish(p, END_DONE);
        return;
    }
    result_of(p)->conflicts = keep_strings(p.t, o->paths);
    finish_failed(p, o, "its changes conflict with those of its wave");
}

static const struct {
    enum agent_state state;
    void (*ended)(struct place p, const struct job *j, const struct outcome *o);
} expected[JOB_KIND_COUNT] = {
    [JOB_COPY] = {AGENT_STATE_COPYING, copy_ended},
    [JOB_SETUP] = {AGENT_STATE_SETTING_UP, setup_ended},
    [JOB_RESET] = {AGENT_STATE_RESETTING, reset_ended},
    [JOB_AGENT] = {AGENT_STATE_RUNNING, attempt_ended},
    [JOB_SETTLE] = {AGENT_STATE_SETTLING, settle_ended},
    [JOB_JOIN] = {AGENT_STATE_JOINING, join_ended},
};

void agent_job_ended(struct tree *t, uint32_t id, const struct job *j, const struct outcome *o)
{
    struct place p = at(t, j->orch, j->agent);

    if (!expected[j->kind].ended)
        bug("job '%s' has no agent", job_kind_name(j->kind));
    if (p.a->job != id || p.a->state != expected[j->kind].state)
        return;
    expected[j->kind].ended(p, j, o);
}

void agent_timer(struct tree *t, const struct timer *timer)
{
    struct place p = at(t, timer->orch, timer->agent);

    if (timer->kind == TIMER_ATTEMPT_LIMIT)
        job_stop(t, timer->job, STOP_TIME_LIMIT);
    else if (p.a->state == AGENT_STATE_BACKOFF)
        try_again(p, 0);
}

void tree_agent_name(const struct agent *a, char out[16])
{
    if (a->instance)
        (void)snprintf(out, 16, "%c%u", a->wave ? 'I' : 'R', a->instance);
    else
        (void)snprintf(out, 16, "-");
}

void tree_result_name(const struct tree *t, uint32_t orch, uint32_t agent,
                      char out[TREE_RESULT_NAME_MAX])
{
    const struct orch *o = &t->orchs.at[orch];
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    (void)snprintf(out, TREE_RESULT_NAME_MAX, "%s-w%u-a%u.json", id, o->work->agents.at[agent].wave,
                   agent + 1);
}
