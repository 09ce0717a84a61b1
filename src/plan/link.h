/* SPDX-License-Identifier: Apache-2.0 */
/* Names become indexes: `needs` between steps, `depends_on` between subtasks. */
#ifndef KELP_PLAN_LINK_H
#define KELP_PLAN_LINK_H

#include "plan/step.h"

/*
 * Ids of the steps are unique, each of `needs` is one of them and not in a circle. Fills needs
 * and level of steps whose level is 0, and *ret_levels.
 */
int link_steps(struct reader *r, struct step_list *list, unsigned *ret_levels) MUST_CHECK;
/*
 * Gives an id to each subtask that has none (id NULL), checks that written ones are unique and
 * resolves `depends[i]`, the node of a subtask's `depends_on` or NULL: an id, else an exact
 * title. Refuses circles.
 */
int link_subtasks(struct reader *r, struct plan *plan,
                  const struct node *const *depends) MUST_CHECK;

#endif
