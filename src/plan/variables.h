/* SPDX-License-Identifier: Apache-2.0 */
/* Which `{{...}}` the prompts and commands of a plan may use, checked while it is read. */
#ifndef KELP_PLAN_VARIABLES_H
#define KELP_PLAN_VARIABLES_H

#include "plan/field.h"

/* Right when zeroed: what any command of a plan may use. */
struct variables {
    bool agent;                         /* the text is an agent's prompt or command */
    bool item;                          /* there is a for_each around it */
    const struct plan_subtask *subtask; /* whose waves and steps it may name; NULL: none */
    const struct plan_step *step;       /* that it belongs to; NULL: behind all of them */
};

/* `at` is the place of the text. In a command values have to stand where they can be quoted. */
int variables_check_prompt(struct reader *r, const char *text, struct plan_place at,
                           const struct variables *scope) MUST_CHECK;
int variables_check_command(struct reader *r, const char *text, struct plan_place at,
                            const struct variables *scope) MUST_CHECK;
int variables_check_commands(struct reader *r, const struct plan_commands *commands,
                             const struct variables *scope) MUST_CHECK;
/* A title is shown, so that it can have nothing but `{{item}}`, and only below a for_each. */
int variables_check_title(struct reader *r, const char *title, struct plan_place at,
                          bool item) MUST_CHECK;

#endif
