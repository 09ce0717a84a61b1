/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as far as it can be known without running it: what `plan` shows and `simulate` plays.
 * Nothing is executed but the commands of for_each and a planner that is a model, and those only
 * when they are asked for.
 */
#ifndef KELP_CLI_PLANNING_H
#define KELP_CLI_PLANNING_H

#include "cli/cli.h"
#include "cli/intake.h"

/* Plain data; begin with planning_make, end with planning_free in any case. */
struct planning {
    bool may_ask; /* set it before: a planner that is a model is asked, which takes tokens */
    struct session session;
    struct arena arena;
    struct intake in;
    const struct plan *plan;  /* with the subtasks */
    const char *planner;      /* of free text: a driver, or "embedded"; "" for a plan file */
    struct strings notes;     /* of the planner */
    struct strings *expanded; /* [subtask]: the items of its for_each; NULL without --expand */
};

/* From the words of a command, which has the option `expand`. Warnings go to the command's standard
 * error. */
int planning_make(struct cli *cli, const char *command, const struct option_values *values,
                  struct planning *ret, struct fault *f) MUST_CHECK;
void planning_free(struct planning *p);
#define AUTO_PLANNING __attribute__((cleanup(planning_free))) struct planning

#endif
