/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random plans: what a user could write, and what nobody would. A seed always gives the same plan,
 * and each subtask has dice of its own: with fewer children or steps the rest stays as it was.
 */
#ifndef KELP_SIM_PLAN_GEN_H
#define KELP_SIM_PLAN_GEN_H

#include "core/event.h"
#include "sim/shape.h"

/* A request as the engine would journal it. All of it lives in the arena. */
struct sim_case {
    struct run_request request;
    const struct plan *whole; /* with the subtasks; the request's own where it is `planned` */
};

void plan_gen_case(const struct shape *shape, struct arena *arena, struct sim_case *ret);
/* What the agent of a root asks for with its nth child request: one or two subtasks. */
const struct plan *plan_gen_request(const struct shape *shape, uint32_t nth, struct arena *arena);

#endif
