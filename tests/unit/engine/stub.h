/* SPDX-License-Identifier: Apache-2.0 */
/* A driver for tests, and a world with an agent of it. Its output is read as the kelp protocol. */
#ifndef KELP_TESTS_ENGINE_STUB_H
#define KELP_TESTS_ENGINE_STUB_H

#include "agent/roster.h"
#include "base/os.h"
#include "world.h"

/* A roster with the driver "stub", whose program is /bin/stub, secret STUB_KEY, and which wants
 * HOME/conf/settings.json and the link HOME/auth to the user's ~/auth.json. */
extern const struct roster stub_roster;
/* One child: an agent of the stub, then a second one of the same role in the next wave. */
extern const char stub_plan[];
/* As in /home/u, with a key, a marker of an outer agent, and names of which none passes. */
extern const char *const stub_environ[];

/* Begins the world; returns the job of the first agent. */
uint32_t stub_begin(struct world *w);

#endif
