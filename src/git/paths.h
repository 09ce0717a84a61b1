/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of paths as git gives them: bytes without NUL, relative to the top of a working tree,
 * in any encoding, with newlines and quotes if they like.
 */
#ifndef KELP_GIT_PATHS_H
#define KELP_GIT_PATHS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Plain data; zeroed is empty; works with the vector macros. */
struct paths {
    char **at; /* each owned */
    size_t count;
    size_t capacity;
};

void paths_add(struct paths *list, const char *path);
void paths_add_n(struct paths *list, const char *path, size_t length);
/* Appends every entry of NUL-ended text (`-z`); empty entries are left out. */
void paths_add_nul(struct paths *list, const struct text *nul_ended);
/* Appends copies of all of `more`. */
void paths_add_all(struct paths *list, const struct paths *more);
/* By bytes, without doubles. */
void paths_sort(struct paths *list);
/* `list` must be sorted. */
bool paths_has(const struct paths *list, const char *path);
/* Is `path` one of the sorted `list`, or below one of them? */
bool paths_covers(const struct paths *list, const char *path);
/* Both sorted; what is in `a` only is appended to `ret`. */
void paths_minus(const struct paths *a, const struct paths *b, struct paths *ret);
/* The form that git reads on `-z --stdin`. */
void paths_put_nul(const struct paths *list, struct text *out);
/* Quoted as git reads paths from lines: always in double quotes, odd bytes as octal. */
void path_quote_line(struct text *out, const char *path);
void paths_free(struct paths *list);
#define AUTO_PATHS __attribute__((cleanup(paths_free))) struct paths

#endif
