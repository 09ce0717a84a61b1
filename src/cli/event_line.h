/* SPDX-License-Identifier: Apache-2.0 */
/* Events as lines of JSON, for programs that follow a run. */
#ifndef KELP_CLI_EVENT_LINE_H
#define KELP_CLI_EVENT_LINE_H

#include "base/json.h"
#include "core/tree.h"
#include "engine/engine.h"

/* `version`, `event`, `at_ms`, `phase`; of a job also `job`, `kind`, `exec_id`, and of an agent
 * `wave`, `instance`, `role`, `attempt`, `state`, `status`; of an end `exit`, `error`, `message`;
 * of what the machine bears `admission` (ui/admission.h). New reference. */
json_t *event_line(const struct tree *t, const struct event *e);
/* What a running agent does just now, `event` "activity": not an event of the tree, nothing follows
 * from it. As above of an agent, and `text`, `tokens`, `limited`. New reference. */
json_t *event_line_activity(const struct tree *t, uint32_t job, const struct activity *a,
                            int64_t at_ms);
/* `event` "provider": one of those who serve models is paused, frozen, or serves again; then as
 * provider_json. New reference. */
json_t *event_line_provider(const struct tree *t, size_t i, int64_t at_ms);

#endif
