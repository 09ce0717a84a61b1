/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the planner's prompt: what it can plan with, a line each. */
#ifndef KELP_AGENT_BRIEF_H
#define KELP_AGENT_BRIEF_H

#include "agent/roster.h"
#include "core/history.h"
#include "plan/role.h"

enum { BRIEF_LINES_MAX = 200 };

/* All in the arena; "" where there is nothing to say. The drivers are those that can be used
 * (agent/find.h). */
const char *brief_drivers(const struct roster *roster, struct arena *a);
const char *brief_roles(const struct roles *roles, struct arena *a);
/* `h` may be NULL. Of models only. */
const char *brief_history(const struct history *h, struct arena *a);
/* The names of those drivers, for plan/answer.h. */
struct strings brief_names(const struct roster *roster, struct arena *a);

#endif
