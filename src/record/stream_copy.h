/* SPDX-License-Identifier: Apache-2.0 */
/* What a program printed, as a recording keeps it: bounded, and without the holes of the file. */
#ifndef KELP_RECORD_STREAM_COPY_H
#define KELP_RECORD_STREAM_COPY_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>

/*
 * Appends the file to `out`, at most about `most_bytes` of it: where it has more, whole lines of
 * its beginning and its end stay and *ret_cut is set. What was cut out of the file already (a gap,
 * process/output.h) is left out. Returns false, and appends nothing, where there is no regular file
 * of that name: no link is followed.
 */
bool stream_copy(const char *path, size_t most_bytes, struct text *out, bool *ret_cut);

#endif
