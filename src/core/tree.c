/* SPDX-License-Identifier: Apache-2.0 */
#include "core/tree_priv.h"

#include <string.h>

static const char *const phase_words[RUN_PHASE_COUNT] = {
#define PHASE_WORD(name, word) [RUN_##name] = word,
    RUN_PHASES(PHASE_WORD)
#undef PHASE_WORD
};

static const char *const orch_words[ORCH_STATE_COUNT] = {
#define ORCH_WORD(name, word) [ORCH_STATE_##name] = word,
    ORCH_STATES(ORCH_WORD)
#undef ORCH_WORD
};

static const char *const agent_words[AGENT_STATE_COUNT] = {
#define AGENT_WORD(name, word) [AGENT_STATE_##name] = word,
    AGENT_STATES(AGENT_WORD)
#undef AGENT_WORD
};

const char *run_phase_name(enum run_phase phase)
{
    return phase_words[phase];
}

const char *orch_state_name(enum orch_state state)
{
    return orch_words[state];
}

const char *agent_state_name(enum agent_state state)
{
    return agent_words[state];
}

const char *run_status_name(enum run_status status)
{
    static const char *const words[] = {[RUN_STATUS_NONE] = "running",
                                        [RUN_STATUS_DONE] = "done",
                                        [RUN_STATUS_PARTIAL] = "partial",
                                        [RUN_STATUS_FAILED] = "failed",
                                        [RUN_STATUS_CANCELLED] = "cancelled"};

    return words[status];
}

const char *orch_kind_name(enum orch_kind kind)
{
    static const char *const words[] = {
        [ORCH_ROOT] = "root", [ORCH_CHILD] = "child", [ORCH_CLEANUP] = "cleanup"};

    return words[kind];
}

const char *keep_string(struct tree *t, const char *s)
{
    return s && *s ? arena_string(&t->arena, s) : "";
}

struct strings keep_strings(struct tree *t, struct strings list)
{
    struct strings kept = {0};

    if (!list.count)
        return kept;
    kept.at = arena_array(&t->arena, list.count, sizeof *kept.at);
    for (; kept.count < list.count; kept.count++)
        kept.at[kept.count] = keep_string(t, list.at[kept.count]);
    return kept;
}

struct metrics keep_metrics(struct tree *t, struct metrics list)
{
    struct metric *kept;

    if (!list.count)
        return (struct metrics){0};
    kept = arena_array(&t->arena, list.count, sizeof *kept);
    for (size_t i = 0; i < list.count; i++)
        kept[i] = (struct metric){keep_string(t, list.at[i].name), list.at[i].value};
    return (struct metrics){kept, list.count};
}

struct tree *tree_new(void)
{
    struct tree *t = MEM_NEW(struct tree);

    t->base = t->backup = t->commit = t->landed_head = t->landed_on = t->failure = "";
    t->remote = t->report_failure = t->plan_trouble = t->planner.gave_up = "";
    t->root_cleanup = ORCH_NONE;
    return t;
}

void tree_free(struct tree *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->orchs.count; i++)
        orch_fini(&t->orchs.at[i]);
    vector_free(&t->orchs);
    vector_free(&t->units);
    vector_free(&t->jobs);
    vector_free(&t->timers);
    vector_free(&t->ready);
    vector_free(&t->requested);
    merge_free(t->merge);
    budget_free(t->budget);
    providers_free(t);
    arena_free(&t->arena);
    free(t);
}

bool tree_busy(const struct tree *t)
{
    return t->outstanding > 0;
}

/* A push of which git was ended before its worker was has been refused by nobody. */
static bool is_cut_short(const struct job *j, const struct outcome *o)
{
    return o->error != ERROR_NONE || (j->kind == JOB_PUSH && !o->yes && !o->skipped);
}

static bool asked_again(struct tree *t, const struct job *j, const struct outcome *o)
{
    if (j->stop != STOP_INTERRUPT || !is_cut_short(j, o) || t->final || !job_repeats(j))
        return false;
    uint32_t again = job_request(t, *j);
    if (j->agent != AGENT_NONE)
        t->orchs.at[j->orch].work->agents.at[j->agent].job = again;
    return true;
}

static void job_ended(struct tree *t, const struct event *e)
{
    struct job j = t->jobs.at[e->job];

    if (!job_end(t, e->job) || asked_again(t, &j, e->outcome))
        return;
    if (j.agent != AGENT_NONE)
        agent_job_ended(t, e->job, &j, e->outcome);
    else if (j.kind == JOB_MERGE)
        merge_merged(t, &j, e->outcome);
    else if (j.kind == JOB_VERIFY_COPY || j.kind == JOB_VERIFY_SETUP)
        merge_copied(t, &j, e->outcome);
    else if (j.kind == JOB_FINAL_CHECK)
        merge_checked(t, &j, e->outcome);
    else if (run_owns(t, &j))
        run_job_ended(t, &j, e->outcome);
    else
        orch_job_ended(t, &j, e->outcome);
}

static void on_job_started(struct tree *t, const struct event *e)
{
    if (e->job < t->jobs.count)
        job_started(t, e);
}

static void on_job_ended(struct tree *t, const struct event *e)
{
    if (e->job < t->jobs.count)
        job_ended(t, e);
}

static void on_timer(struct tree *t, const struct event *e)
{
    if (e->timer >= t->timers.count || t->timers.at[e->timer].over)
        return;
    t->timers.at[e->timer].over = true;
    struct timer timer = t->timers.at[e->timer];
    if (timer.kind == TIMER_RUN_LIMIT) {
        if (t->phase == RUN_EXECUTE)
            run_cancel(t, true);
        jobs_are_late(t);
    } else if (timer.kind == TIMER_COMMAND_LIMIT) {
        job_stop(t, timer.job, STOP_TIME_LIMIT);
    } else if (timer.kind == TIMER_PROVIDER) {
        provider_timer(t, &timer);
    } else {
        agent_timer(t, &timer);
    }
}

static void on_stalled(struct tree *t, const struct event *e)
{
    if (e->job < t->jobs.count)
        job_stop(t, e->job, STOP_STALLED);
}

static void on_overdrawn(struct tree *t, const struct event *e)
{
    const struct job *j = e->job < t->jobs.count ? &t->jobs.at[e->job] : NULL;

    if (!j || j->kind != JOB_AGENT || j->state != JOB_RUNNING || !e->outcome)
        return;
    if (!budget_extend(t, j->orch, j->agent, e->outcome->tokens))
        job_stop(t, e->job, STOP_OVERDRAWN);
}

static void on_interrupted(struct tree *t, const struct event *e)
{
    if (t->phase == RUN_NEW || t->phase == RUN_ENDED)
        return;
    if (e->level == INTERRUPT_FINAL) {
        run_cancel(t, false);
        jobs_are_late(t);
        return;
    }
    if (t->interrupt < e->level)
        t->interrupt = (uint8_t)e->level;
    /* Nothing but the push is left then, which may wait for its remote without end. */
    if (t->interrupt == INTERRUPT_STOP || t->phase == RUN_PUSH)
        job_stop_all(t, STOP_INTERRUPT);
}

static void on_resumed(struct tree *t, const struct event *e)
{
    (void)e;
    t->interrupt = 0;
    t->stuck = false;
    slots_admit(t, (struct admission_level){0}); /* the new engine sees for itself */
    providers_thaw(t);
    job_resume_all(t);
    timers_resume(t);
    if (t->phase == RUN_ENDED)
        vector_push(&t->out->list, (struct command){.kind = COMMAND_END});
}

static void take_up_again(struct tree *t)
{
    t->idle_ms += t->now_ms - t->ended_ms;
    t->ended_ms = 0;
    t->status = RUN_STATUS_NONE;
    t->final = t->over_limit = t->late = t->refused = false;
    t->failure = "";
    t->interrupt = 0;
    t->land_asked = false;
    slots_admit(t, (struct admission_level){0});
    budgets_open(t);
    providers_thaw(t);
    providers_take_up(t);
}

static void on_retry(struct tree *t, const struct event *e)
{
    if (t->phase != RUN_ENDED || e->child >= t->orchs.count)
        return;
    const struct orch *o = &t->orchs.at[e->child];
    if (o->kind != ORCH_CHILD || o->merged)
        return;
    take_up_again(t);
    orch_reset(t, e->child);
    if (t->root_cleanup != ORCH_NONE)
        orch_reset(t, t->root_cleanup);
    t->phase = RUN_EXECUTE;
    t->phase_jobs = 0;
    t->children_left = 1;
    ready_push(t, 0, e->child, AGENT_NONE);
}

static void on_land(struct tree *t, const struct event *e)
{
    (void)e;
    if (t->phase != RUN_ENDED || t->landed)
        return;
    take_up_again(t);
    t->land_asked = true;
    run_enter(t, RUN_LAND);
}

/* Only while the research wave runs can the root still get children. */
static void on_child(struct tree *t, const struct event *e)
{
    if (t->phase != RUN_RESEARCH || !e->outcome || !e->outcome->plan)
        return;
    for (size_t i = 0; i < e->outcome->plan->subtask_count; i++)
        vector_push(&t->requested, &e->outcome->plan->subtasks[i]);
}

static void on_admission(struct tree *t, const struct event *e)
{
    if (t->phase != RUN_NEW && t->phase != RUN_ENDED)
        slots_admit(t, e->admission);
}

static void (*const handlers[EVENT_KIND_COUNT])(struct tree *, const struct event *) = {
    [EVENT_RUN_REQUESTED] = run_requested, [EVENT_JOB_STARTED] = on_job_started,
    [EVENT_JOB_ENDED] = on_job_ended,      [EVENT_TIMER] = on_timer,
    [EVENT_STALLED] = on_stalled,          [EVENT_OVERDRAWN] = on_overdrawn,
    [EVENT_INTERRUPTED] = on_interrupted,  [EVENT_RESUMED] = on_resumed,
    [EVENT_RETRY_REQUESTED] = on_retry,    [EVENT_LAND_REQUESTED] = on_land,
    [EVENT_CHILD_REQUESTED] = on_child,    [EVENT_ADMISSION] = on_admission,
};

void tree_apply(struct tree *t, const struct event *e, struct commands *out)
{
    t->out = out;
    if (e->at_ms > t->now_ms)
        t->now_ms = e->at_ms;
    handlers[e->kind](t, e);
    run_check_spent(t);
    slots_fill(t);
    run_check_stuck(t);
    t->out = NULL;
}

int64_t tree_stall_ms(const struct tree *t, const struct plan_step *step)
{
    double minutes = step->settings.stall_minutes;

    if (minutes < 0)
        minutes = plan_step_is_command(step) ? 0 : t->settings.default_stall_minutes;
    return (int64_t)(minutes * 60000.0);
}

int64_t tree_job_stall_ms(const struct tree *t, const struct job *j)
{
    const struct orch *o = &t->orchs.at[j->orch];
    double minutes = t->plan->settings.stall_minutes;

    if (j->agent != AGENT_NONE)
        return tree_stall_ms(t, tree_agent_step(t, o, &o->work->agents.at[j->agent]));
    if (minutes < 0)
        minutes = t->settings.default_stall_minutes;
    return (int64_t)(minutes * 60000.0);
}
