/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of the simulated world: the events that were committed, as the real journal's codec
 * gives them back from the rows that it makes of them, and what the tree answered to each. It
 * outlives the engine. A zeroed tape is empty.
 */
#ifndef KELP_SIM_TAPE_H
#define KELP_SIM_TAPE_H

#include "base/fault.h"
#include "core/tree.h"

struct tape {
    struct arena arena;
    VECTOR(struct event) events;
    VECTOR(uint64_t) answers; /* a hash of the commands that followed, by event */
    VECTOR(uint32_t) sums;    /* the checksum of its row, by event */
};

uint64_t commands_hash(const struct command *commands, size_t count);
/* The checksum of the row that `e` is in place `seq`, behind a row with the checksum `before`. */
uint32_t tape_sum(uint32_t before, const struct event *e, int64_t seq);
/* Fails where the row can't be read back. */
int tape_commit(struct tape *h, const struct event *e, uint64_t answer, struct fault *f) MUST_CHECK;
/* The last events are gone, down to `count`. */
void tape_cut(struct tape *h, size_t count);
/*
 * A new tree from the journal; its commands are dropped. Returns the index of the first event whose
 * commands were not those of the first time in *ret_differs, or the count of the events.
 */
struct tree *tape_replay(const struct tape *h, size_t *ret_differs);
void tape_free(struct tape *h);

#endif
