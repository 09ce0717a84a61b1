/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies in a working tree: every file that git tracks or does not ignore, with its real mode,
 * every folder, and the repositories inside it. Reads only.
 */
#ifndef KELP_GIT_SCAN_H
#define KELP_GIT_SCAN_H

#include "base/fault.h"
#include "git/git.h"
#include "git/paths.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* One entry of the index. */
struct index_entry {
    char tag;      /* of `ls-files -t`: 'S' is outside a sparse checkout */
    unsigned mode; /* 0100644, 0100755, 0120000, 0160000 */
    int stage;     /* 0, or 1..3 of a conflict */
    char *oid;
    char *path;
};
struct index_entries {
    struct index_entry *at; /* in the order of the index */
    size_t count, capacity;
};

struct scan_file {
    char *path;
    mode_t mode; /* as lstat gives it; 0 for what only the index has */
    int64_t bytes;
    bool untracked;
    char *oid;           /* of the index, for what is not read from disk; else NULL */
    unsigned index_mode; /* goes with oid */
};

struct scan_dir {
    char *path;
    mode_t mode;
};

/* Owned; end with scan_free. */
struct scan {
    struct index_entries index;
    struct {
        struct scan_file *at;
        size_t count, capacity;
    } files; /* sorted by path */
    struct {
        struct scan_dir *at;
        size_t count, capacity;
    } dirs;              /* parents before their children; ignored ones and repositories left out */
    struct paths nested; /* repositories inside, submodules that are checked out included */
    struct paths skipped; /* files that can't be read */
};

/* `user` runs in the root of the working tree, which is `top`. */
int scan_work_tree(const struct git *user, const char *top, struct scan *ret,
                   struct fault *f) MUST_CHECK;
/* Appends what `git ls-files -s -t -z` said. */
int scan_parse_index(const struct text *out, struct index_entries *ret, struct fault *f) MUST_CHECK;
void scan_free(struct scan *scan);
#define AUTO_SCAN __attribute__((cleanup(scan_free))) struct scan

#endif
