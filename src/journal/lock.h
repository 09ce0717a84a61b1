/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who writes a run. The engine holds a lock on the file `lock` of the run's folder from before it
 * opens the journal until it dies, when the kernel lets go of it; its process ID is in the file.
 */
#ifndef KELP_JOURNAL_LOCK_H
#define KELP_JOURNAL_LOCK_H

#include "base/fault.h"

#include <stdbool.h>
#include <sys/types.h>

/* Takes the lock; closing *ret_fd lets it go. FAULT_BUSY names the process that has it. */
int run_lock_take(const char *run_dir, int *ret_fd, struct fault *f) MUST_CHECK;

/* Whether somebody holds it, without taking it even for a moment. `*ret_pid` is 0 when nobody does
 * or when the holder has not written its ID yet. */
bool run_lock_held(const char *run_dir, pid_t *ret_pid);

#endif
