/* SPDX-License-Identifier: Apache-2.0 */
#include "process/remains.h"

#include "base/vector.h"
#include "process/marker.h"

#include <signal.h>
#include <unistd.h>

enum { SLOTS_FIRST = 64 };

/* The slot of a process, or the empty one where it belongs. */
static struct remain *slot_of(const struct remains *remains, struct proc_id id)
{
    size_t i = (size_t)id.pid * 0x9E3779B97F4A7C15U >> 20 & (remains->slot_count - 1);

    for (;; i = (i + 1) & (remains->slot_count - 1)) {
        struct remain *slot = &remains->slots[i];
        if (!slot->id.pid || (slot->id.pid == id.pid && slot->id.start_ticks == id.start_ticks))
            return slot;
    }
}

static void grow(struct remains *remains)
{
    struct remains old = *remains;

    remains->slot_count = old.slot_count ? old.slot_count * 2 : SLOTS_FIRST;
    remains->slots = mem_zero(remains->slot_count * sizeof *remains->slots);
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].id.pid)
            *slot_of(remains, old.slots[i].id) = old.slots[i];
    }
    free(old.slots);
}

static void add(struct remains *remains, struct proc_id id, struct attempt *attempt)
{
    if (remains->count * 2 >= remains->slot_count)
        grow(remains);
    struct remain *slot = slot_of(remains, id);
    if (slot->id.pid)
        return;
    *slot = (struct remain){id, attempt};
    remains->count++;
    if (attempt)
        vector_push(&attempt->members, id);
}

static struct attempt *known_owner(const struct remains *remains, struct proc_id id)
{
    return remains->slot_count ? slot_of(remains, id)->attempt : NULL;
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
    struct attempt *attempt = known_owner(remains, id);

    if (!attempt)
        attempt = registry_find_pid(registry, stat->session);
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
    for (size_t i = 0; i < remains->slot_count; i++) {
        const struct remain *r = &remains->slots[i];
        if (r->attempt && r->attempt->pid > 0 && proc_alive(r->id))
            add(found, r->id, r->attempt);
    }
}

static void clear_members(const struct remains *remains)
{
    for (size_t i = 0; i < remains->slot_count; i++) {
        if (remains->slots[i].attempt)
            remains->slots[i].attempt->members.count = 0;
    }
}

void remains_scan(struct remains *remains, const struct registry *registry)
{
    struct remains found = {.mark = remains->mark};
    struct proc_list children = {0};

    clear_members(remains);
    (void)proc_children(getpid(), &children); /* own children can always be seen */
    for (size_t i = 0; i < children.count; i++) {
        if (!is_main(registry, children.at[i].pid))
            examine(remains, registry, children.at[i].pid, &found);
    }
    keep_noted(remains, &found);
    vector_free(&children);
    remains_free(remains);
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

void remains_forget(struct remains *remains, struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->members.count; i++) {
        struct remain *slot = slot_of(remains, attempt->members.at[i]);
        if (slot->attempt == attempt)
            slot->attempt = NULL;
    }
    attempt->members.count = 0;
}

void remains_kill_strangers(const struct remains *remains)
{
    for (size_t i = 0; i < remains->slot_count; i++) {
        const struct remain *r = &remains->slots[i];
        if (r->id.pid && !r->attempt)
            (void)proc_signal(r->id, SIGKILL); /* gone meanwhile is as good */
    }
}

void remains_free(struct remains *remains)
{
    free(remains->slots);
    *remains = (struct remains){.mark = remains->mark};
}
