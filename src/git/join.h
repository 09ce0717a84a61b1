/* SPDX-License-Identifier: Apache-2.0 */
/* The result of one agent's clone goes into the clone of its orchestrator. */
#ifndef KELP_GIT_JOIN_H
#define KELP_GIT_JOIN_H

#include "git/clone.h"

/* Plain data, borrowed. */
struct join_spec {
    const struct clone *from;
    const char *commit;  /* of `from` */
    const char *path;    /* the clone that takes it */
    const char *branch;  /* its branch, or NULL */
    const char *label;   /* the commit is held by refs/kelp/kept/<label> until it is merged */
    const char *message; /* of the merge commit, with trailers */
};

/* Fast-forward, or a merge commit. With conflicts nothing moves: they are appended, and the
 * commit stays under refs/kelp/kept/. *ret_commit is the tip of the clone's branch afterwards, NULL
 * with conflicts; the caller frees. Several at once into one clone take turns. */
int join_clone(const struct join_spec *spec, char **ret_commit, struct paths *ret_conflicts,
               struct fault *f) MUST_CHECK;

#endif
