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

/* Git work is short and is never stopped half-way. */
void job_stop_all(struct tree *t, enum job_stop reason)
{
    for (uint32_t id = 0; id < t->jobs.count; id++) {
        enum job_way way = job_kind_way(t->jobs.at[id].kind);
        if (way == JOB_WAY_AGENT || (way == JOB_WAY_COMMAND && reason == STOP_INTERRUPT))
            job_stop(t, id, reason);
    }
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
        if (t->jobs.at[id].state == JOB_HELD && t->jobs.at[id].kind != JOB_AGENT)
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
