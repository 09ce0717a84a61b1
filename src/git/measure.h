/* SPDX-License-Identifier: Apache-2.0 */
/* How much is there: files, bytes, lines, by language. Before and after a cleanup. */
#ifndef KELP_GIT_MEASURE_H
#define KELP_GIT_MEASURE_H

#include "base/fault.h"

#include <stddef.h>
#include <stdint.h>

struct language_count {
    const char *language; /* static */
    int64_t files, lines;
};

/* Plain data; end with measure_free. */
struct measure {
    int64_t files; /* all that git tracks or does not ignore, links and binary files included */
    int64_t bytes;
    int64_t lines;             /* of text files */
    struct language_count *at; /* text files, most lines first, then by name */
    size_t count, capacity;
};

/* `path` lies in a repository or a clone of kelp's. A file with a NUL byte in its first 8,000 is
 * binary, as git has it. */
int measure_tree(const char *path, struct measure *ret, struct fault *f) MUST_CHECK;
void measure_free(struct measure *m);

#endif
