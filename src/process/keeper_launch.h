/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and starting the kelp-keeper program. */
#ifndef KELP_PROCESS_KEEPER_LAUNCH_H
#define KELP_PROCESS_KEEPER_LAUNCH_H

#include "process/keeper.h"

int64_t keeper_start_limit_ms(const struct keeper_options *o);
/* Returns when an engine can connect. FAULT_BUSY: another one has the run. */
int keeper_launch(const char *run_dir, const struct keeper_options *o, struct fault *f) MUST_CHECK;

#endif
