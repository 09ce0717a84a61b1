/* SPDX-License-Identifier: Apache-2.0 */
/* Silence: output, and CPU time and writes of the agent and of everything below it, such as the
 * shell of a tool that works while the agent itself waits, count as life. */
#include "engine/replay.h"

#include "base/os.h"

#include <sys/stat.h>

enum { LOOKS_PER_LIMIT = 4, INTERVAL_MIN_MS = 100, INTERVAL_MAX_MS = 5000 };

/* What the programs of models do while they wait for an answer that never comes: timers and logs.
 * Measured: Claude Code, Codex and OpenCode use 1 to 2 % of a processor and write up to 2 KiB/s. */
enum { IDLE_CPU_PERCENT = 5, IDLE_BYTES_PER_S = 8 * 1024 };

int64_t stall_interval_ms(int64_t limit_ms)
{
    int64_t interval = limit_ms / LOOKS_PER_LIMIT;

    if (interval < INTERVAL_MIN_MS)
        return INTERVAL_MIN_MS;
    return interval < INTERVAL_MAX_MS ? interval : INTERVAL_MAX_MS;
}

static void on_timer(uv_timer_t *timer)
{
    stall_check(timer->data);
}

void stall_watch(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    const struct job *j = &e->tree->jobs.at[job];

    if (job_kind_way(j->kind) != JOB_WAY_AGENT)
        return;
    int64_t limit = replay_stall_ms(e, job, tree_job_stall_ms(e->tree, j));
    stall_forget(e, job); /* a keeper may tell of the same start again */
    if (limit <= 0)
        return;
    /* From now on, not from its start: nobody looked while there was no engine. */
    int64_t now = clock_now_ms(&e->clock);
    vector_push(&e->watched, (struct watched){.job = job,
                                              .pid = ev->pid,
                                              .idles = agent_is_driven(e, job),
                                              .limit_ms = limit,
                                              .life_ms = now,
                                              .look_ms = now});
    uint64_t interval = (uint64_t)stall_interval_ms(limit);
    if (!uv_is_active((uv_handle_t *)&e->stall_timer) ||
        interval < uv_timer_get_repeat(&e->stall_timer))
        (void)uv_timer_start(&e->stall_timer, on_timer, interval, interval);
}

void stall_forget(struct engine *e, uint32_t job)
{
    for (size_t i = 0; i < e->watched.count; i++)
        if (e->watched.at[i].job == job) {
            e->watched.at[i] = e->watched.at[--e->watched.count];
            return;
        }
}

static int64_t output_bytes(const struct engine *e, uint32_t job)
{
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *out = os_path(dir, "stdout");
    AUTO_FREE char *err = os_path(dir, "stderr");
    struct stat st;
    int64_t bytes = 0;

    if (stat(out, &st) == 0)
        bytes += st.st_size;
    if (stat(err, &st) == 0)
        bytes += st.st_size;
    return bytes;
}

/* True if it did more since the last look than a program does that only waits. Numbers fall when a
 * process has ended: then something went on. */
static bool is_busy(const struct watched *w, const struct usage *used, int64_t now_ms)
{
    uint64_t passed_ms = now_ms > w->look_ms ? (uint64_t)(now_ms - w->look_ms) : 0;
    uint64_t cpu_ms = used->cpu_ms - w->used.cpu_ms;
    uint64_t bytes = used->written_bytes - w->used.written_bytes;

    if (!w->idles)
        return cpu_ms || bytes;
    return cpu_ms * 100 > passed_ms * IDLE_CPU_PERCENT ||
           bytes * 1000 > passed_ms * IDLE_BYTES_PER_S;
}

bool stall_judge(struct watched *w, const struct usage *used, int64_t output, int64_t now_ms)
{
    bool alive = output != w->output || is_busy(w, used, now_ms);
    bool silent = !alive && now_ms - w->life_ms > w->limit_ms;

    if (alive || silent)
        w->life_ms = now_ms;
    w->used = *used;
    w->look_ms = now_ms;
    w->output = output;
    return silent;
}

void stall_check(struct engine *e)
{
    int64_t now = clock_now_ms(&e->clock);

    for (size_t i = 0; i < e->watched.count; i++) {
        struct watched *w = &e->watched.at[i];
        struct usage used = {0};
        (void)!usage_read(w->pid, &used); /* one that is gone uses nothing; its end is on its way */
        if (stall_judge(w, &used, output_bytes(e, w->job), now))
            engine_queue(e, (struct event){.kind = EVENT_STALLED, .job = w->job});
    }
}
