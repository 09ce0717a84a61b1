/* SPDX-License-Identifier: Apache-2.0 */
/* What a process and all that is below it have used so far, from /proc. */
#ifndef KELP_PROCESS_USAGE_H
#define KELP_PROCESS_USAGE_H

#include "base/memory.h"

#include <stdint.h>
#include <sys/types.h>

/* Plain data. A process that has ended and that nobody has waited for drops out, so the numbers
 * can fall: any change is a sign of life. */
struct usage {
    uint64_t cpu_ms;
    uint64_t written_bytes; /* by write(2), to whatever it was */
    unsigned processes;     /* alive */
};

/* 0, or -errno when the process itself is gone. What may not be looked at counts as nothing. */
int usage_read(pid_t pid, struct usage *ret) MUST_CHECK;

/* Plain data. */
struct usage_room {
    uint64_t memory_bytes; /* resident and of no file, so that what is shared counts once at most */
    uint64_t threads;      /* every process has at least one */
};

/* Adds what one process takes now; one that is gone takes nothing. */
void usage_room_add(pid_t pid, struct usage_room *room);

#endif
