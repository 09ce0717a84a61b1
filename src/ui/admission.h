/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine bears, where that is less than the run could use. */
#ifndef KELP_UI_ADMISSION_H
#define KELP_UI_ADMISSION_H

#include "base/json.h"
#include "core/tree.h"

/* "memory pressure: 12 of 40 agents run; waiting". Adds nothing and returns false if no agent waits
 * for the machine. */
bool admission_text(const struct tree *t, struct text *out);
/* The same for programs: `cause`, `limit`, `running`, `waiting`; null where nothing is bounded. New
 * reference. */
json_t *admission_json(const struct tree *t);

#endif
