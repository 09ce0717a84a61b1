/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables by which a process is known as part of an attempt, as long as it has not cleaned
 * its environment: KELP_ATTEMPT_ID names the attempt, KELP_KEEPER_MARK is a random number of the
 * run, because identities of two repositories may be alike.
 */
#ifndef KELP_PROCESS_MARKER_H
#define KELP_PROCESS_MARKER_H

#include "base/arena.h"
#include "base/fault.h"
#include "process/record.h"

#include <sys/types.h>

/* A new mark: 32 hexadecimal digits. */
int marker_new(char ret_mark[RECORD_MARK_BYTES], struct fault *f) MUST_CHECK;
/* `envp` with the two variables, in place of those that it may have from a kelp around this one. */
const char *const *marker_add(const char *const *envp, const char *id, const char *mark,
                              struct arena *arena);
/* The identity that the environment of `pid` names; caller frees. NULL: it is not of this mark. */
char *marker_of(pid_t pid, const char *mark);

#endif
