/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of the simulated world: the events that were committed, as deep copies, and what the
 * tree answered to each. It outlives the engine. A zeroed tape is empty.
 */
#ifndef KELP_SIM_TAPE_H
#define KELP_SIM_TAPE_H

#include "core/tree.h"

struct tape {
    struct arena arena;
    VECTOR(struct event) events;
    VECTOR(uint64_t) answers; /* a hash of the commands that followed, by event */
};

/* Copies an outcome into an arena; plans are borrowed for the life of the arena. */
struct outcome *outcome_copy(struct arena *arena, const struct outcome *from);
uint64_t commands_hash(const struct command *commands, size_t count);
void tape_commit(struct tape *h, const struct event *e, uint64_t answer);
/*
 * A new tree from the journal; its commands are dropped. Returns the index of the first event whose
 * commands were not those of the first time in *ret_differs, or the count of the events.
 */
struct tree *tape_replay(const struct tape *h, size_t *ret_differs);
void tape_free(struct tape *h);

#endif
