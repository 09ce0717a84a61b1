/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Missions in Markdown: one file, one subtask.
 *
 *   [EXEC_ID: ORG_4729.1]            optional; checked and then left aside
 *   # Title
 *   ## Context                       optional; as it stands
 *   ## Mission                       optional; the title if there is none
 *   ## Tasks
 *   1. Identify duplicates (10 agents)    a wave of ten agents with this prompt
 *   2. `make docs`                        a wave with this command
 *   ## Success Criteria              optional
 *   - One document for each topic         for agents and readers
 *   - Builds: `make docs-check`           a check
 *
 * Bullets under Tasks are independent: they are the agents of one wave. Other sections belong
 * to the context, unless their name is nearly one of these.
 */
#ifndef KELP_PLAN_MISSION_H
#define KELP_PLAN_MISSION_H

#include "base/fault.h"
#include "core/plan.h"
#include "plan/source.h"

enum { MISSION_BYTES_MAX = 1024 * 1024 };

/* Reads the files, one or more, as one plan with a subtask each. All of it lives in `a`. FAULT_PLAN
 * with file and line, FAULT_USAGE for a malformed ID tag. */
int plan_read_missions(const char *const *paths, size_t count, struct arena *a, struct plan **ret,
                       struct fault *f) MUST_CHECK;
/* One mission from a text. Its id is NULL. */
int mission_parse(const struct source *source, struct arena *a, struct plan_subtask *ret,
                  struct fault *f) MUST_CHECK;

#endif
