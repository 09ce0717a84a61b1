/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bound on what all attempts of a run use together, so that one that forks or takes memory
 * without end is the run's trouble and not the machine's. It is kept by control groups: those of
 * the attempts (groups.h) where these have the controllers, else groups of the first version
 * (cgroup v1), which the keeper enters itself, so that all that it starts is born in them.
 */
#ifndef KELP_PROCESS_FENCE_H
#define KELP_PROCESS_FENCE_H

#include "process/groups.h"

/* name, controller, file of its limit in v2 and v1 */
#define FENCE_PARTS(X)                                         \
    X(MEMORY, "memory", "memory.max", "memory.limit_in_bytes") \
    X(PROCESSES, "pids", "pids.max", "pids.max") /* and threads */

enum fence_part {
#define FENCE_ENUM(name, controller, v2, v1) FENCE_##name,
    FENCE_PARTS(FENCE_ENUM)
#undef FENCE_ENUM
        FENCE_PART_COUNT
};

/* Plain data; 0: no bound. */
struct fence_limits {
    uint64_t of[FENCE_PART_COUNT]; /* bytes; processes and threads */
};

/* Right when zeroed: there is none. */
struct fence {
    char *entered[FENCE_PART_COUNT]; /* folder of the v1 group; owned; NULL: not this way */
    bool holds[FENCE_PART_COUNT];
};

/* What leaves the machine enough to go on: memory but for a twentieth, at least 256 MiB of it, and
 * three quarters of the processes that there can be. What can't be read has no bound. */
void fence_limits_of_machine(struct fence_limits *ret);

/* Sets up what can be had; `groups` may have none. Empty groups that an earlier keeper of the run
 * left, by the first `same` characters of `name`, go. */
void fence_open(struct fence *fence, const struct groups *groups, const char *name, size_t same,
                const struct fence_limits *limits);
/* The caller goes back to where it was; groups that are empty then are removed. */
void fence_close(struct fence *fence);

const char *fence_part_name(enum fence_part part); /* the controller's */

#endif
