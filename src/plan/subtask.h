/* SPDX-License-Identifier: Apache-2.0 */
/* Subtasks, from their nodes. */
#ifndef KELP_PLAN_SUBTASK_H
#define KELP_PLAN_SUBTASK_H

#include "plan/settings.h"

/*
 * Reads the list `value` of subtasks into plan->subtasks and links them. `above` is the plan's
 * scope; plan->setup is what a subtask without one of its own gets.
 */
int subtasks_read(struct reader *r, const struct node *value, const struct scope *above,
                  struct plan *plan) MUST_CHECK;

#endif
