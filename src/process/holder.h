/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper process itself: one loop that starts attempts when asked, sees them end, ends what is
 * left of them, writes it down and reports it. It decides nothing.
 */
#ifndef KELP_PROCESS_HOLDER_H
#define KELP_PROCESS_HOLDER_H

#include "base/clock.h"
#include "base/fault.h"
#include "process/spawn_method.h"

#include <stdbool.h>
#include <stdint.h>

struct holder;

/* Plain data. */
struct holder_options {
    const char *run_dir;
    int64_t leave_after_ms; /* alone */
    enum spawn_method method;
    bool no_cgroup;
};

/*
 * Takes the run: the record file with its lock, the work of keeper_sweep if an earlier keeper died,
 * the socket. When it returns 0 an engine can connect.
 */
int holder_open(const struct holder_options *options, struct holder **ret_holder,
                struct fault *f) MUST_CHECK;
/* Runs until there is nothing to do. */
int holder_run(struct holder *holder, struct fault *f) MUST_CHECK;
void holder_close(struct holder *holder);

#endif
