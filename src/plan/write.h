/* SPDX-License-Identifier: Apache-2.0 */
/* Plans as JSON: the journal keeps a run's plan whole, and a reader gets the same plan back. */
#ifndef KELP_PLAN_WRITE_H
#define KELP_PLAN_WRITE_H

#include "core/plan.h"

#include <jansson.h>

/*
 * Everything that differs from its default or from what it inherits, in the keys of a plan
 * file; ids that were derived are written. plan_from_json and plan_read_yaml (of its text)
 * make an equal plan, apart from `file` and the places. New reference.
 */
json_t *plan_to_json(const struct plan *plan);

#endif
