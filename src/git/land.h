/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The run's result reaches the branch that the user had checked out. Their hooks, filters and
 * configuration work as for any merge of theirs; nothing that they changed since is touched, and
 * when it is in the way nothing moves at all.
 *
 * What has to be one step and is not for git (working tree, index, branch) is noted before in
 * the file `kelp-landing` of the git folder; after a kill the next call puts the tree back to
 * where it was and starts over, or finishes when only the branch is left to move.
 */
#ifndef KELP_GIT_LAND_H
#define KELP_GIT_LAND_H

#include "base/fault.h"
#include "git/paths.h"

#include <stdbool.h>

enum land_mode { LAND_MERGE, LAND_BRANCH, LAND_NONE };

/* Borrowed strings. */
struct land_spec {
    const char *repo;
    const char *run; /* "ORG_4729"; names the merge commit */
    enum land_mode mode;
    const char *branch;     /* checked out at the start; NULL: HEAD was detached */
    const char *start_head; /* NULL: the branch was unborn */
    const char *commit;     /* what lands */
};

/* Owned; end with land_result_free. */
struct land_result {
    bool landed;
    const char *how;       /* "ff", "merge", "branch" or "none" */
    char *head;            /* HEAD afterwards; NULL on an unborn branch */
    char *reason;          /* why it did not land, or NULL */
    struct paths blocking; /* the paths in the way */
};

int land_run(const struct land_spec *spec, struct land_result *ret, struct fault *f) MUST_CHECK;
void land_result_free(struct land_result *result);

#endif
