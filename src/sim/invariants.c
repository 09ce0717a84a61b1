/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/invariants_priv.h"

/* name in the table, function, when, what has to hold */
#define ROW(function, moment, sentence)                                        \
    {                                                                          \
        .name = #function, .says = sentence, .when = moment, .holds = function \
    }

const struct invariant invariants[] = {
    ROW(jobs_keep_identity, INVARIANT_ALWAYS, "a job is the same job whenever it is asked for"),
    ROW(jobs_asked_once, INVARIANT_ALWAYS, "an engine asks for a job once"),
    ROW(jobs_start_once, INVARIANT_ALWAYS, "an attempt or a command of the plan starts once"),
    ROW(effects_once, INVARIANT_ALWAYS, "a job changes the repository once"),
    ROW(commands_sound, INVARIANT_ALWAYS, "commands concern jobs that have not ended"),
    ROW(attempts_one_at_a_time, INVARIANT_ALWAYS, "one attempt of an agent runs at a time"),
    ROW(attempts_not_after_success, INVARIANT_ALWAYS, "an agent that succeeded is not run again"),
    ROW(attempts_with_reason, INVARIANT_ALWAYS,
        "a further attempt follows an error that allows it"),
    ROW(attempts_clean, INVARIANT_ALWAYS, "an attempt does not find what a failed one left"),
    ROW(attempts_continue, INVARIANT_ALWAYS,
        "an attempt that goes on finds what the one before it left"),
    ROW(sessions_exclusive, INVARIANT_ALWAYS,
        "a session is resumed by one agent at a time, of the same role and driver"),
    ROW(attempts_housed, INVARIANT_ALWAYS, "an attempt starts in a copy that exists"),
    ROW(attempts_alone, INVARIANT_ALWAYS, "an agent that writes is alone in its copy"),
    ROW(retries_bounded, INVARIANT_ALWAYS, "retries stay within their budget"),
    ROW(providers_paused, INVARIANT_ALWAYS,
        "a provider that limits rates pauses for all, and then runs fewer agents at once"),
    ROW(providers_frozen, INVARIANT_ALWAYS, "nothing of a frozen provider starts"),
    ROW(stops_with_reason, INVARIANT_ALWAYS,
        "a run stops by itself when nothing runs and a frozen provider is waited for"),
    ROW(planner_bounded, INVARIANT_ALWAYS,
        "a planner is asked once more after a wrong answer, and then kelp plans"),
    ROW(retries_wait, INVARIANT_ALWAYS, "a retry waits for as long as it was told to"),
    ROW(limits_by_time_awake, INVARIANT_ALWAYS,
        "a time limit is not over because the machine slept"),
    ROW(ids_depth, INVARIANT_ALWAYS, "no orchestrator is deeper than 2"),
    ROW(ids_numbered, INVARIANT_ALWAYS, "children are numbered from 1 without gaps"),
    ROW(slots_bounded, INVARIANT_ALWAYS, "no more agents run than there are slots"),
    ROW(slots_counted, INVARIANT_ALWAYS, "running agents hold the slots that are counted"),
    ROW(admission_kept, INVARIANT_ALWAYS, "no agent is admitted beyond what the machine bears"),
    ROW(waves_in_order, INVARIANT_ALWAYS, "a wave starts when the wave before it has ended"),
    ROW(needs_met, INVARIANT_ALWAYS, "an agent starts when its inputs are done"),
    ROW(instances_exclusive, INVARIANT_ALWAYS, "an instance does one thing at a time"),
    ROW(quiet_when_interrupted, INVARIANT_ALWAYS, "nothing starts while the run is interrupted"),
    ROW(no_agent_when_final, INVARIANT_ALWAYS, "no agent starts in a run that is being ended"),
    ROW(limits_stop_agents, INVARIANT_ALWAYS, "no agent starts once tokens or money are spent"),
    ROW(budgets_kept, INVARIANT_ALWAYS,
        "an agent starts when its budgets have what it may use, and never when they are spent"),
    ROW(overdrafts_end, INVARIANT_ALWAYS,
        "an agent that uses more tokens than are reserved gets more, or is stopped"),
    ROW(backup_first, INVARIANT_ALWAYS, "there is a backup before anything can write"),
    ROW(longest_first, INVARIANT_ALWAYS,
        "of what waits for a slot, the agent with the longest path before it gets one"),
    ROW(time_goes_on, INVARIANT_ALWAYS, "the tree's time never steps back"),
    ROW(only_done_merged, INVARIANT_ALWAYS, "only branches of done children are merged"),
    ROW(branches_fetched, INVARIANT_ALWAYS, "a branch is brought home before it is merged"),
    ROW(result_at_home, INVARIANT_ALWAYS, "what lands is in the user's repository"),
    ROW(work_not_lost, INVARIANT_ALWAYS, "nothing is discarded that is nowhere else"),
    ROW(undo_once, INVARIANT_ALWAYS, "on_failure runs once"),
    ROW(undo_after_attempts, INVARIANT_ALWAYS,
        "on_failure runs after the last attempt and before the cleanup"),
    ROW(landed_once, INVARIANT_ALWAYS, "what is landed or pushed is landed or pushed once"),
    ROW(jobs_distinct, INVARIANT_ALWAYS, "what one job did is not asked of another"),
    ROW(end_all_ended, INVARIANT_AT_END, "everything has ended when the run has"),
    ROW(end_slots_free, INVARIANT_AT_END, "all slots are free when the run has ended"),
    ROW(end_nothing_runs, INVARIANT_AT_END, "nothing runs when the run has ended"),
    ROW(end_cleanups, INVARIANT_AT_END, "each child that ran was cleaned up"),
    ROW(end_undone, INVARIANT_AT_END, "on_failure ran for each failed child"),
    ROW(end_status, INVARIANT_AT_END, "the run's status is that of its parts"),
    ROW(end_results_kept, INVARIANT_AT_END, "the work of each done agent is kept"),
    ROW(end_merged_landed, INVARIANT_AT_END, "what was merged is in what landed"),
    ROW(end_observed, INVARIANT_AT_END, "no agent is done of which nothing was observed"),
    ROW(end_agents_judged, INVARIANT_AT_END, "an agent is done if its last attempt succeeded"),
    ROW(end_units_judged, INVARIANT_AT_END, "a subtask is done if its agents and checks are"),
    ROW(end_checks_pass, INVARIANT_AT_END, "the checks of what was merged pass on the result"),
    ROW(end_blame_earned, INVARIANT_AT_END,
        "a branch is left out for a check of the result only if one has failed"),
    ROW(end_spent_counted, INVARIANT_AT_END, "what attempts spent is what the run spent"),
    {INVARIANT_ENDS, "every run ends", INVARIANT_PLAYED, NULL},
    {INVARIANT_REPLAY, "a replayed tree is the live one", INVARIANT_PLAYED, NULL},
    {INVARIANT_COMMANDS, "a replay asks for the same", INVARIANT_PLAYED, NULL},
    {INVARIANT_JOURNAL, "what was committed is in the journal, and nothing else", INVARIANT_PLAYED,
     NULL},
    {INVARIANT_REPEATS, "a repeated event changes nothing", INVARIANT_PLAYED, NULL},
};

const size_t invariant_count = COUNT_OF(invariants);

static const struct invariant *check(const struct sight *s, enum invariant_when when,
                                     struct text *why)
{
    for (size_t i = 0; i < COUNT_OF(invariants); i++)
        if (invariants[i].when == when && !invariants[i].holds(s, why))
            return &invariants[i];
    return NULL;
}

const struct invariant *invariants_check(const struct sight *s, struct text *why)
{
    return check(s, INVARIANT_ALWAYS, why);
}

const struct invariant *invariants_check_end(const struct sight *s, struct text *why)
{
    return check(s, INVARIANT_AT_END, why);
}

const char *orch_text(const struct tree *t, uint32_t orch, char out[EXEC_ID_TEXT_MAX])
{
    exec_id_format(t->orchs.at[orch].id, out);
    return out;
}

const struct plan_subtask *meant_subtask(const struct sight *s, uint32_t unit)
{
    uint32_t index = s->tree->units.at[unit].subtask;

    /* What agents asked for stands behind what was planned. */
    return index < s->plan->subtask_count ? &s->plan->subtasks[index]
                                          : &s->tree->plan->subtasks[index];
}

const struct plan_step *meant_step(const struct sight *s, const struct node *n)
{
    return n->unit == UNIT_NONE ? &s->request->plan->research[n->step]
                                : &meant_subtask(s, n->unit)->steps[n->step];
}

const struct job *started_job(const struct sight *s, size_t command, enum job_kind kind)
{
    const struct command *c = &s->commands[command];
    const struct job *j = c->kind == COMMAND_START ? &s->tree->jobs.at[c->job] : NULL;

    return j && j->kind == kind ? j : NULL;
}
