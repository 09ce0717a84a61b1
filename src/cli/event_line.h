/* SPDX-License-Identifier: Apache-2.0 */
/* Events as lines of JSON, for programs that follow a run. */
#ifndef KELP_CLI_EVENT_LINE_H
#define KELP_CLI_EVENT_LINE_H

#include "base/json.h"
#include "core/tree.h"

/* `version`, `event`, `at_ms`, `phase`; of a job also `job`, `kind`, `exec_id`, and of an agent
 * `wave`, `instance`, `role`, `attempt`, `state`, `status`; of an end `exit`, `error`, `message`.
 * New reference. */
json_t *event_line(const struct tree *t, const struct event *e);

#endif
