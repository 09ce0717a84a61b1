/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agents and the planner are told. The texts are Markdown files that a user can replace; of
 * NAME the first that exists counts:
 *
 *     REPOSITORY/.kelp/prompts/NAME.md
 *     $XDG_CONFIG_HOME/kelp/prompts/NAME.md
 *     RECIPES/prompts/NAME.md
 *
 * `{{name}}` stands for a value, as core/template.h has it; a value is never read as a template. A
 * section is a heading (a line that begins with `#`) with what is below it up to the next one; what
 * stands before the first is one, too. A section that has variables, all of them empty, is left
 * out. That is all there is.
 */
#ifndef KELP_AGENT_PROMPT_H
#define KELP_AGENT_PROMPT_H

#include "base/fault.h"
#include "base/text.h"

enum { PROMPT_TEMPLATE_MAX = 1024 * 1024 }; /* bytes of a file */

/* agent: of every attempt that begins a session, and of a later wave that resumes one.
 * continue: an attempt that a rate limit cut off goes on with its session.
 * handover: what a session that takes over from a full one is told; it becomes the value
 *   `handover` of `agent`.
 * planner: the planner's first request. correction: its answer was wrong.
 * model: what kelp's own agent tells its model before all of that. */
#define PROMPTS(X) X(agent) X(continue) X(handover) X(planner) X(correction) X(model)

#define PROMPT_VALUES(X)                                                           \
    X(exec_id) /* of the orchestrator: the tag of the first line */                \
    X(title)   /* of the subtask, else of the task */                              \
    X(role)                                                                        \
    X(role_prompt)   /* of the role's file */                                      \
    X(instance)      /* I1, R1 */                                                  \
    X(wave)          /* 0: research */                                             \
    X(waves)         /* of the orchestrator, in all */                             \
    X(team)          /* who works beside it: "I2 Tester, I3 Tester" */             \
    X(attempt)       /* from 2; empty at the first */                              \
    X(problem)       /* why the attempt before failed */                           \
    X(context)       /* of the mission */                                          \
    X(findings)      /* the most important ones of wave 0, see agent/findings.h */ \
    X(findings_file) /* all of them, as JSON */                                    \
    X(results)       /* what the agents said whose results it needs */             \
    X(results_dir)   /* the folder with all results, as JSON */                    \
    X(mission)                                                                     \
    X(work)        /* the step's own prompt: the task */                           \
    X(criteria)    /* success criteria, a line each */                             \
    X(checks)      /* commands that kelp will run */                               \
    X(folder)      /* where it works: its own copy */                              \
    X(writes)      /* globs that it may write, a line each */                      \
    X(reads_only)  /* why it has nothing to write: "its `writes` is empty" */      \
    X(result_file) /* $KELP_RESULT */                                              \
    X(handover)    /* the text of handover.md */                                   \
    X(summaries)   /* handover: of the sessions before */                          \
    X(task)        /* planner: as the user wrote it */                             \
    X(agents)      /* planner: how many at once, where the user said so */         \
    X(drivers)     /* planner: a line each */                                      \
    X(roles)       /* planner: a line each, of role files */                       \
    X(history)     /* planner: what earlier agents took, a line each */            \
    X(embedded)    /* planner: what the embedded planner would do, as JSON */      \
    X(schema)      /* planner: the JSON schema of the answer */                    \
    X(request)     /* correction: the planner's request, where it begins anew */   \
    X(answer)      /* correction: what it had said */                              \
    X(error)       /* correction: what is wrong with it, with line and column */

/* Plain data; NULL and "" are empty. */
struct prompt_values {
#define PROMPT_VALUE_FIELD(name) const char *name;
    PROMPT_VALUES(PROMPT_VALUE_FIELD)
#undef PROMPT_VALUE_FIELD
};

/* Absolute paths; NULL: there is none. */
struct prompt_folders {
    const char *repository; /* its top */
    const char *user;       /* $XDG_CONFIG_HOME/kelp */
    const char *recipes;
};

/* $XDG_CONFIG_HOME/kelp, else ~/.config/kelp; NULL without a home. The caller frees. */
char *prompt_user_folder(void);

/* Appends to `out`. FAULT_PLAN with FILE:LINE:COL for a wrong template, FAULT_NOT_FOUND where none
 * exists; `out` is then as it was. */
int prompt_render(const struct prompt_folders *folders, const char *name,
                  const struct prompt_values *values, struct text *out, struct fault *f) MUST_CHECK;
/* Whether all of PROMPTS are there and right: to be asked before a run has its ID. */
int prompt_check(const struct prompt_folders *folders, struct fault *f) MUST_CHECK;

#endif
