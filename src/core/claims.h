/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may write what: globs with owners, and which owners' globs may meet. Globs are sorted by
 * their text before the first wildcard, so that only those are compared whose beginnings agree:
 * a thousand owners with folders of their own cost a thousand comparisons, not a million.
 */
#ifndef KELP_CORE_CLAIMS_H
#define KELP_CORE_CLAIMS_H

#include "core/glob.h"

#include <stddef.h>

/* Plain data; the glob is borrowed. Owners are ranks: lower ones come first. */
struct glob_claim {
    const char *glob;
    size_t owner;
};

struct glob_claim_pair {
    struct glob_claim a, b; /* a.owner < b.owner */
};

/* The first pair of different owners (lowest a.owner, then lowest b.owner) whose globs overlap.
 * Sorts `claims`. False if there is none. */
bool claims_meet(struct glob_claim *claims, size_t count, struct glob_claim_pair *ret);
/* Calls back with pairs (before, after) of owners, before < after, such that any two owners whose
 * globs overlap are joined by a chain of pairs. A pair may come more than once. */
void claims_order(struct glob_claim *claims, size_t count,
                  void (*pair)(void *context, size_t before, size_t after), void *context);

#endif
