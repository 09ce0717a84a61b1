/* SPDX-License-Identifier: Apache-2.0 */
/* How two commits differ, by path. Renames are a removal and an addition. */
#ifndef KELP_GIT_DIFFSTAT_H
#define KELP_GIT_DIFFSTAT_H

#include "base/fault.h"
#include "git/git.h"
#include "git/paths.h"

#include <stdbool.h>
#include <stdint.h>

struct diff_file {
    char *path;
    int64_t insertions, deletions; /* lines; 0 when binary */
    bool binary;
};

/* Plain data, owned; end with diffstat_free. */
struct diffstat {
    struct diff_file *at; /* sorted by path */
    size_t count, capacity;
    int64_t insertions, deletions;
};

/* `from` and `to` are commits or trees. */
int diffstat_read(const struct git *g, const char *from, const char *to, struct diffstat *ret,
                  struct fault *f) MUST_CHECK;
/* In the repository at `repo`, by any names of commits. */
int diffstat_of(const char *repo, const char *from, const char *to, struct diffstat *ret,
                struct fault *f) MUST_CHECK;
/* The paths only, sorted, appended to `ret`. */
int changed_paths(const struct git *g, const char *from, const char *to, struct paths *ret,
                  struct fault *f) MUST_CHECK;
/* Appends what `git diff-tree --numstat -z` said, and adds it up. */
void diffstat_parse(const struct text *out, struct diffstat *ret);
void diffstat_free(struct diffstat *d);
#define AUTO_DIFFSTAT __attribute__((cleanup(diffstat_free))) struct diffstat

#endif
