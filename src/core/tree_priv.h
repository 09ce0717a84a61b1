/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the tree. An event comes in at tree.c, which hands the end of a job to the
 * part that asked for it:
 *
 *     tree_run.c      the phases of the run          tree_end.c      its end, and what it came to
 *     tree_orch.c     the life of an orchestrator    tree_cleanup.c  that of a cleanup
 *     tree_build.c    how a graph is made            tree_work.c     what of it may start when
 *     tree_agent.c    agents and their attempts      tree_attempt.c  what an attempt was
 *     tree_slot.c     who gets the next free slot    tree_budget.c   tokens and money
 *     tree_provider.c pauses and freezes of those who serve models
 *     tree_planner.c  a model that is asked to plan
 *     tree_merge.c    from branches to one result    tree_job.c      jobs and timers
 */
#ifndef KELP_CORE_TREE_PRIV_H
#define KELP_CORE_TREE_PRIV_H

#include "core/retry.h"
#include "core/tree.h"

/* tree.c: copies into the tree's arena. */
const char *keep_string(struct tree *t, const char *s);
struct strings keep_strings(struct tree *t, struct strings list);
struct metrics keep_metrics(struct tree *t, struct metrics list);

/* tree_job.c */
uint32_t job_request(struct tree *t, struct job wanted);
/* Asks the world to stop a job that runs; the first reason stays. */
void job_stop(struct tree *t, uint32_t job, enum job_stop reason);
void job_stop_all(struct tree *t, enum job_stop reason);
/* One that an interruption stopped is asked for again when the run is resumed. */
bool job_repeats(const struct job *j);
void job_started(struct tree *t, const struct event *e);
/* From now on the plan's own commands (setup, checks, on_failure, cleanup) have little time. */
void jobs_are_late(struct tree *t);
/* Marks it as ended; false if there is nothing to end. */
bool job_end(struct tree *t, uint32_t id);
/* What was held back is asked now: the run is being ended. Attempts are never held back. */
void job_release_held(struct tree *t);
/* Everything that the world still owes is asked of it again, and what was held back is asked. */
void job_resume_all(struct tree *t);
uint32_t timer_set(struct tree *t, struct timer wanted);
void timers_resume(struct tree *t);

/* tree_provider.c */
struct provider *provider_named(struct tree *t, const char *name);
struct provider *provider_of(struct tree *t, uint32_t orch, uint32_t agent); /* NULL: a command */
/* Puts an agent aside whose provider has no room; false if it has. */
bool provider_park(struct tree *t, struct ready r);
bool provider_has_room(const struct provider *p);
/* It neither pauses nor is frozen. */
bool provider_is_open(const struct provider *p);
void provider_began(struct tree *t, uint32_t orch, uint32_t agent);
void provider_ended(struct tree *t, uint32_t orch, uint32_t agent);
/* Before the present one, if there is one. */
unsigned provider_pauses(const struct provider *p);
void provider_pause(struct tree *t, struct provider *p, int64_t delay_ms, const char *why);
/* Nothing of it starts until the run is resumed. */
void provider_freeze(struct tree *t, struct provider *p, const char *why);
void providers_thaw(struct tree *t);
void provider_succeeded(struct provider *p); /* NULL: a command */
void provider_timer(struct tree *t, const struct timer *timer);
/* The run is taken up again by an engine that knows of no timer. */
void providers_take_up(struct tree *t);
void providers_free(struct tree *t);

/* tree_planner.c */
/* False if no model is asked to plan. */
bool planner_begin(struct tree *t);
/* Asks it, if it waits and may be asked. Called once at the end of every event. */
void planner_pump(struct tree *t);
void planner_started(struct tree *t);
void planner_ended(struct tree *t, const struct job *j, const struct outcome *o);
/* The run is being ended: a planner that waits is not asked any more. */
void planner_cancel(struct tree *t);

/* tree_slot.c */
void ready_heap_push(struct ready_heap *heap, struct ready entry);
struct ready ready_heap_pop(struct ready_heap *heap); /* not of an empty one */
void ready_push(struct tree *t, double tail, uint32_t orch, uint32_t agent);
/* Whether an entry's agent, or orchestrator, still waits. */
bool ready_is_valid(const struct tree *t, struct ready r);
/* Starts what may start now. Called once at the end of every event. */
void slots_fill(struct tree *t);
/* From now on the machine bears this much. What runs goes on. */
void slots_admit(struct tree *t, struct admission_level level);

/* tree_budget.c: tokens and money */
enum budget_answer {
    BUDGET_TAKEN,
    BUDGET_WAIT,  /* until something that is reserved is returned */
    BUDGET_SPENT, /* what the agent may use will never be there */
};

/* The accounts of the run and of the units that there are. */
void budgets_open(struct tree *t);
void budgets_open_units(struct tree *t);
enum budget_answer budget_take(struct tree *t, uint32_t orch, uint32_t agent);
/* Returns what an agent holds, if anything; its attempt has used what `o` says, NULL: none ran. */
void budget_return(struct tree *t, uint32_t orch, uint32_t agent, const struct outcome *o);
/* Reserves more for an agent that has used `tokens`, if it may have more and there is some. */
bool budget_extend(struct tree *t, uint32_t orch, uint32_t agent, int64_t tokens);
/* Spends from the run's own account what nothing was reserved for. */
void budget_spend(struct tree *t, const struct outcome *o);
/* The run may spend no more. */
bool budget_is_spent(const struct tree *t);
/* All that the run may still spend is reserved. */
bool budget_is_full(const struct tree *t);

/* tree_work.c */
void work_build(struct tree *t, uint32_t orch);
void work_add_research(struct tree *t);
/* Starts what became ready; ends the work of the orchestrator when nothing is left. */
void work_pump(struct tree *t, uint32_t orch);
void work_expanded(struct tree *t, const struct job *j, const struct outcome *o);
/* The copy of an orchestrator exists: whoever waited for it goes on. */
void work_copy_ready(struct tree *t, uint32_t orch);
/* What an agent changed is committed, or it ended. */
void work_agent_settled(struct tree *t, uint32_t orch, uint32_t agent);
void work_agent_ended(struct tree *t, uint32_t orch, uint32_t agent);
void work_free(struct work *w);

/* tree_agent.c */
void agent_grant(struct tree *t, uint32_t orch, uint32_t agent);
void agent_copy_ready(struct tree *t, uint32_t orch, uint32_t agent);
void agent_attempt_started(struct tree *t, uint32_t id);
void agent_job_ended(struct tree *t, uint32_t id, const struct job *j, const struct outcome *o);
void agent_timer(struct tree *t, const struct timer *timer);
/* Merges what waits to be merged in an orchestrator's branch, one at a time. */
void agent_join_pump(struct tree *t, uint32_t orch);
/* Ends an agent that will never get what it may use of a budget. */
void agent_end_spent(struct tree *t, uint32_t orch, uint32_t agent);
/* Ends an agent that is not running; `status` is not DONE. */
void agent_end_idle(struct tree *t, uint32_t orch, uint32_t agent, enum end_status status);
/* The same in a run that is being ended, whose state says as what. */
void agent_end_waiting(struct tree *t, uint32_t orch, uint32_t agent);

/* tree_attempt.c: what an attempt was; a stop that kelp asked for is a reason */
struct attempt *attempt_open(struct tree *t);
void attempt_record(struct tree *t, struct attempt *x, const struct job *j, const struct outcome *o,
                    enum attempt_error error);
/* Why an attempt of a model that claims success is not proved; NULL: it is. `due`: it was to change
 * something; `changed`: it did, or that is not known yet. */
const char *attempt_doubt(const struct attempt *x, bool due, bool changed);
/* The provider would not serve it; the agent is not to blame. */
bool attempt_was_unserved(enum attempt_error error);
enum attempt_error attempt_was(const struct tree *t, const struct job *j, const struct outcome *o);
const char *attempt_message(const struct job *j, const struct outcome *o);
/* What an agent is after an attempt that no other follows. */
enum end_status attempt_final_status(enum attempt_error error);
struct retry_answer attempt_retry(struct tree *t, uint32_t orch, uint32_t agent,
                                  const struct outcome *o, enum attempt_error error);

/* tree_orch.c */
uint32_t orch_add(struct tree *t, struct exec_id id, enum orch_kind kind, uint32_t parent);
void orch_begin(struct tree *t, uint32_t orch);
void orch_want_copy(struct tree *t, uint32_t orch);
void orch_work_done(struct tree *t, uint32_t orch);
void orch_job_ended(struct tree *t, const struct job *j, const struct outcome *o);
void orch_cancel_waiting(struct tree *t, uint32_t orch);
/* tree_cleanup.c: a cleanup orchestrator's stages; when it has ended, its parent goes on. */
void orch_cleanup_begin(struct tree *t, uint32_t orch);
void orch_cleanup_advance(struct tree *t, uint32_t orch);
void orch_cleanup_job_ended(struct tree *t, const struct job *j, const struct outcome *o);
/* The cleanup of `orch` has ended. */
void orch_cleanup_over(struct tree *t, uint32_t orch);
bool orch_isolated(const struct tree *t, const struct orch *o);
/* Forgets what a child did, so that it can be done again; its history stays in the journal. */
void orch_reset(struct tree *t, uint32_t orch);
void orch_fini(struct orch *o);

/* tree_run.c */
void run_enter(struct tree *t, enum run_phase phase);
void run_phase_job(struct tree *t, struct job wanted);
/* Whether a job without an agent belongs to the run and not to an orchestrator. */
bool run_owns(const struct tree *t, const struct job *j);
void run_job_ended(struct tree *t, const struct job *j, const struct outcome *o);
void run_take_plan(struct tree *t, const struct outcome *o);
/* The present phase has nothing left to wait for. */
void run_phase_done(struct tree *t);
/* An orchestrator below the root, or the root's own waves, has ended. */
void run_orch_ended(struct tree *t, uint32_t orch);
void run_fail(struct tree *t, const char *why);
void run_requested(struct tree *t, const struct event *e);

/* tree_end.c */
void run_cancel(struct tree *t, bool over_limit);
void run_note_spent(struct tree *t, const struct outcome *o);
/* A run in which nothing can go on but for a frozen provider stops. Called once at the end of every
 * event. */
void run_check_stuck(struct tree *t);
/* Ends what waits when tokens or money are spent. Called once at the end of every event. */
void run_check_spent(struct tree *t);
enum run_status run_judge(const struct tree *t);

/* tree_merge.c */
/* The first three begin a phase: false if there is nothing to wait for. */
bool merge_begin(struct tree *t);
bool merge_enter(struct tree *t);
bool merge_verify(struct tree *t);
void merge_consolidated(struct tree *t, const struct job *j, const struct outcome *o);
void merge_merged(struct tree *t, const struct job *j, const struct outcome *o);
void merge_copied(struct tree *t, const struct job *j, const struct outcome *o);
void merge_checked(struct tree *t, const struct job *j, const struct outcome *o);
void merge_free(struct merge_state *m);

#endif
