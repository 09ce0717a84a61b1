/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the engine on a run: for `run`, `resume`, `retry` and `land`. */
#ifndef KELP_CLI_EXECUTE_H
#define KELP_CLI_EXECUTE_H

#include "agent/roster.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "core/event.h"

/* Right when zeroed. */
struct execute_options {
    bool yes;                    /* ask nothing */
    bool json;                   /* one event a line on standard output */
    bool quiet;                  /* no progress */
    bool no_contain;             /* neither sandbox nor control groups */
    const struct roster *roster; /* the drivers of this machine; borrowed */
};

/* The run that begins or is taken up. Borrowed. */
struct execute_target {
    const char *run_dir;
    struct journal *journal;   /* open for writing */
    const struct event *first; /* what is asked of it */
};

/* Runs it to its end. Returns the exit status of the run, 130 when it was interrupted. */
int execute_run(struct cli *cli, const struct session *s, const struct execute_target *target,
                const struct execute_options *o, struct fault *f) MUST_CHECK;

#endif
