/* SPDX-License-Identifier: Apache-2.0 */
/* The mutants that change what the tree is told (mutant_plan.c) or how a run is judged
 * (mutant_verdict.c), for the table of all. */
#ifndef KELP_SIM_MUTANT_PRIV_H
#define KELP_SIM_MUTANT_PRIV_H

#include "sim/mutant.h"

void mutant_more_slots(struct run_request *r, struct plan *p);
void mutant_no_needs(struct run_request *r, struct plan *p);
void mutant_no_barriers(struct run_request *r, struct plan *p);
void mutant_more_retries(struct run_request *r, struct plan *p);
void mutant_no_limits(struct run_request *r, struct plan *p);
void mutant_no_subtask_limits(struct run_request *r, struct plan *p);
void mutant_no_undo(struct run_request *r, struct plan *p);
void mutant_all_may_fail(struct run_request *r, struct plan *p);
void mutant_no_repository(struct run_request *r, struct plan *p);
void mutant_no_history(struct run_request *r, struct plan *p);
void mutant_research_unnoticed(struct run_request *r, struct plan *p);
void mutant_failures_are_done(const struct mutant_site *s);
void mutant_unchecked_is_done(const struct mutant_site *s);
void mutant_check_passes(const struct mutant_site *s);
void mutant_copy_is_check(const struct mutant_site *s);

#endif
