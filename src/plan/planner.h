/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded planner: from a task to a plan without a model. It maps dimensions to recipes,
 * sizes them by the findings of wave 0, and gives every other listed job, as it stands, to the
 * configured agent in the few steps that its kind asks for. It never invents work; what no agent
 * can do is FAULT_ENVIRONMENT. docs/planner.md has the rules in words.
 */
#ifndef KELP_PLAN_PLANNER_H
#define KELP_PLAN_PLANNER_H

#include "plan/dimension.h"
#include "plan/task.h"

/* Right when zeroed, apart from `recipes`. The request has no subtasks. */
struct planner_context {
    /* What the user asked for beside the task: the agent ("" and "command": none), its model and
     * all other settings and endings, which the plan takes over. NULL: nothing. */
    const struct plan *request;
    const char *recipes;      /* the folder of the recipes, for dimensions/NAME.yaml */
    const unsigned *findings; /* [DIMENSION_COUNT], or NULL before wave 0 */
};

struct planner_result {
    struct plan *plan;
    struct strings notes; /* sentences: how each dimension was sized, what a job was taken for */
};

int planner_plan(const struct task *task, const struct planner_context *context, struct arena *a,
                 struct planner_result *ret, struct fault *f) MUST_CHECK;

/* A dimension's estimate grows by a tenth of itself for each 20 findings, up to three times. */
double planner_minutes(double recipe_minutes, unsigned findings);
/* How many of a step's `count` agents the findings need: one for each 25, at least one. */
unsigned planner_agents(unsigned recipe_count, unsigned findings);

#endif
