/* SPDX-License-Identifier: Apache-2.0 */
/* A throw-away copy of the working tree as it is, for agents that only look. */
#ifndef KELP_GIT_SNAPSHOT_H
#define KELP_GIT_SNAPSHOT_H

#include "base/fault.h"

#include <stdint.h>

/* Borrowed strings. */
struct snapshot_spec {
    const char *repo;
    const char *path;       /* of the copy */
    const char *run;        /* NULL: "snapshot" */
    int64_t max_file_bytes; /* an untracked file above is left out; 0: no bound */
};

/* Owned; `commit` is the caller's to free. */
struct snapshot_result {
    char *commit; /* HEAD of the copy: the user's HEAD, or a commit upon it with their changes */
    int64_t files;
};

/* A clone (clone.h) at `path` whose files, modes and empty folders are those of the working tree,
 * untracked files included, with the repository's history. The repository gets objects and no
 * ref. A complete copy is left as it is. */
int snapshot_make(const struct snapshot_spec *spec, struct snapshot_result *ret,
                  struct fault *f) MUST_CHECK;

#endif
