/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables of prompts and commands, `{{name}}`. The reader of plans refuses other names,
 * and the engine has a value for each of these. Beside them there are the results of earlier
 * work: `waves.N.summary` and `steps.ID.summary`.
 */
#ifndef KELP_CORE_VARIABLES_H
#define KELP_CORE_VARIABLES_H

/* ANYWHERE; AGENT: only what an agent runs; ITEM: only below a for_each. */
#define VARIABLES(X)                                                          \
    X(item, ITEM)        /* of the for_each; those of a batch, a line each */ \
    X(items, ITEM)       /* the same */                                       \
    X(index, AGENT)      /* of the agent among those of its step, from 1 */   \
    X(exec_id, ANYWHERE) /* of the orchestrator */                            \
    X(run, ANYWHERE)     /* the root's ID */                                  \
    X(task, ANYWHERE)                                                         \
    X(title, ANYWHERE) /* of the subtask; of the task where there is none */  \
    X(mission, ANYWHERE)                                                      \
    X(role, AGENT)                                                            \
    X(wave, AGENT)                                                            \
    X(instance, AGENT)    /* I1, R1 */                                        \
    X(attempt, AGENT)     /* from 1 */                                        \
    X(recipes, ANYWHERE)  /* the folder of kelp's own recipes */              \
    X(context, ANYWHERE)  /* the folder with findings and earlier results */  \
    X(findings, ANYWHERE) /* the file with the findings of wave 0 */

enum variable_use { VARIABLE_ANYWHERE, VARIABLE_AGENT, VARIABLE_ITEM };

#endif
