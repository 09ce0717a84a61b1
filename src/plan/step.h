/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps: the entries of `steps`, of the `agents` of a wave, and of `research`. They share one
 * table of keys; what differs is said by struct step_rules.
 */
#ifndef KELP_PLAN_STEP_H
#define KELP_PLAN_STEP_H

#include "plan/settings.h"

struct step_rules {
    const char *prefix; /* of an id that is not written: "s" gives "s3", the position; "" "w2.3" */
    unsigned level;     /* of the steps; 0 where it follows from `needs` */
    bool needs;         /* `needs` is allowed */
};

/* A step with what is resolved later. */
struct step_entry {
    struct plan_step step;
    const struct node *needs;  /* NULL for none */
    const struct node *work;   /* the prompt or the command, for places */
    const struct node *source; /* of for_each; NULL for none */
};

/* A growing list; memory is in the arena. */
struct step_list {
    struct step_entry *at;
    size_t count, capacity;
};

/* Reads the list `value` and appends to `list`; `what` is the key. Memory is in the arena. */
int steps_read(struct reader *r, const struct node *value, const struct scope *above,
               const struct step_rules *rules, struct step_list *list) MUST_CHECK;
/* The `waves` of a subtask: steps go to `list`, titles and the like to the subtask. */
int waves_read(struct reader *r, const struct node *value, const struct scope *above,
               struct step_list *list, struct plan_subtask *subtask) MUST_CHECK;

/* Checks the variables of the steps of `subtask`, which is linked and has the list's steps;
 * NULL for research. */
int steps_check_variables(struct reader *r, const struct step_list *list,
                          const struct plan_subtask *subtask) MUST_CHECK;
/* The list as a plain array, in the arena. */
struct plan_step *steps_take(struct reader *r, const struct step_list *list);

/* Readers that subtasks share. Slots: struct plan_fan, struct plan_commands. */
field_read field_fan;
field_read field_commands;
/* Path globs for `writes`: relative, and inside the repository. */
int writes_read(struct reader *r, const struct node *value, struct strings *ret) MUST_CHECK;
extern const struct field_range minutes_above_zero;

#endif
