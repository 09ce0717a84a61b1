/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two runs of the same recording have in common: an outline of a report without times,
 * places and names of the run, and how two outlines differ.
 */
#ifndef KELP_RECORD_OUTLINE_H
#define KELP_RECORD_OUTLINE_H

#include "base/json.h"

/*
 * From report.json: pattern, status, tokens and cost, and each orchestrator with its state, waves,
 * agents (end state, claim, how its attempts ended; what it says only where a model drove it: other
 * commands run again for real) and checks. Of tokens and cost in all only where
 * all that was spent is recorded: nothing was interrupted or tried again by hand. `result_tree` is
 * the tree of the result, "" without one. New reference.
 */
json_t *outline_of(const json_t *report, const char *result_tree);

/* An array of {"where": "orchestrators 1, waves 2: ...", "recorded": ..., "replayed": ...}, empty
 * if they are the same. What `recorded` does not have, because an older kelp wrote it, is not
 * compared. New reference. */
json_t *outline_compare(const json_t *recorded, const json_t *replayed);

#endif
