/* SPDX-License-Identifier: Apache-2.0 */
/* Silence: output and CPU time of the main process count as life. */
#include "engine/engine_priv.h"

#include "base/os.h"
#include "process/proc.h"

#include <sys/stat.h>

void stall_watch(struct engine *e, uint32_t job, const struct keeper_event *ev)
{
    const struct job *j = &e->tree->jobs.at[job];

    if (j->kind != JOB_AGENT)
        return;
    const struct orch *o = &e->tree->orchs.at[j->orch];
    int64_t limit =
        tree_stall_ms(e->tree, tree_agent_step(e->tree, o, &o->work->agents.at[j->agent]));
    stall_forget(e, job); /* a keeper may tell of the same start again */
    if (limit > 0)
        vector_push(
            &e->watched,
            (struct watched){.job = job, .pid = ev->pid, .limit_ms = limit, .life_ms = ev->at_ms});
}

void stall_forget(struct engine *e, uint32_t job)
{
    for (size_t i = 0; i < e->watched.count; i++)
        if (e->watched.at[i].job == job) {
            e->watched.at[i] = e->watched.at[--e->watched.count];
            return;
        }
}

static int64_t written_bytes(const struct engine *e, uint32_t job)
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

static uint64_t cpu_ticks(pid_t pid)
{
    struct proc_stat stat;

    return proc_stat_read(pid, &stat) == 0 ? stat.cpu_ticks : 0;
}

void stall_check(struct engine *e)
{
    int64_t now = clock_now_ms(&e->clock);

    for (size_t i = 0; i < e->watched.count; i++) {
        struct watched *w = &e->watched.at[i];
        int64_t written = written_bytes(e, w->job);
        uint64_t cpu = cpu_ticks(w->pid);
        if (written != w->written || cpu != w->cpu_ticks) {
            w->written = written;
            w->cpu_ticks = cpu;
            w->life_ms = now;
        } else if (now - w->life_ms > w->limit_ms) {
            w->life_ms = now;
            engine_queue(e, (struct event){.kind = EVENT_STALLED, .job = w->job});
        }
    }
}
