/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group says by a counter that a bound was run into; what no group keeps is measured. Both are
 * looked at several times a second, and once more when the attempt is over.
 */
#include "process/holder_priv.h"

#include "process/proc.h"
#include "process/usage.h"

#include <signal.h>

/* A look takes at most one part in so many of the time. */
enum { LOOK_EVERY_MS = 250, LOOK_SHARE = 50, SHELL_SIGNAL = 128 };

static bool is_measured(const struct attempt *attempt, enum bound bound)
{
    return attempt->bounds.of[bound] && !attempt->bounds.sparing &&
           !bound_hold_keeps(&attempt->hold, bound);
}

static void look_later(struct holder *h, int64_t pause_ms)
{
    if (h->bound_watched && !h->bound_at.place)
        deadline_set(&h->deadlines, &h->bound_at, h->now_ms + pause_ms);
}

void holder_bounds_begin(struct holder *h, struct attempt *attempt, const struct bounds *bounds,
                         struct bound_hold *hold)
{
    attempt->bounds = *bounds;
    attempt->hold = *hold;
    *hold = (struct bound_hold){{NULL}};
    for (unsigned i = BOUND_MEMORY; i <= BOUND_PROCESSES; i++)
        attempt->bound_watched = attempt->bound_watched ||
                                 bound_hold_keeps(&attempt->hold, (enum bound)i) ||
                                 is_measured(attempt, (enum bound)i);
    h->bound_watched += attempt->bound_watched;
    look_later(h, LOOK_EVERY_MS);
}

static enum bound measured(struct holder *h, struct attempt *attempt)
{
    struct proc_list list = {0};
    struct usage_room room = {0};
    bool memory = is_measured(attempt, BOUND_MEMORY);
    bool processes = is_measured(attempt, BOUND_PROCESSES);

    if (!memory && !processes)
        return BOUND_NONE;
    holder_collect(h, attempt, &list);
    for (size_t i = 0; i < list.count; i++)
        usage_room_add(list.at[i].pid, &room);
    vector_free(&list);
    if (memory && room.memory_bytes > attempt->bounds.of[BOUND_MEMORY])
        return BOUND_MEMORY;
    return processes && room.threads > attempt->bounds.of[BOUND_PROCESSES] ? BOUND_PROCESSES
                                                                           : BOUND_NONE;
}

static bool note(struct attempt *attempt, enum bound bound)
{
    attempt->end.bound = bound;
    attempt->end.bound_most = attempt->bounds.of[bound];
    return bound != BOUND_NONE;
}

static void visit(void *ctx, struct attempt *attempt)
{
    struct holder *h = ctx;

    if (!attempt->bound_watched || attempt->end.bound || attempt->pid <= 0)
        return;
    enum bound bound = bound_hold_used_up(&attempt->hold);
    if (note(attempt, bound ? bound : measured(h, attempt)))
        holder_stop(h, attempt->id, 0);
}

void holder_bounds_look(struct holder *h)
{
    int64_t start_us = proc_cpu_us();

    registry_each(&h->registry, visit, h);
    int64_t pause_ms = (proc_cpu_us() - start_us) * LOOK_SHARE / 1000;
    look_later(h, pause_ms > LOOK_EVERY_MS ? pause_ms : LOOK_EVERY_MS);
}

/* The kernel ends who writes on; a shell says so of its child by its own exit status. */
static bool wrote_too_much(const struct attempt *attempt)
{
    return attempt->bounds.of[BOUND_FILE_SIZE] &&
           (attempt->end.signal == SIGXFSZ || attempt->end.exit_code == SHELL_SIGNAL + SIGXFSZ);
}

void holder_bounds_end(struct holder *h, struct attempt *attempt)
{
    enum bound used_up = bound_hold_used_up(&attempt->hold);

    if (!attempt->end.bound)
        (void)note(attempt, used_up                   ? used_up
                            : wrote_too_much(attempt) ? BOUND_FILE_SIZE
                                                      : BOUND_NONE);
    h->bound_watched -= attempt->bound_watched;
    bound_groups_give_back(&h->bound_groups, &attempt->hold, used_up || attempt->left);
}
