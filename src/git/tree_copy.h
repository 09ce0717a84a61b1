/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of a working tree without git: files are copied in the kernel, shared on file systems
 * that can (btrfs, XFS), and the new tree's index is the old one with the new files' times. All
 * files are as old as those of the first tree, so older than the index, and git's first look
 * reads none of them.
 */
#ifndef KELP_GIT_TREE_COPY_H
#define KELP_GIT_TREE_COPY_H

#include "base/fault.h"

#include <stdint.h>

/* A working tree and its index. Borrowed paths. */
struct work_tree {
    const char *path;
    const char *index;
};

/* Copies what the index of `from` lists to the empty folder of `to`, and writes the index there.
 * FAULT_CORRUPT when a file is not as the index says: somebody
 * changed the tree. FAULT_FORMAT when the index is of another kind. */
int tree_copy(const struct work_tree *from, const struct work_tree *to, int64_t *ret_files,
              struct fault *f) MUST_CHECK;
/* Dates every file of the tree two seconds back and brings the index up to date with that, so
 * that no entry is as young as the index. The tree is exactly what the index says. */
int tree_age(const struct work_tree *tree, int64_t *ret_files, struct fault *f) MUST_CHECK;

#endif
