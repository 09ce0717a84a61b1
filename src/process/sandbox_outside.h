/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Landlock has no right for, where the attempt has a mount namespace: outside of what it may
 * write, every file system is read-only, so that modes, owners, times and attributes of files stay
 * as they are. It gets terminals, shared memory and System V objects of its own; those of its user
 * are not there.
 */
#ifndef KELP_PROCESS_SANDBOX_OUTSIDE_H
#define KELP_PROCESS_SANDBOX_OUTSIDE_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

/* Folders and files that one sandbox may write. */
enum { SANDBOX_WRITABLE_MAX = 64 };

/* The folders that become its own; Landlock has to allow them anew. */
#define SANDBOX_TERMINALS "/dev/pts"
#define SANDBOX_MEMORY "/dev/shm"

/*
 * For a child before exec that is in a mount namespace of its own and may mount: async-signal-safe.
 * `writable` is absolute; what is not there is passed over. What the kernel is too old for (before
 * Linux 5.12), or does not give to this user, stays as it was, or if `strict` is an error.
 * *ret_memory: SANDBOX_MEMORY is its own. Returns 0 or errno; after an error the process is good
 * for nothing.
 */
int sandbox_outside_close(const char *const *writable, size_t count, bool strict,
                          bool *ret_memory) MUST_CHECK;

#endif
