/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan that a model proposes. It is JSON in the plan's own schema, read by the same tables as
 * kelp.yaml, with fewer keys: recipes/prompts/plan.schema.json says which, and docs/planner.md why.
 * What a model may not decide is refused, with line and column as for any plan:
 *
 *   - what it may reach: sandbox, isolation, environment, setup, base_url, model
 *   - what happens to the user's branch: land, push
 *   - how much it may cost: limits, retries, stall, agents
 *   - commands. `success` is the exception: checks run in clones, kept in as agents are; so they
 *     are refused where the user has turned the sandbox or the clones off
 *
 * All of these are as the user's own request has them.
 *
 *     what it said -> answer_find (or answer_layout) -> plan_answer_read -> a plan, or a fault
 */
#ifndef KELP_PLAN_ANSWER_H
#define KELP_PLAN_ANSWER_H

#include "base/fault.h"
#include "core/history.h"
#include "core/plan.h"
#include "plan/config.h"
#include "plan/planner.h"

#include <jansson.h>

enum { ANSWER_BYTES_MAX = 1024 * 1024 };

/* Plain data; right when zeroed but for `request`. */
struct answer_context {
    const struct plan *request;   /* without subtasks: task, settings, endings, research */
    const struct strings drivers; /* that steps may name beside the request's own */
    const struct history *history;
    const struct config *config; /* models and endpoints of the drivers; may be NULL */
};

/* A row of what a planner may write; the keys of plan.schema.json are these. */
struct answer_level {
    const char *what;        /* "a subtask" */
    const char *const *keys; /* NULL ends */
};
/* In the order plan, subtask, wave, step, for_each. */
enum { ANSWER_PLAN, ANSWER_SUBTASK, ANSWER_WAVE, ANSWER_STEP, ANSWER_FAN, ANSWER_LEVELS };
extern const struct answer_level answer_levels[ANSWER_LEVELS];

/* Finds the JSON object with `subtasks` in a text (by itself, in a code block, behind prose), and
 * lays it out. FAULT_PLAN with the place in `said`, file "answer". */
int answer_find(const char *said, size_t length, struct arena *a, const char **ret_json,
                struct fault *f) MUST_CHECK;
/* One value a line, so that a fault's line says something. This text is what plan_answer_read
 * counts lines in, and what is shown to the planner with the fault. */
const char *answer_layout(const json_t *answer, struct arena *a);

/*
 * The request with the subtasks of the answer. Keys that are null count as not written, since some
 * providers demand every key. Minutes of roles that the history knows replace those of the
 * answer; the notes say so. All of it lives in `a`. FAULT_PLAN or FAULT_LIMIT, file "answer".
 */
int plan_answer_read(const char *json, const struct answer_context *context, struct arena *a,
                     struct planner_result *ret, struct fault *f) MUST_CHECK;

#endif
