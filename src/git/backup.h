/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole working tree as it is, in a commit under refs/kelp/backup/<run>, without touching the
 * user's branch, index or working tree.
 *
 *   the commit's tree   every file that is tracked or not ignored, contents exactly as on disk (no
 *                       line-end conversion, no filter); what a sparse checkout leaves out is
 *                       taken from the index; submodules are links to their commit
 *   parent 1            HEAD, or on an unborn branch an empty commit of kelp's own
 *   parent 2            the index as a tree (of a conflict, "ours")
 *   parent 3            the record, what git has no place for:
 *                         entries      "<octal st_mode> <path>" NUL-ended, folders before what is
 *                                      in them, empty ones included
 *                         index        the index file, byte for byte; absent if there was none
 *                         sharedindex/ the file that a split index refers to
 *                         stage1/ .. stage3/  the three sides of conflicts, so that gc keeps them
 *                         odd-files    "<blob> <path>" NUL-ended: files that git takes into no tree
 *                                      (odd.h); odd/<blob> holds their contents
 *                         nested       "<backup commit> <path>" of the repositories inside
 *                         report.json  what backup_make answered
 *
 * Repositories inside the tree, submodules included, get a backup of the same name each, in
 * themselves. refs/kelp/base/<run> holds the commit that the run starts from.
 *
 * A backup that exists is returned as it is: a repeat never takes a later state for the first.
 */
#ifndef KELP_GIT_BACKUP_H
#define KELP_GIT_BACKUP_H

#include "base/fault.h"
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

enum backup_base { BACKUP_BASE_HEAD, BACKUP_BASE_WORKTREE, BACKUP_BASE_NONE };

/* Borrowed strings. */
struct backup_spec {
    const char *repo;
    const char *run;        /* "ORG_4729"; names the refs */
    int64_t max_file_bytes; /* an untracked file above is `large`; 0: no bound */
    bool include_large;     /* back large files up too */
    enum backup_base base;
    const char *base_commit; /* the run starts from this one instead; NULL */
};

/* Plain data, owned; end with backup_result_free. */
struct backup_result {
    char *commit;
    char *base;     /* NULL with BACKUP_BASE_NONE */
    json_t *report; /* {unborn_base, dirty, files, large: [{path, bytes}], nested: [{path,
                     * commit}], skipped: [path]} */
};

int backup_make(const struct backup_spec *spec, struct backup_result *ret,
                struct fault *f) MUST_CHECK;
void backup_result_free(struct backup_result *result);

#endif
