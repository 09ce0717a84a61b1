/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the engine that deal with agents driven by a model. */
#ifndef KELP_ENGINE_AGENT_H
#define KELP_ENGINE_AGENT_H

#include "agent/driver.h"
#include "agent/roster.h"
#include "core/session.h"
#include "engine/redact.h"
#include "engine/start.h"

/* One call of an agent program. Plain data in the arena. */
struct agent_call {
    struct start start;
    const struct roster_entry *entry;
    const char *home;        /* private to the instance, kept over its attempts */
    const char *prompt_file; /* in the attempt's folder */
    const char *task;        /* of the step, with its variables filled in */
    struct session_choice session;
    struct driver_request request;
    struct driver_launch launch; /* after agent_call_prepare */
};

/* Everything but task, session and prompt. FAULT_ENVIRONMENT: the program is not there. */
int agent_call_init(struct agent_call *c, struct engine *e, uint32_t job, struct arena *a,
                    struct fault *f) MUST_CHECK;
/* agent_prompt.c: its task, and which session it goes on with; the same for the same attempt,
 * however often it is asked. */
int agent_call_choose(struct agent_call *c, struct fault *f) MUST_CHECK;
/* agent_prompt.c: what it is told. */
int agent_call_prompt(struct agent_call *c, struct fault *f) MUST_CHECK;
/* What the research found, as prompts have it; "" without. */
const char *agent_findings(struct engine *e);
/* The roles of the repository's files. */
const struct roles *agent_roles(struct engine *e);
/* Asks the driver; makes nothing. */
int agent_call_prepare(struct agent_call *c, struct fault *f) MUST_CHECK;
/* The values of its secret variables in the environment of now: after a resume with another key the
 * earlier one is known by its shape only. */
struct strings agent_call_secrets(const struct agent_call *c);

/*
 * agent_result.c: what an attempt left, read in three steps. The second takes seconds where an
 * agent printed much, uses nothing of the engine, and may be done by another thread (ending.c).
 *
 *     agent_ending_begin -> agent_ending_work, unless it failed -> agent_ending_finish -> _free
 */
struct agent_ending {
    uint32_t job;
    struct keeper_event event;
    struct agent_call call;
    struct redact redact;
    struct reading reading;
    size_t secrets; /* that were overwritten */
    bool failed;    /* why is in the fault */
    struct fault fault;
    struct arena arena;
};

void agent_ending_begin(struct agent_ending *x, struct engine *e, uint32_t job,
                        const struct keeper_event *ev);
void agent_ending_work(struct agent_ending *x);
/* Strings of the outcome live in `a`. */
void agent_ending_finish(struct agent_ending *x, struct engine *e, struct arena *a,
                         struct outcome *ret);
void agent_ending_free(struct agent_ending *x);

/* planner.c: the same for the planner. Its plan lives as long as the tree; an answer that is none
 * is ERROR_MALFORMED. */
void planner_choose(struct agent_call *c);
int planner_prompt(struct agent_call *c, struct fault *f) MUST_CHECK;
void planner_read(const struct agent_call *c, uint32_t job, const struct reading *reading,
                  struct outcome *ret);

#endif
