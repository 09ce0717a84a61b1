/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup comes back: files byte for byte, modes, empty folders, the index. No branch moves.
 * Before anything is written the present state is backed up as <run>-before-restore-<n>. Files
 * that were created since are left and listed, or removed with `exact`; one that stands where a
 * file or folder of the backup has to be is removed in any case.
 */
#ifndef KELP_GIT_RESTORE_H
#define KELP_GIT_RESTORE_H

#include "base/fault.h"
#include "git/paths.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed strings. */
struct restore_spec {
    const char *repo;
    const char *run; /* "ORG_4729" */
    bool exact;
};

/* Owned; end with restore_result_free. Counts and lists include the repositories inside. */
struct restore_result {
    int64_t restored; /* files written */
    int64_t removed;
    struct paths left;    /* created later, and still there */
    struct paths missing; /* repositories of the backup that are gone, with what held theirs */
    char *backup;         /* of the state before */
};

int backup_restore(const struct restore_spec *spec, struct restore_result *ret,
                   struct fault *f) MUST_CHECK;
void restore_result_free(struct restore_result *result);

#endif
