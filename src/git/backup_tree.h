/* SPDX-License-Identifier: Apache-2.0 */
/* From a scan to objects: the steps of a backup that only add to the object store. */
#ifndef KELP_GIT_BACKUP_TREE_H
#define KELP_GIT_BACKUP_TREE_H

#include "git/odd.h"
#include "git/scan.h"

/* Writes the contents of all files of the scan and names them in `oid`. A file that went away or
 * changed meanwhile is FAULT_BUSY: scan again; or, with `settle`, left out or taken as it was at
 * one moment, for trees that never hold still. */
int backup_hash(const struct git *user, const char *top, struct scan *scan, bool settle,
                struct fault *f) MUST_CHECK;
/* The tree of the scanned files; the caller frees its name. */
int backup_files_tree(const struct git *user, const struct scan *scan, char **ret,
                      struct fault *f) MUST_CHECK;
/* The index as a tree; likewise. */
int backup_index_tree(const struct git *user, const struct scan *scan, char **ret,
                      struct fault *f) MUST_CHECK;

/* What the record is made of. Borrowed. */
struct record_source {
    const char *git_dir; /* whose index files are kept as they are */
    const struct scan *scan;
    const struct record_objects *nested; /* the backups of the repositories inside */
    const char *report;                  /* becomes report.json */
};
/* The record's tree; likewise. */
int backup_record_tree(const struct git *user, const struct record_source *source, char **ret,
                       struct fault *f) MUST_CHECK;

#endif
