/* SPDX-License-Identifier: Apache-2.0 */
/* An output file of an attempt, shown piece by piece, also while it grows. */
#ifndef KELP_CLI_TAIL_H
#define KELP_CLI_TAIL_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Plain data; zeroed: nothing was shown yet. */
struct tail {
    uint64_t offset; /* what stands before it was shown */
};

/*
 * Appends the next piece of the file, escaped, and returns true; false where there is nothing
 * (yet). While the file still grows only whole lines are shown; `over` says that it does not. What
 * was cut out of its middle is told by a line in its place. A file that is not there has nothing.
 */
bool tail_next(struct tail *t, const char *path, bool over, struct text *shown);

#endif
