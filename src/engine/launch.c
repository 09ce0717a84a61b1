/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs become attempts of the keeper, and its reports become events. */
#include "engine/engine_priv.h"
#include "engine/ending.h"
#include "engine/follow.h"
#include "engine/redo.h"
#include "engine/replay.h"

#include <string.h>

enum { GRACE_MS = 10 * 1000 };

static void start(struct engine *e, uint32_t job)
{
    enum job_way way = job_kind_way(e->tree->jobs.at[job].kind);
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct keeper_spec spec;
    int r;

    if (way == JOB_WAY_AGENT && agent_is_driven(e, job) && replay_holds_back(e, job))
        return;
    if (way == JOB_WAY_WORKER)
        r = git_job_spec(e, job, &a, &spec, &f);
    else if (agent_is_driven(e, job))
        r = agent_spec(e, job, &a, &spec, &f);
    else
        r = command_spec(e, job, &a, &spec, &f);
    if (r == 0)
        r = keeper_start(e->keeper, &spec, &f);
    if (r < 0)
        engine_fail_job(e, job, &f);
}

static void hold_place(struct engine *e, uint32_t job)
{
    while (e->active.count <= job)
        vector_push(&e->active, false);
    e->active.at[job] = true;
    e->workers++;
}

/* Git work is bound by the processors and the disk: more of it at once is slower for all. */
static void start_workers(struct engine *e)
{
    while (e->workers < e->workers_max && e->waiting_first < e->waiting.count) {
        uint32_t job = e->waiting.at[e->waiting_first++];
        hold_place(e, job);
        start(e, job);
    }
    if (e->waiting_first == e->waiting.count)
        e->waiting.count = e->waiting_first = 0;
}

static void worker_ended(struct engine *e, uint32_t job)
{
    if (job >= e->active.count || !e->active.at[job])
        return;
    e->active.at[job] = false;
    e->workers--;
    start_workers(e);
}

void launch_job(struct engine *e, uint32_t job)
{
    switch (job_kind_way(e->tree->jobs.at[job].kind)) {
    case JOB_WAY_INTERNAL:
        internal_job(e, job);
        break;
    case JOB_WAY_WORKER:
        vector_push(&e->waiting, job);
        start_workers(e);
        break;
    case JOB_WAY_COMMAND:
    case JOB_WAY_AGENT:
        start(e, job);
        break;
    }
}

void launch_again(struct engine *e, uint32_t job)
{
    stall_forget(e, job);
    start(e, job);
}

void launch_outstanding(struct engine *e)
{
    for (uint32_t i = 0; i < e->tree->jobs.count; i++) {
        const struct job *j = &e->tree->jobs.at[i];
        bool held = i < e->active.count && e->active.at[i];
        if ((j->state != JOB_REQUESTED && j->state != JOB_RUNNING) ||
            job_kind_way(j->kind) == JOB_WAY_INTERNAL)
            continue;
        /* One that waits for its place keeps it. */
        if (job_kind_way(j->kind) != JOB_WAY_WORKER || held)
            start(e, i);
    }
}

void launch_stop(struct engine *e, uint32_t job)
{
    AUTO_FREE char *id = job_identity(e, job);
    AUTO_FAULT f = {0};
    int64_t grace = e->options.grace_ms ? e->options.grace_ms : GRACE_MS;

    if (job_kind_way(e->tree->jobs.at[job].kind) == JOB_WAY_INTERNAL)
        return;
    if (replay_is_held_back(e, job)) {
        replay_let_go(e, job);
        engine_end_job(e, job, (struct outcome){.error = ERROR_CANCELLED});
        return;
    }
    if (keeper_stop(e->keeper, id, grace, &f) < 0)
        log_write(e->options.log, LOG_LEVEL_ERROR, "cannot stop '%s': %s", id, f.message);
}

static void started(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    engine_queue(e, (struct event){.kind = EVENT_JOB_STARTED, .at_ms = ev->at_ms, .job = job});
}

static void ended(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    bool driven = agent_is_driven(e, job);

    if (driven && ev->kind == KEEPER_ENDED) {
        ending_begin(e, job, ev);
        return;
    }
    struct outcome *o = ARENA_NEW(engine_arena(e), struct outcome);
    if (job_kind_way(e->tree->jobs.at[job].kind) == JOB_WAY_WORKER)
        git_result_read(e, job, ev, engine_arena(e), o);
    else if (driven)
        agent_result_read(e, job, ev, engine_arena(e), o);
    else
        result_read(e, job, ev, engine_arena(e), o);
    stall_forget(e, job);
    follow_end(e, job);
    engine_queue(
        e, (struct event){.kind = EVENT_JOB_ENDED, .at_ms = ev->at_ms, .job = job, .outcome = o});
    worker_ended(e, job);
}

static void watch(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    stall_watch(e, job, ev);
    follow_begin(e, job);
}

/* A keeper tells everything again to an engine that is new: what the tree knows is passed over. */
void launch_keeper_event(void *ctx, const struct keeper_event *ev)
{
    struct engine *e = ctx;
    uint32_t job = job_of_identity(ev->id);

    if (job >= e->tree->jobs.count)
        return;
    AUTO_FREE char *id = job_identity(e, job);
    if (strcmp(id, ev->id) != 0)
        return; /* an earlier try */
    enum job_state state = e->tree->jobs.at[job].state;
    if (ev->kind == KEEPER_STARTED && (state == JOB_REQUESTED || state == JOB_RUNNING))
        watch(e, job, ev);
    if (ev->kind == KEEPER_STARTED && state == JOB_REQUESTED)
        started(e, job, ev);
    else if (ev->kind != KEEPER_STARTED && (state == JOB_REQUESTED || state == JOB_RUNNING) &&
             !redo_job(e, job, ev))
        ended(e, job, ev);
}
