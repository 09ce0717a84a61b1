/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the record of a backup (backup.h). */
#ifndef KELP_GIT_BACKUP_RECORD_H
#define KELP_GIT_BACKUP_RECORD_H

#include "base/fault.h"
#include "base/json.h"
#include "git/git.h"
#include "git/odd.h"
#include "git/scan.h"

/* Plain data, owned; end with backup_record_free. */
struct backup_record {
    struct scan_dir *at; /* files and folders with their modes, folders before their content */
    size_t count, capacity;
    struct record_objects odd;    /* files that are in no tree */
    struct record_objects nested; /* backup commits of the repositories inside */
};

/* Of the backup commit `commit`. */
int backup_record_read(const struct git *g, const char *commit, struct backup_record *ret,
                       struct fault *f) MUST_CHECK;
/* Appends the files and folders of "<octal mode> <path>" entries, NUL-ended. */
int backup_record_parse(const struct text *entries, struct backup_record *ret,
                        struct fault *f) MUST_CHECK;
void backup_record_free(struct backup_record *record);
#define AUTO_BACKUP_RECORD __attribute__((cleanup(backup_record_free))) struct backup_record

/* Puts the index file of the backup back into `git_dir`, by git's own lock protocol. FAULT_BUSY
 * when somebody else holds the lock. */
int backup_record_restore_index(const struct git *g, const char *git_dir, const char *commit,
                                struct fault *f) MUST_CHECK;

#endif
