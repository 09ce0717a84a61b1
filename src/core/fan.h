/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fan-outs: how many items a `for_each` has, as far as that is known, and how items are
 * dealt out to agents. A list is known from the plan; a glob and a command only once they
 * have been expanded.
 */
#ifndef KELP_CORE_FAN_H
#define KELP_CORE_FAN_H

#include "core/plan.h"

/* 0 is a count as well: a list that turned out empty. */
#define FAN_UNKNOWN ((size_t)-1)

/* What has been expanded so far. NULL arrays and NULL rows: nothing. Entries of subtasks and
 * steps without a for_each are not looked at. */
struct fan_counts {
    const size_t *subtasks;     /* [subtask] */
    const size_t *const *steps; /* [subtask][step] */
};

/* FAN_NONE is 1, a list its length, anything else `known`. */
size_t fan_items(const struct plan_fan *fan, size_t known);
/* `counts` may be NULL. */
size_t fan_of_subtask(const struct plan *plan, size_t subtask, const struct fan_counts *counts);
size_t fan_of_step(const struct plan *plan, size_t subtask, size_t step,
                   const struct fan_counts *counts);

/* How many agents `items` take in batches of `batch` (1 or more). */
size_t fan_agents(size_t items, size_t batch);
/* The items of agent 0..: all but the last have `batch` of them. */
void fan_range(size_t items, size_t batch, size_t agent, size_t *ret_first, size_t *ret_count);

#endif
