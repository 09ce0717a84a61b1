/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bound on an attempt's output files. The writer is not disturbed: the middle of the file is
 * punched out, so that its head and its tail stay where they were and take no more than the
 * bound on the disk. What was cut reads as a gap, which output_gap finds.
 */
#ifndef KELP_PROCESS_OUTPUT_H
#define KELP_PROCESS_OUTPUT_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* Plain data; right when zeroed but for the path. */
struct output {
    char *path;         /* owned; NULL: nothing to do */
    uint64_t gap_start; /* of what was cut out; start == end: nothing yet */
    uint64_t gap_end;
};

/* Cuts if the file holds more than `max_bytes`. The head keeps half of them, the tail too; the cuts
 * lie between whole blocks. 0 or -errno (-EOPNOTSUPP: the file system cannot do it). */
int output_keep_bound(struct output *output, uint64_t max_bytes);

/*
 * For readers: is there a gap at or after `offset` of an output file? Between its ends there
 * is nothing but zeros that nobody wrote. False if there is none before the file's end.
 */
bool output_gap(int fd, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end);

#endif
