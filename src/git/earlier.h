/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a branch of kelp's had before it is moved to where that is not. A child that is tried again
 * makes other commits for the same branch, and its first clone may be gone by then because the
 * branch had all of it; somebody may have put commits of their own there, too.
 */
#ifndef KELP_GIT_EARLIER_H
#define KELP_GIT_EARLIER_H

#include "git/git.h"

#include <stdbool.h>

/* Plain data, borrowed strings. */
struct branch_move {
    const char *ref; /* "refs/heads/kelp/ORG_4729.1" */
    const char *old; /* full name of the commit that it is at; NULL: there is no such branch */
    const char *to;
    bool not_merges; /* merges that kelp made are no loss: their branches are there */
};

/* Before the move: gives `old` the ref refs/kelp/earlier/ORG_4729.1/<old>, unless `to` or another
 * ref reaches all of it. May be repeated. */
int earlier_keep(const struct git *user, const struct branch_move *move,
                 struct fault *f) MUST_CHECK;

#endif
