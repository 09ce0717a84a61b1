/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to the keeper, which holds the attempts and outlives the engine. */
#include "engine/engine_priv.h"

/* Which jobs the keeper's records name. */
struct seen {
    bool *jobs;
    size_t count;
};

static void note_seen(void *ctx, const struct keeper_event *ev)
{
    struct seen *s = ctx;
    uint32_t job = job_of_identity(ev->id);

    if (job < s->count)
        s->jobs[job] = true;
}

/*
 * After a restart of the machine the end of the keeper's file may be missing. What the journal
 * ordered and no record names may have run: its attempt counts as crashed, and is not started a
 * second time under the same identity.
 */
static void end_lost(struct engine *e)
{
    size_t count = e->tree->jobs.count;
    AUTO_FREE bool *jobs = mem_zero(count * sizeof *jobs);
    struct seen s = {jobs, count};
    AUTO_FAULT f = {0};

    if (keeper_records_read(e->options.run_dir, note_seen, &s, &f) < 0)
        log_write(e->options.log, LOG_LEVEL_WARNING, "records of the keeper: %s", f.message);
    for (uint32_t i = 0; i < count; i++) {
        const struct job *j = &e->tree->jobs.at[i];
        if (j->state == JOB_RUNNING && !jobs[i] && job_kind_way(j->kind) != JOB_WAY_INTERNAL)
            engine_end_job(e, i,
                           (struct outcome){.error = ERROR_CRASH,
                                            .exit_code = -1,
                                            .message = "the machine was restarted"});
    }
}

int keep_open(struct engine *e, struct fault *f)
{
    struct keeper_options o = {.program = e->options.keeper, .no_cgroup = !e->options.contain};
    struct keeper_swept swept = {0};
    AUTO_FAULT busy = {0};

    if (e->tree->jobs.count && keeper_sweep(e->options.run_dir, NULL, NULL, &swept, &busy) == 0 &&
        swept.rebooted)
        end_lost(e);
    return keeper_open(e->options.run_dir, &o, &e->keeper, f);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    keep_pump(poll->data);
}

/* Each connection has a handle of its own: a handle that is being closed can't be used again. */
static void watch(struct engine *e)
{
    int events = UV_READABLE | (keeper_wants_write(e->keeper) ? UV_WRITABLE : 0);

    if (!e->poll) {
        e->poll = MEM_NEW(uv_poll_t);
        e->poll->data = e;
        if (uv_poll_init(&e->loop, e->poll, keeper_fd(e->keeper)) < 0)
            bug("the keeper's socket can't be watched");
    }
    (void)uv_poll_start(e->poll, events, on_readable);
}

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

void keep_close(struct engine *e)
{
    if (e->poll) {
        (void)uv_poll_stop(e->poll);
        uv_close((uv_handle_t *)e->poll, free_poll);
        e->poll = NULL;
    }
    keeper_close(e->keeper);
    e->keeper = NULL;
}

/* The keeper is gone: what it held is ended and recorded by the next one, which takes the rest. */
static void replace(struct engine *e, const struct fault *why)
{
    AUTO_FAULT f = {0};

    log_write(e->options.log, LOG_LEVEL_ERROR, "the keeper is gone (%s), starting another",
              why->message);
    keep_close(e);
    if (keep_open(e, &f) < 0) {
        engine_give_up(e, &f);
        return;
    }
    launch_outstanding(e);
    watch(e);
}

void keep_pump(struct engine *e)
{
    AUTO_FAULT f = {0};

    if (!e->keeper)
        return;
    if (keeper_pump(e->keeper, launch_keeper_event, e, &f) < 0)
        replace(e, &f);
    else
        watch(e);
}
