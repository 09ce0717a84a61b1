/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups that keep an attempt to its bounds of memory and processes: the attempt's own
 * group (groups.h) where groups of cgroup v2 have the controllers, else one of v1 below the group
 * that the keeper is in (fence.h). Which were used up is found out by looking.
 */
#ifndef KELP_PROCESS_BOUND_GROUPS_H
#define KELP_PROCESS_BOUND_GROUPS_H

#include "process/bounds.h"
#include "process/fence.h"
#include "process/groups.h"

/* Right when zeroed: there are none. */
struct bound_groups {
    struct groups v1[FENCE_PART_COUNT]; /* path NULL: this part has none */
    bool v2[FENCE_PART_COUNT];
    bool v1_refused; /* processes may not enter them: none is taken any more */
};

/* What keeps one attempt. Right when zeroed: nothing does. */
struct bound_hold {
    char *path[FENCE_PART_COUNT];      /* folder of the group; owned; NULL: none keeps this part */
    bool joined[FENCE_PART_COUNT];     /* a group of v1, which the attempt has to enter by itself */
    uint32_t number[FENCE_PART_COUNT]; /* of it */
    uint64_t before[FENCE_PART_COUNT]; /* how often an earlier attempt had run into it */
};

/* Both have to outlive it. */
void bound_groups_open(struct bound_groups *all, const struct groups *groups,
                       const struct fence *fence);
/* Removes those that are empty. */
void bound_groups_close(struct bound_groups *all);

/* Sets up what can be had. `own`: folder of the attempt's group of v2, or NULL. */
void bound_groups_take(struct bound_groups *all, const char *own, const struct bounds *bounds,
                       struct bound_hold *ret);
/* Everything in them is gone. Groups that were `used_up`, or are in use, are not used again. */
void bound_groups_give_back(struct bound_groups *all, struct bound_hold *hold, bool used_up);
/* The attempt's own group of v2 is not to be had. */
void bound_groups_leave_own(struct bound_hold *hold);

/* The first bound that was run into, or BOUND_NONE. */
enum bound bound_hold_used_up(const struct bound_hold *hold);
/* Does a group keep this bound? */
bool bound_hold_keeps(const struct bound_hold *hold, enum bound bound);

#endif
