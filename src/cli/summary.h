/* SPDX-License-Identifier: Apache-2.0 */
/* The closing words of a run, as one would paste them into a pull request. */
#ifndef KELP_CLI_SUMMARY_H
#define KELP_CLI_SUMMARY_H

#include "cli/cli.h"
#include "core/tree.h"

/* To standard output: what was done, what was not, what to do next, where the reports lie. As JSON
 * it is the line that ends the events of a run. */
void summary_show(struct cli *cli, const struct tree *t, const char *run_dir, bool json);

#endif
