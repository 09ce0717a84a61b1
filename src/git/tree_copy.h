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

/* Copies what the index `from_index` lists from the tree `from` to the empty folder `to`, and
 * writes the index `to_index`. FAULT_CORRUPT when a file is not as the index says: somebody
 * changed the tree. FAULT_FORMAT when the index is of another kind. */
int tree_copy(const char *from, const char *from_index, const char *to, const char *to_index,
              int64_t *ret_files, struct fault *f) MUST_CHECK;
/* Dates every file of the tree two seconds back and brings the index up to date with that, so
 * that no entry is as young as the index. The tree is exactly what the index says. */
int tree_age(const char *tree, const char *index, int64_t *ret_files, struct fault *f) MUST_CHECK;

#endif
