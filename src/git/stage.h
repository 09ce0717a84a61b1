/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what lies in a clone's working tree to a tree object, through kelp's own index. What git
 * ignores there stays out; so do the paths that the caller excludes.
 *
 * A repository that an agent made inside the working tree is taken as plain files: as a link to a
 * commit that exists nowhere else its content would be lost with the clone.
 */
#ifndef KELP_GIT_STAGE_H
#define KELP_GIT_STAGE_H

#include "git/clone.h"

/* Brings kelp's index up to date with the working tree and writes its tree; the caller frees the
 * name. `exclude` is sorted, or NULL. It is the whole tree if no tracked file is different from
 * what the index has: none was excluded, none taken out by a sparse checkout. */
int stage_work_tree(const struct clone *clone, const struct paths *exclude, char **ret_tree,
                    bool *ret_whole, struct fault *f) MUST_CHECK;
/* Appends the folders above `path` that are repositories of their own. */
void stage_nested_above(const struct clone *clone, const char *path, struct paths *ret);
/* Makes the working tree and kelp's index what `commit` is, over anything that is there. Files
 * that git does not know stay. */
int stage_checkout(const struct clone *clone, const char *commit, struct fault *f) MUST_CHECK;

#endif
