/* SPDX-License-Identifier: Apache-2.0 */
/* Ignored files that a working copy needs (.env, caches): the .worktreeinclude file. */
#ifndef KELP_GIT_BRING_H
#define KELP_GIT_BRING_H

#include "git/clone.h"

#include <stdint.h>

/* Copies the files below `root` that root/.worktreeinclude names (gitignore syntax) and git
 * ignores there into the clone, and adds them to what the clone ignores. No .worktreeinclude is
 * no work. */
int bring_included(const struct clone *clone, const char *root, int64_t *ret_files,
                   struct fault *f) MUST_CHECK;

#endif
