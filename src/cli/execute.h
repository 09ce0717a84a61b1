/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the engine on a run: for `run`, `resume`, `retry` and `land`. */
#ifndef KELP_CLI_EXECUTE_H
#define KELP_CLI_EXECUTE_H

#include "cli/cli.h"
#include "cli/session.h"
#include "core/event.h"

/* Right when zeroed. */
struct execute_options {
    bool yes;        /* ask nothing */
    bool json;       /* one event a line on standard output */
    bool quiet;      /* no progress */
    bool no_contain; /* neither sandbox nor control groups */
};

/* Posts `first` to the run in `run_dir`, whose journal is open for writing, and runs it to its end.
 * Returns the exit status of the run, 130 when it was interrupted. */
int execute_run(struct cli *cli, const struct session *s, const char *run_dir, struct journal *j,
                const struct event *first, const struct execute_options *o,
                struct fault *f) MUST_CHECK;

#endif
