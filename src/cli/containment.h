/* SPDX-License-Identifier: Apache-2.0 */
/* Agents that no sandbox keeps in are told of before they start. */
#ifndef KELP_CLI_CONTAINMENT_H
#define KELP_CLI_CONTAINMENT_H

#include "base/arena.h"
#include "core/plan.h"

#include <stdbool.h>

/* A sentence, in the arena or a literal; "" where there is nothing to say. `kernel`: it can keep a
 * process in. */
const char *containment_warning(const struct plan *plan, bool kernel, struct arena *a);
/* The same of steps whose `network: endpoint` cannot be kept; asks only if there are any. */
const char *containment_network_warning(const struct plan *plan, bool (*can_relay)(void),
                                        struct arena *a);
/* The same of steps that a model drives and that keys can't be hidden from. */
const char *containment_view_warning(const struct plan *plan, bool (*can_hide)(void),
                                     struct arena *a);
/* The same of limits of memory and processes that are written and can only be measured. */
const char *containment_limits_warning(const struct plan *plan, bool (*can_bound)(void),
                                       struct arena *a);

#endif
