/* SPDX-License-Identifier: Apache-2.0 */
/* Commits and merges made in the object store, without a working tree. */
#ifndef KELP_GIT_COMMITS_H
#define KELP_GIT_COMMITS_H

#include "base/fault.h"
#include "git/git.h"
#include "git/paths.h"

#include <stdint.h>

/* What a commit is made of. Borrowed. */
struct commit_spec {
    const char *tree;
    const char *const *parents; /* object names, NULL-ended */
    const char *message;
};
/* The caller frees the name. */
int commit_make(const struct git *g, const struct commit_spec *spec, char **ret,
                struct fault *f) MUST_CHECK;

/* A merge of two commits as git's own strategy makes it. Plain data; end with commit_merge_free. */
struct commit_merge {
    char *tree;             /* with conflict markers when there are conflicts */
    struct paths conflicts; /* sorted; empty when the merge is clean */
};
int commit_merge_try(const struct git *g, const char *ours, const char *theirs,
                     struct commit_merge *ret, struct fault *f) MUST_CHECK;
void commit_merge_free(struct commit_merge *merge);
#define AUTO_COMMIT_MERGE __attribute__((cleanup(commit_merge_free))) struct commit_merge

/* How many commits `tip` has that `base` has not. */
int commits_between(const struct git *g, const char *base, const char *tip, int64_t *ret,
                    struct fault *f) MUST_CHECK;

#endif
