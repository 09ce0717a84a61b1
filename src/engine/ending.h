/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of agents that a model drove, off the loop: an agent that printed without end delays
 * nobody but itself. */
#ifndef KELP_ENGINE_ENDING_H
#define KELP_ENGINE_ENDING_H

#include "engine/engine_priv.h"

struct ending;

/* Reads what it left in a thread of its own; the event of its end follows. An end that is told
 * again meanwhile is passed over. */
void ending_begin(struct engine *e, uint32_t job, const struct keeper_event *ev);

#endif
