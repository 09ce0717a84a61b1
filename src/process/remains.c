/* SPDX-License-Identifier: Apache-2.0 */
#include "process/remains.h"

#include "base/vector.h"
#include "process/marker.h"

#include <string.h>
#include <unistd.h>

static const struct remain *find(const struct remains *remains, struct proc_id id)
{
    for (size_t i = 0; i < remains->count; i++) {
        const struct remain *r = &remains->at[i];
        if (r->id.pid == id.pid && r->id.start_ticks == id.start_ticks)
            return r;
    }
    return NULL;
}

static void add(struct remains *remains, struct proc_id id, struct attempt *attempt)
{
    if (!find(remains, id))
        vector_push(remains, (struct remain){id, attempt});
}

static struct attempt *by_marker(const struct remains *remains, const struct registry *registry,
                                 pid_t pid)
{
    AUTO_FREE char *id = marker_of(pid, remains->mark);

    return id ? registry_find(registry, id) : NULL;
}

static struct attempt *owner(const struct remains *remains, const struct registry *registry,
                             struct proc_id id, const struct proc_stat *stat)
{
    const struct remain *known = find(remains, id);

    if (known && known->attempt)
        return known->attempt;
    struct attempt *attempt = registry_find_pid(registry, stat->session);
    return attempt ? attempt : by_marker(remains, registry, id.pid);
}

static bool is_main(const struct registry *registry, pid_t pid)
{
    const struct attempt *attempt = registry_find_pid(registry, pid);

    return attempt && attempt->pid == pid;
}

/* Adds an adopted process and all below it to `found`. */
static void examine(const struct remains *remains, const struct registry *registry, pid_t pid,
                    struct remains *found)
{
    struct proc_list below = {0};
    struct proc_stat stat;

    if (proc_stat_read(pid, &stat) < 0 || stat.dead)
        return;
    struct proc_id id = {pid, stat.start_ticks};
    struct attempt *attempt = owner(remains, registry, id, &stat);
    add(found, id, attempt);
    proc_descendants(pid, &below);
    for (size_t i = 0; i < below.count; i++)
        add(found, below.at[i], attempt);
    vector_free(&below);
}

/* What was noted below a living main process may lose its parent later. */
static void keep_noted(const struct remains *remains, struct remains *found)
{
    for (size_t i = 0; i < remains->count; i++) {
        const struct remain *r = &remains->at[i];
        if (r->attempt && r->attempt->pid > 0 && proc_alive(r->id))
            add(found, r->id, r->attempt);
    }
}

void remains_scan(struct remains *remains, const struct registry *registry)
{
    struct remains found = {.mark = remains->mark};
    struct proc_list children = {0};

    (void)proc_children(getpid(), &children); /* own children can always be seen */
    for (size_t i = 0; i < children.count; i++) {
        if (!is_main(registry, children.at[i].pid))
            examine(remains, registry, children.at[i].pid, &found);
    }
    keep_noted(remains, &found);
    vector_free(&children);
    vector_free(remains);
    *remains = found;
}

void remains_note(struct remains *remains, struct attempt *attempt)
{
    struct proc_list below = {0};

    if (attempt->pid > 0)
        proc_descendants(attempt->pid, &below);
    for (size_t i = 0; i < below.count; i++)
        add(remains, below.at[i], attempt);
    vector_free(&below);
}

void remains_forget(struct remains *remains, const struct attempt *attempt)
{
    for (size_t i = 0; i < remains->count; i++) {
        if (remains->at[i].attempt == attempt)
            remains->at[i].attempt = NULL;
    }
}

void remains_free(struct remains *remains)
{
    vector_free(remains);
}
