/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The branch of a run. Branches are merged one after the other, in the object store: no working
 * tree is touched until the end, when kelp's own clone of the run's branch follows.
 *
 * Each merge commit names the branch and the command that made it in trailers (Kelp-Exec-Id,
 * Kelp-Command). A repeat of the same command finds on the branch what it has done and goes on
 * from there; another command starts anew from `onto`.
 */
#ifndef KELP_GIT_MERGE_H
#define KELP_GIT_MERGE_H

#include "base/fault.h"
#include "git/consolidate.h"
#include "git/diffstat.h"

#include <stdint.h>

/* Borrowed strings. */
struct merge_spec {
    const char *repo;
    const char *run;
    const char *path;         /* kelp's clone of the branch; made if missing; NULL: none */
    const char *base;         /* of the run, for the figures */
    const char *branch;       /* "kelp/ORG_4729" */
    const char *onto;         /* where the branch starts */
    const char *identity_key; /* of the command; one line */
    const struct branch *branches;
    size_t count;
};

struct merge_conflict {
    size_t branch; /* its place in the list */
    struct paths paths;
};

/* Owned; end with merge_result_free. */
struct merge_result {
    char *commit;
    size_t *merged; /* places of the branches that are in */
    size_t merged_count;
    struct merge_conflict *conflicts;
    size_t conflict_count;
    int64_t files, insertions, deletions, commits; /* base to commit */
};

int merge_branches(const struct merge_spec *spec, struct merge_result *ret,
                   struct fault *f) MUST_CHECK;
void merge_result_free(struct merge_result *result);

#endif
