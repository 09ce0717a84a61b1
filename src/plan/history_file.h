/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What earlier runs of a repository took, in `.kelp/history.json`: read when a run begins, added to
 * when one ends. Runs that end at the same moment may miss each other's additions; the file is
 * always one of them, whole.
 */
#ifndef KELP_PLAN_HISTORY_FILE_H
#define KELP_PLAN_HISTORY_FILE_H

#include "base/fault.h"
#include "core/history.h"

struct tree;

/* `root` is the repository's top folder. A file that is not there is an empty history. */
int history_file_read(const char *root, struct arena *arena, struct history *ret,
                      struct fault *f) MUST_CHECK;
/* Adds the agents of a run that has ended, each once, however often it is called. A damaged file is
 * begun anew. */
int history_file_note(const char *root, const struct tree *t, struct fault *f) MUST_CHECK;

#endif
