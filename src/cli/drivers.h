/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers of this machine, for the commands that run agents. */
#ifndef KELP_CLI_DRIVERS_H
#define KELP_CLI_DRIVERS_H

#include "agent/roster.h"
#include "cli/session.h"
#include "plan/config.h"

int drivers_load(const struct session *s, struct arena *a, struct roster *ret,
                 struct fault *f) MUST_CHECK;
/*
 * Whether every prompt of the plan has an agent that can be started, and the whole plan's own agent
 * too where its subtasks are yet to be planned. FAULT_ENVIRONMENT: one is not known, its program
 * is not there, or it has no credentials (asked only where no endpoint of the user's own is named);
 * the hint says what to do.
 */
int drivers_check(const struct roster *roster, const struct plan *plan, bool planned,
                  struct fault *f) MUST_CHECK;
/* The same for one of them, with what the settings say of it. */
int drivers_need(const struct roster *roster, const struct plan_settings *settings,
                 struct fault *f) MUST_CHECK;
/* A sentence where a limit in money can't be kept, since neither the program of an agent nor the
 * user's table has a price for its model; else "". In the arena. */
const char *drivers_price_warning(const struct roster *roster, const struct plan *plan,
                                  const struct config_prices *prices, struct arena *a);
/* The first of the compiled-in ones whose program is there, which is configured and lacks nothing
 * else; NULL if there is none. */
const char *drivers_default(const struct roster *roster);
/* The values that its secret variables have here, in the arena. NULL has none. */
struct strings drivers_secrets(const struct roster_entry *e, const struct plan_settings *settings,
                               struct arena *a);

#endif
