/* SPDX-License-Identifier: Apache-2.0 */
/* An output file of an attempt, shown piece by piece, also while it grows. */
#ifndef KELP_CLI_TAIL_H
#define KELP_CLI_TAIL_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Plain data; zeroed: nothing was shown yet. */
struct tail {
    uint64_t offset;  /* what stands before it was shown */
    uint64_t dropped; /* bytes on the way that were cut out of the file */
};

/*
 * Appends the next piece of the file, escaped, and returns true; false where there is nothing
 * (yet). While the file still grows only whole lines are shown; `over` says that it does not. What
 * was cut out of its middle is told by a line in its place. A file that is not there has nothing.
 */
bool tail_next(struct tail *t, const char *path, bool over, struct text *shown);
/* The same without escapes, and `dropped` says what was cut out. */
bool tail_next_bytes(struct tail *t, const char *path, bool over, struct text *bytes);
/* The line for what was cut out since `dropped` was what it was; nothing if nothing was. */
void tail_add_gap(const struct tail *t, uint64_t dropped, struct text *shown);

#endif
