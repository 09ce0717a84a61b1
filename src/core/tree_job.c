/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs and timers: the only place that appends commands. */
#include "core/tree_priv.h"

static void command(struct tree *t, struct command c)
{
    vector_push(&t->out->list, c);
}

static void ask(struct tree *t, uint32_t id)
{
    struct job *j = &t->jobs.at[id];

    if (j->state == JOB_HELD) {
        j->state = JOB_REQUESTED;
        t->outstanding++;
    }
    command(t, (struct command){.kind = COMMAND_START, .job = id});
}

uint32_t job_request(struct tree *t, struct job wanted)
{
    uint32_t id = (uint32_t)t->jobs.count;

    wanted.state = JOB_HELD;
    wanted.stop = STOP_NO;
    wanted.started_ms = 0;
    wanted.timer = TIMER_NONE;
    vector_push(&t->jobs, wanted);
    if (!t->interrupt)
        ask(t, id);
    return id;
}

void job_stop(struct tree *t, uint32_t job, enum job_stop reason)
{
    struct job *j = &t->jobs.at[job];

    if (j->state != JOB_REQUESTED && j->state != JOB_RUNNING)
        return;
    if (j->stop == STOP_NO)
        j->stop = (uint8_t)reason;
    command(t, (struct command){.kind = COMMAND_STOP, .job = job});
}

/* Git work is short and is not stopped half-way. What it moves between repositories may wait for
 * others without end, and does no harm when it is done twice. */
bool job_repeats(const struct job *j)
{
    return job_kind_way(j->kind) == JOB_WAY_COMMAND || j->kind == JOB_FETCH || j->kind == JOB_PUSH;
}

void job_stop_all(struct tree *t, enum job_stop reason)
{
    for (uint32_t id = 0; id < t->jobs.count; id++) {
        const struct job *j = &t->jobs.at[id];
        if (job_kind_way(j->kind) == JOB_WAY_AGENT || j->kind == JOB_PUSH ||
            (job_repeats(j) && reason == STOP_INTERRUPT))
            job_stop(t, id, reason);
    }
}

const struct plan_settings *tree_job_settings(const struct tree *t, const struct job *j)
{
    const struct orch *o = &t->orchs.at[tree_clone_owner(t, j->orch)];

    if (j->agent != AGENT_NONE)
        return &tree_agent_step(t, o, &o->work->agents.at[j->agent])->settings;
    if (o->kind == ORCH_CHILD)
        return &t->plan->subtasks[t->units.at[o->unit_first].subtask].settings;
    return &t->plan->settings;
}

/* What puts in order is given more time than what prepares or judges. */
static int64_t late_ms(enum job_kind kind)
{
    return kind == JOB_ON_FAILURE || kind == JOB_CLEANUP ? LATE_REPAIR_MS : LATE_CHECK_MS;
}

/* The earliest limit counts. */
static void limit_command(struct tree *t, uint32_t id)
{
    const struct job *j = &t->jobs.at[id];
    double minutes = tree_job_settings(t, j)->limits.agent_minutes;
    int64_t at_ms = minutes > 0 ? j->started_ms + (int64_t)(minutes * 60000.0) : INT64_MAX;

    if (t->late && t->now_ms + late_ms(j->kind) < at_ms)
        at_ms = t->now_ms + late_ms(j->kind);
    if (at_ms == INT64_MAX)
        return;
    if (j->timer != TIMER_NONE && t->timers.at[j->timer].at_ms <= at_ms)
        return;
    if (j->timer != TIMER_NONE)
        t->timers.at[j->timer].over = true;
    uint32_t timer = timer_set(t, (struct timer){.kind = TIMER_COMMAND_LIMIT,
                                                 .orch = j->orch,
                                                 .agent = j->agent,
                                                 .job = id,
                                                 .at_ms = at_ms});
    t->jobs.at[id].timer = timer;
}

void jobs_are_late(struct tree *t)
{
    t->late = true;
    for (uint32_t id = 0; id < t->jobs.count; id++)
        if (t->jobs.at[id].state == JOB_RUNNING &&
            job_kind_way(t->jobs.at[id].kind) == JOB_WAY_COMMAND)
            limit_command(t, id);
}

void job_started(struct tree *t, const struct event *e)
{
    struct job *j = &t->jobs.at[e->job];

    if (j->state != JOB_REQUESTED)
        return;
    j->state = JOB_RUNNING;
    j->started_ms = e->at_ms;
    if (j->kind == JOB_AGENT)
        agent_attempt_started(t, e->job);
    if (j->kind == JOB_PLANNER)
        planner_started(t);
    if (j->kind == JOB_PLANNER || job_kind_way(j->kind) == JOB_WAY_COMMAND)
        limit_command(t, e->job);
}

bool job_end(struct tree *t, uint32_t id)
{
    struct job *j = &t->jobs.at[id];

    if (j->state != JOB_REQUESTED && j->state != JOB_RUNNING)
        return false;
    j->state = JOB_ENDED;
    t->outstanding--;
    if (j->timer != TIMER_NONE)
        t->timers.at[j->timer].over = true;
    return true;
}

void job_release_held(struct tree *t)
{
    for (uint32_t id = 0; id < t->jobs.count; id++)
        if (t->jobs.at[id].state == JOB_HELD)
            ask(t, id);
}

void job_resume_all(struct tree *t)
{
    for (uint32_t id = 0; id < t->jobs.count; id++) {
        struct job *j = &t->jobs.at[id];
        if (j->state == JOB_ENDED)
            continue;
        ask(t, id);
        /* A stop that was asked for before a crash is asked for again. */
        if (j->stop != STOP_NO)
            command(t, (struct command){.kind = COMMAND_STOP, .job = id});
    }
}

uint32_t timer_set(struct tree *t, struct timer wanted)
{
    uint32_t id = (uint32_t)t->timers.count;

    vector_push(&t->timers, wanted);
    command(t, (struct command){.kind = COMMAND_TIMER, .timer = id, .at_ms = wanted.at_ms});
    return id;
}

void timers_resume(struct tree *t)
{
    for (uint32_t id = 0; id < t->timers.count; id++)
        if (!t->timers.at[id].over)
            command(t, (struct command){
                           .kind = COMMAND_TIMER, .timer = id, .at_ms = t->timers.at[id].at_ms});
}
