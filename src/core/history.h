/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long agents took before, by role and kind, as smoothed values. Plain data: whoever
 * reads journals hands it in; nothing here is measured.
 */
#ifndef KELP_CORE_HISTORY_H
#define KELP_CORE_HISTORY_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum work_kind { WORK_COMMAND, WORK_MODEL };

struct history_entry {
    const char *role;
    enum work_kind kind;
    double minutes; /* smoothed */
    size_t count;   /* how many agents it comes from */
};

/* A zeroed history knows nothing. */
struct history {
    struct history_entry *at; /* sorted by role, then kind; in the arena */
    size_t count;
    double overhead_s; /* engine seconds to start and end one agent; 0: not measured */
};

/* The weight of a new value against all older ones, once there are more than its inverse:
 * before, every value weighs the same. */
#define HISTORY_WEIGHT 0.25

/* Call in the order in which the agents ended. The role is copied into the arena. */
void history_note(struct history *h, struct arena *arena, const char *role, enum work_kind kind,
                  double minutes);
/* Replaces what is known of a role and kind, or adds it. The role is copied into the arena. */
void history_set(struct history *h, struct arena *arena, struct history_entry entry);
/* A copy that shares nothing; NULL of NULL. */
const struct history *history_copy(const struct history *h, struct arena *arena);
/* False if nothing is known; `h` may be NULL. */
bool history_minutes(const struct history *h, const char *role, enum work_kind kind,
                     double *ret_minutes);
/* One smoothing step on its own: `count` values gave `smoothed`, then comes `value`. */
double history_smooth(double smoothed, size_t count, double value);

#endif
