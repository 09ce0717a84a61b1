/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path globs as `writes` has them. A glob is anchored at the root of the repository:
 *   `*` any run of characters but `/`      `?` one character but `/`
 *   `[a-z]`, `[!a-z]` one of a set         `\` takes the next character as it is
 *   `**` as a whole segment: any number of folders, none included
 *   `dir/` all below; `**` at the end: all below
 *   a path without any of these covers itself and all below; `.` covers everything
 * A `[` that is not closed is a plain character. Leading `./` and `/` mean nothing.
 * Matching is by bytes and costs at most length times length.
 */
#ifndef KELP_CORE_GLOB_H
#define KELP_CORE_GLOB_H

#include "core/plan.h"

#include <stdbool.h>

/* Beyond this many bytes (the longest path of the kernel) a glob is not looked into: it matches
 * nothing and overlaps with everything. */
enum { GLOB_MAX = 4096 };

bool glob_match(const char *pattern, const char *path);
/* May both match one path? Exact: the product of the two automata is searched. */
bool globs_overlap(const char *a, const char *b);
/* What every path that the glob matches starts with, up to the first wildcard; it points into
 * `pattern`. Two globs can only overlap if one's head is the beginning of the other's. */
const char *glob_head(const char *pattern, size_t *ret_length);

#endif
