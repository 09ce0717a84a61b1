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

static struct attempt *new_attempt(struct place p)
{
    struct attempt *x = ARENA_NEW(&p.t->arena, struct attempt);

    x->message = x->model = x->session = "";
    x->usd = -1;
    return x;
}

/* Says why an agent could not go on, where it has no attempt to say it. */
static void explain(struct place p, enum attempt_error error, const char *why)
{
    struct attempt *last = p.a->last_attempt;

    if (!last) {
        last = new_attempt(p);
        last->job = JOB_NONE;
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

static enum end_status idle_end(const struct tree *t)
{
    return t->over_limit ? END_TIMEOUT : END_CANCELLED;
}

/* An attempt that was held back and never asked for. */
static void drop_held(struct place p)
{
    p.t->jobs.at[p.a->job].state = JOB_ENDED;
    p.a->last_attempt->error = ERROR_CANCELLED;
    p.a->last_attempt->message = "it was not started";
    if (in_clone(p.a))
        p.o->users--;
}

void agent_end_idle(struct tree *t, uint32_t orch, uint32_t agent, enum end_status status)
{
    struct place p = at(t, orch, agent);

    if (p.a->state == AGENT_STATE_RUNNING)
        drop_held(p);
    finish(p, status);
}

static void attempt_begin(struct place p)
{
    if (p.t->final) {
        finish(p, idle_end(p.t));
        return;
    }
    struct attempt *attempt = new_attempt(p);
    p.a->attempts++;
    p.a->state = AGENT_STATE_RUNNING;
    attempt->job = agent_job(p, JOB_AGENT);
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
        finish(p, idle_end(p.t));
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

static void record_attempt(struct place p, const struct job *j, const struct outcome *o,
                           enum attempt_error error)
{
    struct attempt *attempt = p.a->last_attempt;

    attempt->ended_ms = p.t->now_ms;
    attempt->error = error;
    attempt->exit_code = o->exit_code;
    attempt->signal = o->signal;
    attempt->cpu_us = o->cpu_us;
    attempt->max_rss_kib = o->max_rss_kib;
    attempt->tokens = o->tokens;
    attempt->counts = o->counts;
    attempt->usd = o->usd;
    attempt->model = keep_string(p.t, o->model);
    attempt->session = keep_string(p.t, o->session);
    attempt->session_way = o->session_way;
    attempt->context_tokens = o->context_tokens;
    attempt->context_window = o->context_window;
    attempt->tool_calls = o->tool_calls;
    attempt->worked = o->worked;
    attempt->message = keep_string(p.t, error == ERROR_NONE ? NULL : attempt_message(j, o));
    run_note_spent(p.t, o);
    budget_return(p.t, p.orch, p.agent, o);
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

static bool by_model(const struct plan_step *step)
{
    return !plan_step_is_command(step);
}

static void attempt_ended(struct place p, const struct job *j, const struct outcome *o)
{
    enum attempt_error error = attempt_was(p.t, j, o);
    bool trouble = error == ERROR_TRANSIENT || error == ERROR_CRASH;

    if (in_clone(p.a))
        p.o->users--;
    record_attempt(p, j, o, error);
    if (error != ERROR_CANCELLED)
        stepdown_note(&p.t->stepdown, trouble, p.t->running);
    if (error == ERROR_CANCELLED && j->stop == STOP_INTERRUPT && !p.t->final) {
        try_again(p, 0); /* it is taken up again when the run is */
        return;
    }
    record_result(p, o);
    if (error == ERROR_NONE) {
        provider_succeeded(p.t, p.orch, p.agent);
        bool nothing = by_model(tree_agent_step(p.t, p.o, p.a)) && !o->worked;
        conclude(p, nothing ? END_UNVERIFIED : END_DONE);
        return;
    }
    struct retry_answer answer = {.action = RETRY_NO};
    if (!p.t->final)
        answer = attempt_retry(p.t, p.orch, p.agent, o, error);
    if (answer.action == RETRY_PAUSE_PROVIDER) {
        provider_pause(p.t, p.orch, p.agent, answer.delay_ms);
        try_again(p, 0);
    } else if (answer.action == RETRY_AFTER) {
        p.t->retries_spent += answer.uses_budget;
        try_again(p, answer.delay_ms);
    } else {
        /* The provider would have let it go on; the run does not. */
        bool paused = p.t->final && error == ERROR_RATE_LIMIT;
        conclude(p, paused ? idle_end(p.t) : attempt_final_status(error));
    }
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
        finish_failed(p, o, "commit of what it left");
        return;
    }
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
