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
/* A file that holds one subtask, as recipes do. It can't depend on others, and its id may be
 * NULL until link_subtasks. All of it lives in `a`. */
int subtask_read_file(const char *path, const struct scope *above, struct arena *a,
                      struct plan_subtask *ret, struct fault *f) MUST_CHECK;

#endif
