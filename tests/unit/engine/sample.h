/* SPDX-License-Identifier: Apache-2.0 */
/* A driver for tests, and a world with an agent of it. Its output is read as the kelp protocol. */
#ifndef KELP_TESTS_ENGINE_SAMPLE_H
#define KELP_TESTS_ENGINE_SAMPLE_H

#include "agent/roster.h"
#include "base/os.h"
#include "world.h"

/* A roster with the driver "sample", whose program is /bin/sample, secret SAMPLE_KEY, and which
 * wants HOME/conf/settings.json and the link HOME/auth to the user's ~/auth.json. */
extern const struct roster sample_roster;
/* One child: an agent of the sample, then a second one of the same role in the next wave. */
extern const char sample_plan[];
/* As in /home/u, with a key, a marker of an outer agent, and names of which none passes. */
extern const char *const sample_environ[];

/* Begins the world; returns the job of the first agent. */
uint32_t sample_begin(struct world *w);

#endif
