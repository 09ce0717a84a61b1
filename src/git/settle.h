/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent left in its clone becomes commits on the clone's branch.
 *
 * The agent may have committed itself, switched branches, detached HEAD, rewritten history, left
 * a merge or a rebase half done, or broken .git altogether. The rules:
 *
 *   1. What the working tree holds and HEAD does not is committed upon HEAD (and upon what a
 *      merge under way was merging).
 *   2. If the branch has commits that this one has not, both are merged; where they conflict, the
 *      working tree's state is taken, with both as parents.
 *   3. If the commit that the step started from is not in it (an amended or reset history), it is
 *      merged in the same way, so that the branch always goes on from its start.
 *
 * Afterwards the branch, HEAD, the index and the working tree agree. Repeating it finds nothing to
 * do and gives the same answer.
 */
#ifndef KELP_GIT_SETTLE_H
#define KELP_GIT_SETTLE_H

#include "base/fault.h"
#include "git/diffstat.h"
#include "git/paths.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed strings; right when zeroed but for path, message, exec_id and base. */
struct settle_spec {
    const char *path;    /* the clone */
    const char *message; /* of the commit, without trailers */
    const char *exec_id; /* "ORG_4729.1", for the Kelp-Exec-Id trailer */
    const char *label;   /* names refs/kelp/kept/<label> in `into_path` */
    const char *base;    /* the commit that the step started from */
    bool writes_given;
    struct paths writes;     /* globs; what changed outside them is `out_of_scope` */
    struct paths exclude;    /* paths that are never committed */
    const char *into_path;   /* the clone that takes the result, or NULL */
    const char *into_branch; /* NULL: the branch of that clone */
};

/* Owned; end with settle_result_free. */
struct settle_result {
    char *commit; /* the branch's tip afterwards */
    int64_t commits;
    struct diffstat diff; /* base to commit */
    struct paths out_of_scope;
    struct paths nested;    /* repositories inside whose files changed, as plain files */
    char *into_commit;      /* the tip of `into` once it has the commit; NULL: it has not */
    struct paths conflicts; /* why it has not */
    bool fallback_identity;
};

int settle_clone(const struct settle_spec *spec, struct settle_result *ret,
                 struct fault *f) MUST_CHECK;
void settle_result_free(struct settle_result *result);

/* The clone exactly as at `commit`; ignored files stay, everything else that is new goes. */
int clone_reset(const char *path, const char *commit, struct fault *f) MUST_CHECK;

#endif
