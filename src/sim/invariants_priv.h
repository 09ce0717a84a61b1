/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the invariants:
 *
 *     invariants_jobs.c   jobs, attempts, retries: what happens once
 *     invariants_order.c  who may run, and when
 *     invariants_budget.c limits of tokens and money
 *     invariants_rates.c  providers that limit rates, or do not serve at all
 *     invariants_path.c   what is most urgent runs first
 *     invariants_work.c   branches and what becomes of work
 *     invariants_end.c    a run that has ended
 *     invariants_judge.c  whether it was judged rightly
 */
#ifndef KELP_SIM_INVARIANTS_PRIV_H
#define KELP_SIM_INVARIANTS_PRIV_H

#include "sim/invariants.h"

typedef bool invariant_check(const struct sight *s, struct text *why);

invariant_check jobs_keep_identity, jobs_asked_once, jobs_start_once, effects_once, commands_sound,
    attempts_one_at_a_time, attempts_not_after_success, attempts_with_reason, attempts_clean,
    attempts_continue, sessions_exclusive, attempts_housed, attempts_alone, retries_bounded,
    jobs_distinct, retries_wait, limits_by_time_awake;
invariant_check ids_depth, ids_numbered, slots_bounded, slots_counted, admission_kept,
    waves_in_order, needs_met, instances_exclusive, quiet_when_interrupted, no_agent_when_final,
    limits_stop_agents, budgets_kept, providers_paused, providers_frozen, stops_with_reason,
    planner_bounded, overdrafts_end, backup_first, time_goes_on, longest_first;
invariant_check only_done_merged, branches_fetched, result_at_home, work_not_lost, undo_once,
    undo_after_attempts, landed_once;
invariant_check end_all_ended, end_slots_free, end_nothing_runs, end_cleanups, end_undone,
    end_status, end_results_kept, end_merged_landed;
invariant_check end_observed, end_agents_judged, end_units_judged, end_checks_pass,
    end_blame_earned, end_spent_counted;

/* "ORG_0007.2" */
const char *orch_text(const struct tree *t, uint32_t orch, char out[EXEC_ID_TEXT_MAX]);
/* It was merged, and a later result showed what its own copy had not. */
bool is_doubted(const struct sight *s, const struct orch *o, uint32_t unit);
/* As the plan was meant, which is not what a mutant's tree was told. */
const struct plan_subtask *meant_subtask(const struct sight *s, uint32_t unit);
const struct plan_step *meant_step(const struct sight *s, const struct node *n);
/* Agents of a node, and of a wave of a unit, that did not end as done. */
uint32_t not_done(const struct work *w, const struct node *n);
uint32_t wave_failures(const struct work *w, const struct plan_subtask *sub, uint32_t unit,
                       unsigned level);
/* The job that a command starts, if it is of that kind; else NULL. */
const struct job *started_job(const struct sight *s, size_t command, enum job_kind kind);

#endif
