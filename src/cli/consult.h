/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The planner that is a model, asked before there is a run: for `kelp plan`. It works in a
 * throw-away copy of the working tree and knows no findings, since wave 0 has not run.
 */
#ifndef KELP_CLI_CONSULT_H
#define KELP_CLI_CONSULT_H

#include "cli/intake.h"
#include "plan/planner.h"

/*
 * The plan for the request's free text by its planner, a driver; the notes say how it was sized and
 * what it cost. All of it lives in `arena`. A fault says why there is no plan: the agent can't be
 * started, failed, took too long, or gave two answers that are none.
 */
int consult_planner(const struct session *s, const struct intake *in, struct arena *arena,
                    struct planner_result *ret, struct fault *f) MUST_CHECK;

#endif
