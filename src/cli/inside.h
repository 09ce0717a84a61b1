/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp inside one of its own agents. There a new root is never started, whatever the environment
 * says: the engine is asked, and decides by the process that asks.
 */
#ifndef KELP_CLI_INSIDE_H
#define KELP_CLI_INSIDE_H

#include "base/fault.h"
#include "core/plan.h"

#include <stdbool.h>

/* Whether this process descends from a keeper. */
bool inside_agent(void);
/* Asks the engine of KELP_SOCKET to take the plan's subtasks as children of its root. On 0 *ret_run
 * is the run that took them; the caller frees. FAULT_REFUSED says why not. */
int inside_request_child(const struct plan *plan, char **ret_run, struct fault *f) MUST_CHECK;

#endif
