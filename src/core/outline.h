/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the work of one orchestrator looks before it runs: waves from 1, the agents of each, the
 * instance that each agent is placed on.
 *
 * Explicit waves are shown as they are. With a user's limit N, a level of `steps` wider than N is
 * shown as several waves of at most N agents, longest remaining path first; one explicit
 * wave of one subtask is never divided, also where it is wider than N. The pool has
 * as many instances as the widest wave; pool.h says who gets which.
 */
#ifndef KELP_CORE_OUTLINE_H
#define KELP_CORE_OUTLINE_H

#include "base/arena.h"
#include "core/estimate.h"
#include "core/work.h"

/* Right when zeroed. */
struct outline_options {
    unsigned agents;                  /* a user's limit N; 0: none */
    struct estimate_options estimate; /* counts of fan-outs, history, machine */
};

/* Strings are borrowed from the plan. */
struct outline_agent {
    size_t unit;          /* fan_units: which subtask with which item; 0 in a child */
    size_t subtask, step; /* indexes into the plan */
    unsigned copy;        /* 0..`count`-1 */
    size_t first, items;  /* its items of a for_each: the first and how many; 0, 0 without.
                             One whose count is not known is one agent with FAN_UNKNOWN items */
    unsigned instance;    /* 1.. */
    bool reused;          /* the instance had the role in an earlier wave */
    const char *role;
};

struct outline_wave {
    unsigned level;    /* that it is, or is a part of */
    const char *title; /* of the explicit wave; "" */
    struct outline_agent *agents;
    size_t agent_count;
};

/* All of it lives in the arena. */
struct outline {
    struct outline_wave *waves;
    size_t wave_count;
    size_t agent_count;
    unsigned pool; /* instances */
    size_t reused; /* agents placed on an instance that had the role */
    double reuse;  /* reused / agent_count; 0 if there are none */
    bool unknown;  /* some for_each was shown as one agent */
};

/* One child. */
void outline_build(const struct plan *plan, size_t subtask, const struct outline_options *options,
                   struct arena *arena, struct outline *ret);
/* The root's own waves where the pattern is `waves`. */
void outline_build_root(const struct plan *plan, const struct outline_options *options,
                        struct arena *arena, struct outline *ret);

#endif
