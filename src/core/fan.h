/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fan-outs: how many items a `for_each` has, as far as that is known, and how items are
 * dealt out to agents. A list is known from the plan; a glob and a command only once they
 * have been expanded. On a subtask, each item makes a unit: the subtask with that item.
 */
#ifndef KELP_CORE_FAN_H
#define KELP_CORE_FAN_H

#include "base/arena.h"
#include "core/plan.h"

/* 0 is a count as well: a list that turned out empty. */
#define FAN_UNKNOWN ((size_t)-1)

/* What has been expanded so far. NULL arrays and NULL rows: nothing. Entries of subtasks and steps
 * without a for_each, or with a list, are not looked at. */
struct fan_known {
    const struct strings *subtasks; /* [subtask]: its items; `at` NULL: not known */
    const size_t *const *steps;     /* [subtask][step]: how many; FAN_UNKNOWN */
};

/* FAN_NONE is 1, a list its length, anything else `known`. */
size_t fan_items(const struct plan_fan *fan, size_t known);
/* `known` may be NULL in all of these. */
size_t fan_of_subtask(const struct plan *plan, size_t subtask, const struct fan_known *known);
size_t fan_of_step(const struct plan *plan, size_t subtask, size_t step,
                   const struct fan_known *known);

/* A subtask with its item. */
struct fan_unit {
    size_t subtask;
    const char *item; /* NULL without a for_each, or while the items are not known */
};

/* All units in the order of the plan; an unknown for_each is one unit. They live in the arena. */
const struct fan_unit *fan_units(const struct plan *plan, const struct fan_known *known,
                                 struct arena *arena, size_t *ret_count);
/* A glob of `writes` for a unit: {{item}} and {{items}} are the item, or `*` where it is not known;
 * other variables are `*` too. The text itself if it has none, else a copy in the arena. */
const char *fan_glob(const char *glob, const char *item, struct arena *arena);

/* How many agents `items` take in batches of `batch` (1 or more). */
size_t fan_agents(size_t items, size_t batch);

struct fan_range {
    size_t first, count;
};

/* The items of agent 0..agents-1: each gets `batch` as long as every later one gets at least one.
 * There are at least as many items as agents, and at most agents * batch. */
struct fan_range fan_range(size_t items, size_t agents, size_t batch, size_t agent);

#endif
