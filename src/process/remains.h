/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose are the processes that have lost their parents and come to the keeper, their subreaper?
 * Known by their session (which the attempt's main process founded), by having been seen below
 * a process of the attempt, or by the marker in their environment. For attempts without a
 * control group; it is all that can be had without one.
 */
#ifndef KELP_PROCESS_REMAINS_H
#define KELP_PROCESS_REMAINS_H

#include "process/proc.h"
#include "process/registry.h"

#include <stddef.h>

struct remain {
    struct proc_id id;       /* pid 0: an empty slot */
    struct attempt *attempt; /* NULL: nobody knows; it goes when the last attempt is over */
};

/* A hash table by pid; nothing is ever removed from it, but each scan makes it anew. Zeroed is
 * empty. */
struct remains {
    struct remain *slots;
    size_t slot_count;
    size_t count;
    const char *mark; /* of this run's environment; not owned */
};

/* Looks at all children of this process that are no main process, and at all below them. Then the
 * `members` of the attempts are those that are alive. */
void remains_scan(struct remains *remains, const struct registry *registry);
/* Notes what is below the attempt's main process now, while the chain of parents is whole. */
void remains_note(struct remains *remains, struct attempt *attempt);
/* To be called before an attempt is freed. */
void remains_forget(struct remains *remains, struct attempt *attempt);
/* Kills those of which nobody knows whose they are. */
void remains_kill_strangers(const struct remains *remains);
void remains_free(struct remains *remains);

#endif
