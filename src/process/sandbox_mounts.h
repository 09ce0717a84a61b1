/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts by descriptor, for a child before exec: open_tree(2), move_mount(2) (Linux 5.2) and
 * mount_setattr(2) (Linux 5.12), which some systems' headers do not have. Async-signal-safe.
 */
#ifndef KELP_PROCESS_SANDBOX_MOUNTS_H
#define KELP_PROCESS_SANDBOX_MOUNTS_H

#include "base/memory.h"

/*
 * A mount of `path`, a file or folder, and of what is mounted below it (volumes of containers),
 * that is not in the tree of files yet. Returns a descriptor, which exec closes, or -1 with errno.
 */
int sandbox_mounts_open(const char *path) MUST_CHECK;

/* Puts it on `path`, which is there. Returns 0 or errno. */
int sandbox_mounts_put(int fd, const char *path) MUST_CHECK;

/* Enters what is at `folder` now, the working folder's path: the process is still in what lies
 * below what was mounted on it. Returns 0 or errno. */
int sandbox_mounts_enter_again(const char *folder) MUST_CHECK;

/* All that is mounted now can only be read. Returns 0 or errno. */
int sandbox_mounts_close_all(void) MUST_CHECK;

#endif
