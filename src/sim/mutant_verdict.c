/* SPDX-License-Identifier: Apache-2.0 */
/* Mutants of how a run that has ended is judged. */
#include "sim/mutant_priv.h"

void mutant_failures_are_done(const struct mutant_site *s)
{
    for (size_t i = 0; s->tree->phase == RUN_ENDED && i < s->tree->orchs.count; i++) {
        struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++)
            if (w->agents.at[k].status == END_FAILED)
                w->agents.at[k].status = END_DONE;
    }
}

void mutant_unchecked_is_done(const struct mutant_site *s)
{
    for (size_t i = 0; s->tree->phase == RUN_ENDED && i < s->tree->units.count; i++)
        if (s->tree->units.at[i].status == END_UNVERIFIED)
            s->tree->units.at[i].status = END_DONE;
}

/* A check that failed on the result is taken for one that passed. */
void mutant_check_passes(const struct mutant_site *s)
{
    if (s->tree->phase != RUN_ENDED)
        return;
    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        struct world_job *j = &s->world->jobs.at[i];
        if (j->errand.job.kind == JOB_FINAL_CHECK && j->phase == WORLD_OVER)
            j->outcome->error = ERROR_FAILED;
    }
}

/* A branch is left out for a check although every check and what prepares it passed. */
void mutant_copy_is_check(const struct mutant_site *s)
{
    if (s->tree->phase != RUN_ENDED)
        return;
    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        struct world_job *j = &s->world->jobs.at[i];
        bool check =
            j->errand.job.kind == JOB_FINAL_CHECK || j->errand.job.kind == JOB_VERIFY_SETUP;
        if (check && j->phase == WORLD_OVER)
            j->outcome->error = ERROR_NONE;
    }
}
