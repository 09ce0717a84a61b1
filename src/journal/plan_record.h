/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a record: every field as the readers left it, defaults resolved, so that a replayed
 * run has the plan it began with even if a later version would read the file differently.
 */
#ifndef KELP_JOURNAL_PLAN_RECORD_H
#define KELP_JOURNAL_PLAN_RECORD_H

#include "journal/record.h"

extern const struct record plan_record; /* struct plan */

#endif
