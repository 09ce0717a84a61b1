/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/mutant_priv.h"

#include "sim/invariants.h"

#include <string.h>

/* The job that a command of the event starts, if it is of the kind. */
static struct job *starts(const struct mutant_site *s, enum job_kind kind, uint32_t *ret_id)
{
    for (size_t i = 0; i < s->commands->list.count; i++) {
        const struct command *c = &s->commands->list.at[i];
        if (c->kind != COMMAND_START || s->tree->jobs.at[c->job].kind != kind)
            continue;
        *ret_id = c->job;
        return &s->tree->jobs.at[c->job];
    }
    return NULL;
}

static bool ended(const struct mutant_site *s, enum job_kind kind)
{
    return s->event->kind == EVENT_JOB_ENDED && s->tree->jobs.at[s->event->job].kind == kind &&
           s->event->outcome->error == ERROR_NONE;
}

static struct world_job *seen(const struct mutant_site *s, uint32_t job)
{
    return job < s->world->jobs.count ? &s->world->jobs.at[job] : NULL;
}

static void ask_again(const struct mutant_site *s, uint32_t job)
{
    vector_push(&s->commands->list, (struct command){.kind = COMMAND_START, .job = job});
}

/* The reservation of an agent, returned while it runs; what is left of it. */
static struct budget_amount give_back(struct tree *t, const struct work *w, const struct agent *a)
{
    uint32_t unit = w->nodes.at[a->node].unit;
    size_t account = unit == UNIT_NONE || !t->unit_accounts ? 0 : (size_t)unit + 1;
    const struct budget_amount nothing = {0};

    budget_settle(t->budget, account, a->held, &nothing);
    return nothing;
}

/* What an agent may use is not reserved before it starts. */
static void promises_forgotten(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++)
            if (w->agents.at[k].held)
                *w->agents.at[k].held = give_back(s->tree, w, &w->agents.at[k]);
    }
}

static void other_job(const struct mutant_site *s)
{
    uint32_t id;
    struct job *j = starts(s, JOB_SETTLE, &id);

    if (j && s->event->kind == EVENT_RESUMED)
        j->index++;
}

static void asked_twice(const struct mutant_site *s)
{
    uint32_t id;

    if (starts(s, JOB_AGENT, &id))
        ask_again(s, id);
}

/* The keeper forgets what it ran. */
static void attempt_twice(const struct mutant_site *s)
{
    for (uint32_t i = 0; s->event->kind == EVENT_RESUMED && i < s->world->jobs.count; i++)
        if (s->world->jobs.at[i].phase == WORLD_OVER &&
            job_kind_way((enum job_kind)s->world->jobs.at[i].errand.job.kind) == JOB_WAY_COMMAND)
            s->world->jobs.at[i].phase = WORLD_UNSEEN;
}

/* A worker does not look whether its merge is there already. */
static void merge_twice(const struct mutant_site *s)
{
    for (uint32_t i = 0; s->event->kind == EVENT_RESUMED && i < s->world->jobs.count; i++)
        if (s->world->jobs.at[i].phase == WORLD_OVER) {
            s->world->jobs.at[i].phase = WORLD_UNSEEN;
            s->world->jobs.at[i].done = false;
        }
}

static void ended_job_again(const struct mutant_site *s)
{
    if (ended(s, JOB_BACKUP))
        ask_again(s, s->event->job);
}

/* A second job for an attempt that runs. */
static void second_attempt(const struct mutant_site *s)
{
    uint32_t id;
    struct job *j = starts(s, JOB_AGENT, &id);

    if (!j)
        return;
    struct job twin = *j;
    vector_push(&s->tree->jobs, twin);
    ask_again(s, (uint32_t)s->tree->jobs.count - 1);
}

/* The attempt that succeeded is made once more. */
static void after_success(const struct mutant_site *s)
{
    struct job again;

    if (!ended(s, JOB_AGENT) || s->event->outcome->claim != CLAIM_OK)
        return;
    again = s->tree->jobs.at[s->event->job];
    again.state = JOB_REQUESTED;
    again.attempt++;
    vector_push(&s->tree->jobs, again);
    ask_again(s, (uint32_t)s->tree->jobs.count - 1);
}

static void reason_forgotten(const struct mutant_site *s)
{
    uint32_t id;
    const struct job *j = starts(s, JOB_AGENT, &id);

    if (!j || j->attempt < 2)
        return;
    struct agent *a = &s->tree->orchs.at[j->orch].work->agents.at[j->agent];
    a->first_attempt->error = ERROR_BLOCKED;
}

static void no_reset(const struct mutant_site *s)
{
    uint32_t id;

    if (!ended(s, JOB_RESET))
        return;
    const struct world_job *j = seen(s, s->event->job);
    id = s->world->agents.at[j->errand.job.orch].by_agent.at[j->errand.job.agent].last;
    repo_work(&s->world->repo, j->errand.copy, id);
}

static void no_copy(const struct mutant_site *s)
{
    if (ended(s, JOB_COPY))
        repo_remove(&s->world->repo, seen(s, s->event->job)->errand.copy);
}

static void shared_copy(const struct mutant_site *s)
{
    uint32_t id;
    const struct job *j = starts(s, JOB_AGENT, &id);

    if (j && s->tree->orchs.at[j->orch].work->agents.at[j->agent].place == PLACE_OWN)
        s->tree->orchs.at[j->orch].work->agents.at[j->agent].place = PLACE_CLONE;
}

static void depth_three(const struct mutant_site *s)
{
    for (size_t i = 1; i < s->tree->orchs.count; i++)
        if (s->tree->orchs.at[i].id.depth == 2)
            s->tree->orchs.at[i].id.depth = 3;
}

static void number_left_out(const struct mutant_site *s)
{
    for (size_t i = 2; i < s->tree->orchs.count; i++)
        if (s->tree->orchs.at[i].parent == 0)
            s->tree->orchs.at[i].id.part[0] += s->tree->orchs.at[i].id.part[0] == 2;
}

static void slot_leaked(const struct mutant_site *s)
{
    if (ended(s, JOB_AGENT))
        s->tree->running++;
}

static void instance_shared(const struct mutant_site *s)
{
    uint32_t id;
    const struct job *j = starts(s, JOB_AGENT, &id);

    if (j)
        s->tree->orchs.at[j->orch].work->agents.at[j->agent].instance = 1;
}

static void not_quiet(const struct mutant_site *s)
{
    for (uint32_t i = 0; s->tree->interrupt && i < s->tree->jobs.count; i++)
        if (s->tree->jobs.at[i].state == JOB_HELD) {
            s->tree->jobs.at[i].state = JOB_REQUESTED;
            ask_again(s, i);
        }
}

static void not_final(const struct mutant_site *s)
{
    uint32_t id;

    if (starts(s, JOB_AGENT, &id) && s->event->kind == EVENT_JOB_ENDED)
        s->tree->final = true;
}

/* Who waits longest in the heap's array is taken for the most urgent. */
static void last_first(const struct mutant_site *s)
{
    size_t n = s->tree->ready.count;

    if (n < 2)
        return;
    struct ready last = s->tree->ready.at[n - 1];
    s->tree->ready.at[n - 1] = s->tree->ready.at[0];
    s->tree->ready.at[0] = last;
}

/* Only the agent that met the limit waits. */
static void pause_ends(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->tree->providers.count; i++)
        s->tree->providers.at[i].paused_until_ms = 0;
}

static void rate_ignored(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->tree->providers.count; i++)
        if (s->tree->providers.at[i].rate.peak)
            s->tree->providers.at[i].rate.limit = 1000;
}

/* A key that is not accepted is tried by everybody. */
static void frozen_goes_on(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->tree->providers.count; i++)
        s->tree->providers.at[i].frozen = false;
}

static void stops_early(const struct mutant_site *s)
{
    s->tree->stuck |= ended(s, JOB_AGENT);
}

static void planner_for_ever(const struct mutant_site *s)
{
    s->tree->planner.wrong = 0;
}

/* Nobody looks at what a running agent uses. */
static void overdraft_ignored(const struct mutant_site *s)
{
    if (s->event->kind == EVENT_OVERDRAWN && s->commands->list.count) {
        s->tree->jobs.at[s->event->job].stop = STOP_NO;
        s->commands->list.count = 0;
    }
}

/* Every program says that it had the same session. */
static void one_session(const struct mutant_site *s)
{
    if (ended(s, JOB_AGENT)) {
        const struct job *j = &s->tree->jobs.at[s->event->job];
        struct agent *a = &s->tree->orchs.at[j->orch].work->agents.at[j->agent];
        if (a->last_attempt && a->last_attempt->session[0])
            a->last_attempt->session = "the one";
    }
}

/* An attempt that goes on does so in a copy that was reset. */
static void forgets_on_the_way(const struct mutant_site *s)
{
    uint32_t id;
    const struct job *j = starts(s, JOB_AGENT, &id);

    if (!j)
        return;
    const struct orch *o = &s->tree->orchs.at[j->orch];
    const struct agent *a = &o->work->agents.at[j->agent];
    struct copy_id copy = {.orch = j->orch,
                           .agent = a->place == PLACE_OWN ? j->agent : AGENT_NONE,
                           .generation = s->tree->orchs.at[j->orch].generation};
    if (a->last_attempt->continues && a->place >= PLACE_CLONE && repo_find(&s->world->repo, copy))
        repo_reset(&s->world->repo, copy);
}

static void claims_believed(const struct mutant_site *s)
{
    for (size_t i = 0; s->tree->phase == RUN_ENDED && i < s->tree->orchs.count; i++) {
        struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++)
            if (w->agents.at[k].status == END_UNVERIFIED)
                w->agents.at[k].status = END_DONE;
    }
}

static void time_back(const struct mutant_site *s)
{
    if (s->event->kind == EVENT_TIMER)
        s->tree->now_ms -= 100000;
}

static void failed_merged(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        struct orch *o = &s->tree->orchs.at[i];
        if (o->kind == ORCH_CHILD && o->state == ORCH_STATE_ENDED && o->status == END_FAILED)
            o->merged = true;
    }
}

/* Fetching says that it was done and was not. */
static void not_fetched(const struct mutant_site *s)
{
    if (ended(s, JOB_FETCH))
        s->world->repo.fetched.at[seen(s, s->event->job)->errand.copy.orch].jobs.count = 0;
}

/* What the root's cleanup changed is not brought home. */
static void cleaned_not_fetched(const struct mutant_site *s)
{
    if (ended(s, JOB_FETCH) && s->tree->jobs.at[s->event->job].orch == s->tree->root_cleanup)
        s->world->repo.fetched.at[s->tree->root_cleanup].jobs.count = 0;
}

/* The clone of a child goes as soon as its last agent has ended. */
static void early_discard(const struct mutant_site *s)
{
    if (ended(s, JOB_SETTLE))
        repo_remove(&s->world->repo, seen(s, s->event->job)->errand.copy);
}

/* A clone goes without a look at what only it has. */
static void nothing_bundled(const struct mutant_site *s)
{
    s->world->repo.bug = REPO_NO_BUNDLES;
}

/* A retry moves the branch of a child away from what it had. */
static void branch_overwritten(const struct mutant_site *s)
{
    s->world->repo.bug = REPO_NO_EARLIER;
}

static void undo_twice(const struct mutant_site *s)
{
    struct job again;

    if (!ended(s, JOB_ON_FAILURE))
        return;
    again = s->tree->jobs.at[s->event->job];
    again.state = JOB_REQUESTED;
    vector_push(&s->tree->jobs, again);
    ask_again(s, (uint32_t)s->tree->jobs.count - 1);
}

static void undo_early(const struct mutant_site *s)
{
    uint32_t id;
    const struct job *j = starts(s, JOB_ON_FAILURE, &id);
    struct work *w = j ? s->tree->orchs.at[j->orch].work : NULL;

    if (w && w->agents.count)
        w->agents.at[0].state = AGENT_STATE_SETTLING;
}

/* A job that landed is followed by another one. */
static void land_twice(const struct mutant_site *s)
{
    if (!ended(s, JOB_LAND) || !s->event->outcome->yes)
        return;
    struct world_job twin = *seen(s, s->event->job);
    struct job j = s->tree->jobs.at[s->event->job];
    vector_push(&s->tree->jobs, j);
    while (s->world->jobs.count + 1 < s->tree->jobs.count)
        vector_push(&s->world->jobs, (struct world_job){0});
    vector_push(&s->world->jobs, twin);
}

static void left_behind(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_ENDED && s->tree->orchs.count > 1)
        s->tree->orchs.at[1].state = ORCH_STATE_WORKING;
}

static void slot_held(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_ENDED)
        s->tree->outstanding = 1;
}

static void orphan(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_ENDED && s->world->jobs.count)
        s->world->jobs.at[0].phase = WORLD_RUNNING;
}

static void no_cleanup(const struct mutant_site *s)
{
    for (size_t i = 0; s->tree->phase == RUN_ENDED && i < s->tree->orchs.count; i++)
        s->tree->orchs.at[i].cleanup = ORCH_NONE;
}

static void all_is_well(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_ENDED)
        s->tree->status = RUN_STATUS_DONE;
}

/* What an agent did was never committed. */
static void result_lost(const struct mutant_site *s)
{
    if (ended(s, JOB_AGENT))
        repo_reset(&s->world->repo, seen(s, s->event->job)->errand.copy);
}

static void landed_nothing(const struct mutant_site *s)
{
    if (ended(s, JOB_LAND))
        s->world->repo.landed.jobs.count = 0;
}

/* The world is never asked for the report. */
static void forgotten(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_REPORT)
        s->commands->list.count = 0;
}

/* The tree knows something that no event told it. */
static void secret(const struct mutant_site *s)
{
    if (ended(s, JOB_CONFIRM))
        s->tree->retries_spent++;
}

/* The wait before a retry is over when it begins. */
static void no_wait(const struct mutant_site *s)
{
    for (size_t i = 0; i < s->commands->list.count; i++)
        if (s->commands->list.at[i].kind == COMMAND_TIMER)
            s->commands->list.at[i].at_ms = s->tree->now_ms;
}

/* The copy of an orchestrator is asked for under another number. */
static void copied_again(const struct mutant_site *s)
{
    struct job again;

    if (!ended(s, JOB_COPY))
        return;
    again = s->tree->jobs.at[s->event->job];
    again.state = JOB_REQUESTED;
    vector_push(&s->tree->jobs, again);
    ask_again(s, (uint32_t)s->tree->jobs.count - 1);
}

static void free_of_charge(const struct mutant_site *s)
{
    if (s->tree->phase == RUN_ENDED)
        s->tree->tokens = 0;
}

/* What follows depends on something that no event told. */
static void whim(const struct mutant_site *s)
{
    if (s->event->kind == EVENT_JOB_STARTED && s->tree->jobs.at[s->event->job].kind == JOB_CONFIRM)
        vector_push(&s->commands->list,
                    (struct command){.kind = COMMAND_STOP, .job = s->event->job});
}

static void repeats_count(const struct mutant_site *s)
{
    if (s->event->kind == EVENT_TIMER)
        s->tree->retries_spent++;
}

static void machine_ignored(const struct mutant_site *s)
{
    s->tree->admission.now.limit = 0;
}

/* A keeper that tells an end twice is believed twice. */
static void ends_count_twice(const struct mutant_site *s)
{
    if (s->repeat && s->event->kind == EVENT_JOB_ENDED)
        s->tree->tokens += 1 + s->event->outcome->tokens;
}

/* A limit is over when the clock says so, and not when its timer does: while the machine slept
 * nothing ran. */
static void all_expires(const struct mutant_site *s)
{
    for (uint32_t i = 0; s->event->kind != EVENT_TIMER && i < s->tree->jobs.count; i++) {
        struct job *j = &s->tree->jobs.at[i];
        if (j->state != JOB_RUNNING || j->stop || j->timer == TIMER_NONE ||
            s->tree->timers.at[j->timer].at_ms > s->tree->now_ms)
            continue;
        j->stop = STOP_TIME_LIMIT;
        vector_push(&s->commands->list, (struct command){.kind = COMMAND_STOP, .job = i});
    }
}

const struct mutant mutants[] = {
    {"more slots than asked for", "slots_bounded", mutant_more_slots, NULL},
    {"the machine is overloaded", "admission_kept", NULL, machine_ignored},
    {"needs are ignored", "needs_met", mutant_no_needs, NULL},
    {"no barrier between waves", "waves_in_order", mutant_no_barriers, NULL},
    {"any number of failures is allowed", "needs_met", mutant_all_may_fail, NULL},
    {"retries without end", "retries_bounded", mutant_more_retries, NULL},
    {"limits are ignored", "limits_stop_agents", mutant_no_limits, NULL},
    {"limits of a subtask are ignored", "budgets_kept", mutant_no_subtask_limits, NULL},
    {"nothing is reserved", "budgets_kept", NULL, promises_forgotten},
    {"a provider does not pause", "providers_paused", NULL, pause_ends},
    {"a provider runs as many as before", "providers_paused", NULL, rate_ignored},
    {"a frozen provider goes on", "providers_frozen", NULL, frozen_goes_on},
    {"a run stops early", "stops_with_reason", NULL, stops_early},
    {"an overdraft is ignored", "overdrafts_end", NULL, overdraft_ignored},
    {"a planner is asked for ever", "planner_bounded", NULL, planner_for_ever},
    {"a session is used by two", "sessions_exclusive", NULL, one_session},
    {"what goes on begins anew", "attempts_continue", NULL, forgets_on_the_way},
    {"a claim is believed", "end_observed", NULL, claims_believed},
    {"on_failure is forgotten", "end_undone", mutant_no_undo, NULL},
    {"no backup", "backup_first", mutant_no_repository, NULL},
    {"research in place before the backup", "backup_first", mutant_research_unnoticed, NULL},
    {"recorded durations are ignored", "longest_first", mutant_no_history, NULL},
    {"the queue is a stack", "longest_first", NULL, last_first},
    {"a job changes when it is asked for again", "jobs_keep_identity", NULL, other_job},
    {"a job is asked for twice", "jobs_asked_once", NULL, asked_twice},
    {"a command runs again after a crash", "jobs_start_once", NULL, attempt_twice},
    {"a merge is made again after a crash", "effects_once", NULL, merge_twice},
    {"a job that has ended is asked for", "commands_sound", NULL, ended_job_again},
    {"two attempts at a time", "attempts_one_at_a_time", NULL, second_attempt},
    {"an agent that succeeded runs again", "attempts_not_after_success", NULL, after_success},
    {"a final error is retried", "attempts_with_reason", NULL, reason_forgotten},
    {"no reset before a retry", "attempts_clean", NULL, no_reset},
    {"no copy", "attempts_housed", NULL, no_copy},
    {"writers share a copy", "attempts_alone", NULL, shared_copy},
    {"depth 3", "ids_depth", NULL, depth_three},
    {"a number is left out", "ids_numbered", NULL, number_left_out},
    {"a slot leaks", "slots_counted", NULL, slot_leaked},
    {"an instance is used twice", "instances_exclusive", NULL, instance_shared},
    {"jobs start while interrupted", "quiet_when_interrupted", NULL, not_quiet},
    {"agents start after a cancel", "no_agent_when_final", NULL, not_final},
    {"time steps back", "time_goes_on", NULL, time_back},
    {"a failed child is merged", "only_done_merged", NULL, failed_merged},
    {"a branch is not fetched", "branches_fetched", NULL, not_fetched},
    {"a cleaned result is not fetched", "result_at_home", NULL, cleaned_not_fetched},
    {"a clone is discarded early", "work_not_lost", NULL, early_discard},
    {"a clone is discarded unseen", "work_not_lost", NULL, nothing_bundled},
    {"a retry overwrites a branch", "work_not_lost", NULL, branch_overwritten},
    {"on_failure runs twice", "undo_once", NULL, undo_twice},
    {"on_failure runs while agents do", "undo_after_attempts", NULL, undo_early},
    {"the result lands twice", "landed_once", NULL, land_twice},
    {"an orchestrator is left behind", "end_all_ended", NULL, left_behind},
    {"a job is owed at the end", "end_slots_free", NULL, slot_held},
    {"an orphan", "end_nothing_runs", NULL, orphan},
    {"no cleanup", "end_cleanups", NULL, no_cleanup},
    {"a failed run is called done", "end_status", NULL, all_is_well},
    {"a result is lost", "end_results_kept", NULL, result_lost},
    {"nothing lands", "end_merged_landed", NULL, landed_nothing},
    {"a retry does not wait", "retries_wait", NULL, no_wait},
    {"a copy is made twice", "jobs_distinct", NULL, copied_again},
    {"a failed agent is called done", "end_agents_judged", NULL, mutant_failures_are_done},
    {"a subtask is done without its checks", "end_units_judged", NULL, mutant_unchecked_is_done},
    {"a check that failed on the result passes", "end_checks_pass", NULL, mutant_check_passes},
    {"a branch is left out for a check that passed", "end_blame_earned", NULL,
     mutant_copy_is_check},
    {"tokens are not counted", "end_spent_counted", NULL, free_of_charge},
    {"a command is lost", INVARIANT_ENDS, NULL, forgotten},
    {"the tree has a secret", INVARIANT_REPLAY, NULL, secret},
    {"commands follow a whim", INVARIANT_COMMANDS, NULL, whim},
    {"repeats count", INVARIANT_REPEATS, NULL, repeats_count},
    {"an end that is told twice counts twice", INVARIANT_REPEATS, NULL, ends_count_twice},
    {"a clock jump expires everything", "limits_by_time_awake", NULL, all_expires},
    {"a commit that failed is ignored", INVARIANT_REPLAY, .engine = MUTANT_IGNORES_COMMIT},
    {"an engine acts before it commits", "jobs_keep_identity", .engine = MUTANT_ACTS_FIRST},
    {"a commit is forgotten", INVARIANT_JOURNAL, .engine = MUTANT_FORGETS_COMMIT},
};

const size_t mutant_count = COUNT_OF(mutants);

const struct mutant *mutant_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(mutants); i++)
        if (strcmp(mutants[i].name, name) == 0)
            return &mutants[i];
    return NULL;
}
