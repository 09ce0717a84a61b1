/* SPDX-License-Identifier: Apache-2.0 */
/* What an attempt may use of the machine: what the plan says, and where it says nothing, a share of
 * the machine. */
#ifndef KELP_ENGINE_LIMITS_H
#define KELP_ENGINE_LIMITS_H

#include "core/plan.h"
#include "process/bounds.h"

/* Commands are many and short: unless the plan says more, memory and processes of theirs are
 * bounded only where it costs nothing. `driven`: by a model. */
struct bounds limits_of_start(const struct plan_settings *settings, bool driven);

/* The key of a plan by which `asked` may use more than `own`; NULL: there is none. */
const char *limits_excess(const struct plan_settings *own, const struct plan_settings *asked);

#endif
