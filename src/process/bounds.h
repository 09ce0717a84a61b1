/* SPDX-License-Identifier: Apache-2.0 */
/* What one attempt may use of the machine. An attempt that runs into a bound is ended. */
#ifndef KELP_PROCESS_BOUNDS_H
#define KELP_PROCESS_BOUNDS_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* name, number, key of a plan. Numbers are on disk: none is ever given a new meaning. */
#define BOUNDS(X)                                                                                 \
    X(MEMORY, 1, "limits.memory")       /* bytes, of all its processes together */                \
    X(PROCESSES, 2, "limits.processes") /* and threads, together */                               \
    X(OPEN_FILES, 3,                                                                              \
      "limits.open_files")              /* of each process; the process is told, and not ended */ \
    X(FILE_SIZE, 4, "limits.file_size") /* bytes, up to which a file grows */

enum bound {
    BOUND_NONE = 0,
#define BOUND_ENUM(name, number, key) BOUND_##name = number,
    BOUNDS(BOUND_ENUM)
#undef BOUND_ENUM
        BOUND_COUNT
};

/* Plain data; 0: no bound. */
struct bounds {
    uint64_t of[BOUND_COUNT];
    /* Memory and processes are bounded only where that costs nothing. Else, where groups of cgroup
     * v2 can't do it, those of v1 are used, which an idle machine lets wait for some milliseconds
     * to be entered, and without them the keeper looks several times a second. */
    bool sparing;
};

/* What leaves the machine and the others of a run enough to go on: three quarters of the memory
 * that a run may have (fence.h), 4096 processes and threads or half of what a run may have, and
 * 65536 open files. */
void bounds_of_machine(struct bounds *ret);

const char *bound_key(enum bound bound); /* "" for NONE */
/* "used more than 512 MiB of memory"; caller frees. */
char *bound_excess(enum bound bound, uint64_t most) __attribute__((returns_nonnull));

#endif
