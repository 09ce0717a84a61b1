/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision between child orchestrators (`meta`) and specialised agents (`waves`): a pure
 * function of the plan and the depth. `meta` needs all four criteria; a forced pattern
 * overrides size and benefit, never depth or dependencies.
 */
#ifndef KELP_CORE_DECIDE_H
#define KELP_CORE_DECIDE_H

#include "base/arena.h"
#include "core/estimate.h"
#include "core/event.h"

/* "auto", "meta", "waves". */
const char *pattern_name(enum pattern_choice pattern);

#define CRITERIA(X)                             \
    X(SUBTASKS, "independent_complex_subtasks") \
    X(DEPENDENCIES, "no_cross_dependencies")    \
    X(DEPTH, "depth")                           \
    X(BENEFIT, "benefit")

enum criterion_index {
#define CRITERION_ENUM(name, word) CRITERION_##name,
    CRITERIA(CRITERION_ENUM)
#undef CRITERION_ENUM
        CRITERION_COUNT
};

struct criterion {
    const char *name;
    bool holds;
    const char *why; /* one sentence without a full stop */
};

/* Right when zeroed: 0 is the default of each. */
struct decide_options {
    enum pattern_choice forced; /* PATTERN_AUTO: decide */
    size_t min_subtasks;        /* 2 */
    size_t min_steps;           /* 3 */
    double min_minutes;         /* 10 */
    double min_speedup;         /* 2: the speedup has to be above it */
    struct estimate_options estimate;
};

/* Strings live in the arena. */
struct decision {
    enum pattern_choice pattern; /* META or WAVES */
    bool forced;                 /* --pattern changed the answer */
    struct criterion criteria[CRITERION_COUNT];
    const char *rationale;
    struct estimate estimate;
};

void decide(const struct plan *plan, unsigned depth, const struct decide_options *options,
            struct arena *arena, struct decision *ret);

#endif
