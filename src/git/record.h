/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the record of a backup (backup.h). */
#ifndef KELP_GIT_RECORD_H
#define KELP_GIT_RECORD_H

#include "base/fault.h"
#include "base/json.h"
#include "git/git.h"
#include "git/scan.h"

/* Plain data, owned; end with record_free. */
struct record {
    struct scan_dir *at; /* files and folders with their modes, folders before their content */
    size_t count, capacity;
    json_t *report;
};

/* Of the backup commit `commit`. */
int record_read(const struct git *g, const char *commit, struct record *ret, struct fault *f)
    MUST_CHECK;
void record_free(struct record *record);
#define AUTO_RECORD __attribute__((cleanup(record_free))) struct record

/* Puts the index file of the backup back into `git_dir`, by git's own lock protocol. FAULT_BUSY
 * when somebody else holds the lock. */
int record_restore_index(const struct git *g, const char *git_dir, const char *commit,
                         struct fault *f) MUST_CHECK;

#endif
