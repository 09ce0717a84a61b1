/* SPDX-License-Identifier: Apache-2.0 */
/* What the embedded planner makes of a job that a model agent has to do: its kind, by the first
 * word that tells, and the steps of that kind. docs/planner.md repeats the table. */
#ifndef KELP_PLAN_JOBS_H
#define KELP_PLAN_JOBS_H

#include "core/plan.h"

struct job_step {
    const char *id, *role, *prompt;
    bool reads_only; /* it has nothing to write */
};

struct job_kind {
    const char *name;         /* "a bug" */
    const char *const *words; /* that tell it; NULL ends */
    double minutes;
    const struct job_step *steps;
    size_t step_count;
};

/* The kind of the first telling word of the job, else of the lead, else "a change". */
const struct job_kind *job_kind_of(const char *job, const char *lead);
/* The kind of a name without a verb under an analysis. */
const struct job_kind *job_kind_analysis(void);

#endif
