/* SPDX-License-Identifier: Apache-2.0 */
/* Which branches of a run conflict with each other. */
#ifndef KELP_GIT_CONSOLIDATE_H
#define KELP_GIT_CONSOLIDATE_H

#include "base/fault.h"
#include "git/paths.h"

#include <stddef.h>

/* One branch. `id` and `commit` are borrowed; `files` is filled and owned. */
struct branch {
    const char *id;     /* "ORG_4729.1" */
    const char *title;  /* for the merge commit; not used here */
    const char *commit; /* full name */
    struct paths files; /* what it changes against the base, sorted */
};

/* Two branches that cannot both be merged as they are. */
struct conflict_pair {
    size_t a, b;        /* places in the list of branches, a < b */
    struct paths paths; /* sorted */
};

struct conflict_pairs {
    struct conflict_pair *at;
    size_t count, capacity;
};

/* Borrowed. */
struct consolidate_spec {
    const char *repo;
    const char *base; /* full name */
    struct branch *branches;
    size_t count;
};

/* Fills `files` of each branch and appends the pairs that conflict, ordered by a, then b. Pairs
 * that change no path in common, nor one a folder of the other's, are not asked of git; all
 * others are asked of one process. */
int consolidate_branches(const struct consolidate_spec *spec, struct conflict_pairs *ret,
                         struct fault *f) MUST_CHECK;
void conflict_pairs_free(struct conflict_pairs *pairs);

#endif
