/* SPDX-License-Identifier: Apache-2.0 */
/* The child's side of spawn.c: from birth to exec. For spawn.c alone. */
#ifndef KELP_PROCESS_SPAWN_CHILD_H
#define KELP_PROCESS_SPAWN_CHILD_H

#include "process/spawn.h"

#include <stdbool.h>

/* Lies in memory that caller and child share, or is sent through `report_fd`. */
struct spawn_report {
    enum spawn_step step; /* NONE: exec has happened, or was not reached yet */
    int error;
};

struct spawn_child {
    const struct spawn *spawn;
    int keep_fd;       /* the highest descriptor that is needed before exec */
    int report_fd;     /* a pipe for the report; -1: `report` is shared memory */
    bool shares_files; /* the table of descriptors is still the caller's */
    bool joins_group;  /* it was not born in the control group */
    struct spawn_report report;
};

/* Executes the program or ends the process. Only async-signal-safe calls; the caller's memory may
 * be in use by this very thread's parent frame, which sleeps. */
int spawn_child_main(void *child);

#endif
