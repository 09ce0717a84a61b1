/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ending.h"

#include "engine/agent.h"
#include "engine/follow.h"

struct ending {
    uv_work_t work; /* data: this struct */
    struct engine *e;
    struct agent_ending x;
    struct ending *next; /* of those that are being read */
};

static bool is_read(const struct engine *e, uint32_t job)
{
    for (const struct ending *at = e->endings; at; at = at->next)
        if (at->x.job == job)
            return true;
    return false;
}

static void unlink_ending(struct ending *of)
{
    struct ending **at = &of->e->endings;

    while (*at != of)
        at = &(*at)->next;
    *at = of->next;
}

/* A keeper that was replaced meanwhile may have told of its start again. */
static void forget(struct engine *e, uint32_t job)
{
    stall_forget(e, job);
    follow_end(e, job);
}

static void deliver(struct ending *of)
{
    struct engine *e = of->e;
    struct outcome *o = ARENA_NEW(engine_arena(e), struct outcome);

    forget(e, of->x.job);
    agent_ending_finish(&of->x, e, engine_arena(e), o);
    engine_queue(e, (struct event){.kind = EVENT_JOB_ENDED,
                                   .at_ms = of->x.event.at_ms,
                                   .job = of->x.job,
                                   .outcome = o});
}

static void in_thread(uv_work_t *work)
{
    struct ending *of = work->data;

    agent_ending_work(&of->x);
}

/* An engine that gave up meanwhile journals nothing more: the next one reads it again. */
static void after_work(uv_work_t *work, int status)
{
    struct ending *of = work->data;

    (void)status; /* nothing cancels it */
    unlink_ending(of);
    if (!of->e->failed)
        deliver(of);
    agent_ending_free(&of->x);
    free(of);
}

void ending_begin(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    if (is_read(e, job))
        return;
    struct ending *of = MEM_NEW(struct ending);
    of->e = e;
    of->work.data = of;
    forget(e, job);
    agent_ending_begin(&of->x, e, job, ev);
    if (of->x.failed) {
        deliver(of);
        agent_ending_free(&of->x);
        free(of);
        return;
    }
    of->next = e->endings;
    e->endings = of;
    (void)uv_queue_work(&e->loop, &of->work, in_thread, after_work); /* only NULL fails */
}
