/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a git that was killed while it moved a branch of kelp's: each is moved by one job
 * at a time, so that whoever locked it before is dead. */
#ifndef KELP_GIT_REF_LOCK_H
#define KELP_GIT_REF_LOCK_H

#include "git/git.h"

/* Before `ref` is moved. 1: a lock was there and is gone; 0: there was none, or it is no branch of
 * kelp's, and whose lock that is nobody knows. */
int ref_lock_drop(const struct git *user, const char *ref, struct fault *f) MUST_CHECK;

#endif
