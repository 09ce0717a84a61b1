/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of a run. Each row of the table says how a phase begins and which one follows; a phase
 * that has nothing to wait for is over at once.
 */
#include "core/tree_priv.h"

#include <string.h>

static void run_job(struct tree *t, enum job_kind kind, uint32_t index)
{
    run_phase_job(t, (struct job){.kind = (uint8_t)kind, .agent = AGENT_NONE, .index = index});
}

void run_phase_job(struct tree *t, struct job wanted)
{
    t->phase_jobs++;
    job_request(t, wanted);
}

static bool isolated(const struct tree *t)
{
    return t->request.in_repository && t->request.plan->settings.isolation == ISOLATION_CLONE;
}

static bool counted_later(const struct plan_fan *fan)
{
    return fan->kind == FAN_GLOB || fan->kind == FAN_COMMAND;
}

static bool some_research(const struct tree *t, enum plan_isolation isolation)
{
    const struct plan *plan = t->request.plan;

    for (size_t i = 0; i < plan->research_count; i++)
        if (plan->research[i].settings.isolation == isolation)
            return t->request.in_repository;
    return false;
}

/* What research needs before it starts: the throw-away copy, and, where an agent works in place
 * and may write, the backup. */
static bool enter_snapshot(struct tree *t)
{
    if (some_research(t, ISOLATION_CLONE))
        run_job(t, JOB_SNAPSHOT, 0);
    if (some_research(t, ISOLATION_NONE))
        run_job(t, JOB_BACKUP, 0);
    return t->phase_jobs > 0;
}

static bool enter_research(struct tree *t)
{
    if (!t->request.plan->research_count)
        return false;
    work_add_research(t);
    work_pump(t, 0);
    return true;
}

static bool enter_backup(struct tree *t)
{
    if (!t->request.in_repository || t->backup[0])
        return false;
    run_job(t, JOB_BACKUP, 0);
    return true;
}

static bool enter_plan(struct tree *t)
{
    if (t->request.planned)
        return false;
    if (t->over_limit) {
        run_fail(t, "the research reached the limit of the run before there was a plan");
        return true;
    }
    if (!planner_begin(t))
        run_job(t, JOB_PLAN, 0);
    return true;
}

/* The plan with the subtasks that agents of the research wave asked for. */
static void adopt_requested(struct tree *t)
{
    struct plan *all = arena_copy(&t->arena, t->plan, sizeof *all);
    size_t own = t->plan->subtask_count;

    if (!t->requested.count)
        return;
    all->subtask_count = own + t->requested.count;
    all->subtasks = arena_array(&t->arena, all->subtask_count, sizeof *all->subtasks);
    if (own)
        memcpy(all->subtasks, t->plan->subtasks, own * sizeof *all->subtasks);
    for (size_t i = 0; i < t->requested.count; i++) {
        all->subtasks[own + i] = *t->requested.at[i];
        all->subtasks[own + i].depends_count = 0; /* indexes into a plan of their own */
    }
    t->plan = all;
}

static bool enter_expand(struct tree *t)
{
    adopt_requested(t);
    t->expanded = arena_array(&t->arena, t->plan->subtask_count, sizeof *t->expanded);
    for (uint32_t i = 0; i < t->plan->subtask_count; i++)
        if (counted_later(&t->plan->subtasks[i].for_each))
            run_job(t, JOB_EXPAND, i);
    return t->phase_jobs > 0;
}

/* "Deploy {{item}}" with its item; the readers allow no other variable in a title. */
static const char *unit_title(struct tree *t, const struct plan_subtask *s, const char *item)
{
    static const char variable[] = "{{item}}";
    const char *at = strstr(s->title, variable);

    if (!item)
        return s->title;
    if (!at)
        return arena_format(&t->arena, "%s (%s)", s->title, item);
    return arena_format(&t->arena, "%.*s%s%s", (int)(at - s->title), s->title, item,
                        at + strlen(variable));
}

static void make_units(struct tree *t)
{
    const struct fan_known known = {.subtasks = t->expanded};
    size_t count;
    const struct fan_unit *units = fan_units(t->plan, &known, &t->arena, &count);

    for (size_t i = 0; i < count; i++) {
        const struct plan_subtask *s = &t->plan->subtasks[units[i].subtask];
        vector_push(&t->units, (struct unit){.subtask = (uint32_t)units[i].subtask,
                                             .item = units[i].item ? units[i].item : "",
                                             .title = unit_title(t, s, units[i].item),
                                             .reason = ""});
    }
}

static void make_decision(struct tree *t)
{
    const struct fan_known known = {.subtasks = t->expanded};
    const struct run_settings *s = &t->settings;

    decide(t->plan, 0,
           &(struct decide_options){.forced = s->pattern,
                                    .min_subtasks = s->min_subtasks,
                                    .min_steps = s->min_steps,
                                    .min_minutes = s->min_minutes,
                                    .min_speedup = s->min_speedup,
                                    .estimate = request_estimates(&t->request, &known)},
           &t->arena, &t->decision);
}

static bool enter_confirm(struct tree *t)
{
    make_units(t);
    make_decision(t);
    budgets_open_units(t);
    run_job(t, JOB_CONFIRM, 0);
    return true;
}

static void limit_time(struct tree *t)
{
    double minutes = t->plan->settings.limits.minutes;

    if (minutes > 0)
        timer_set(t, (struct timer){.kind = TIMER_RUN_LIMIT,
                                    .orch = 0,
                                    .agent = AGENT_NONE,
                                    .job = JOB_NONE,
                                    .at_ms = t->started_ms + (int64_t)(minutes * 60000.0)});
}

static bool execute_children(struct tree *t)
{
    const struct fan_known known = {.subtasks = t->expanded};
    const struct estimate_options estimates = request_estimates(&t->request, &known);
    uint32_t first = (uint32_t)t->orchs.count;
    double minutes = 0;
    uint32_t of = UINT32_MAX;

    vector_reserve(&t->orchs, t->orchs.count + t->units.count);
    for (uint32_t i = 0; i < t->units.count; i++) {
        uint32_t child = orch_add(t, exec_id_child(t->orchs.at[0].id, i + 1), ORCH_CHILD, 0);
        t->orchs.at[child].unit_first = i;
        t->orchs.at[child].unit_count = 1;
    }
    t->children_left = (uint32_t)t->units.count;
    for (uint32_t i = 0; i < t->units.count; i++) {
        if (t->units.at[i].subtask != of) {
            of = t->units.at[i].subtask;
            minutes = estimate_subtask(t->plan, of, &estimates);
        }
        ready_push(t, minutes, first + i, AGENT_NONE);
    }
    return t->units.count > 0;
}

static bool enter_execute(struct tree *t)
{
    limit_time(t);
    if (t->decision.pattern == PATTERN_META)
        return execute_children(t);
    t->orchs.at[0].unit_count = (uint32_t)t->units.count;
    if (!t->units.count)
        return false;
    orch_begin(t, 0);
    return true;
}

static bool enter_consolidate(struct tree *t)
{
    if (t->decision.pattern == PATTERN_META)
        return merge_begin(t);
    const struct orch *root = &t->orchs.at[0];
    if (root->fetched)
        t->commit = root->commit;
    else if (root->commits)
        t->failure = root->reason;
    return false;
}

static bool enter_merge(struct tree *t)
{
    return t->decision.pattern == PATTERN_META && merge_enter(t);
}

static bool enter_verify(struct tree *t)
{
    return t->decision.pattern == PATTERN_META && merge_verify(t);
}

static uint32_t children_of_root(const struct tree *t)
{
    return t->decision.pattern == PATTERN_META ? (uint32_t)t->units.count : 0;
}

static bool enter_cleanup(struct tree *t)
{
    if (t->root_cleanup == ORCH_NONE) {
        struct exec_id id = exec_id_child(t->orchs.at[0].id, children_of_root(t) + 1);
        uint32_t cleanup = orch_add(t, id, ORCH_CLEANUP, 0);
        t->root_cleanup = cleanup;
    }
    orch_cleanup_begin(t, t->root_cleanup);
    return true;
}

static bool all_units_done(const struct tree *t)
{
    for (size_t i = 0; i < t->units.count; i++)
        if (t->units.at[i].status != END_DONE)
            return false;
    return true;
}

/* NULL: it lands. */
static const char *why_not_land(const struct tree *t)
{
    if (t->plan->land == LAND_NONE && !t->land_asked)
        return "the plan says `land: none`";
    if (!t->commit[0] || strcmp(t->commit, t->base) == 0)
        return isolated(t) ? "nothing was changed" : "the agents worked in place";
    if (t->land_asked)
        return NULL;
    if (t->final && !t->over_limit)
        return "the run was cancelled";
    if (t->decision.pattern == PATTERN_WAVES && !all_units_done(t))
        return "not all of it is done, and the waves share one branch";
    return NULL;
}

static bool enter_land(struct tree *t)
{
    t->landed = t->land_refused = false;
    t->land_reason = why_not_land(t);
    if (t->land_reason)
        return false;
    run_job(t, JOB_LAND, 0);
    return true;
}

static bool enter_push(struct tree *t)
{
    t->pushed = t->push_refused = false;
    if (!t->landed)
        t->push_reason = "nothing landed";
    else if (t->plan->push == PUSH_NEVER)
        t->push_reason = "the plan says `push: never`";
    else
        t->push_reason = NULL;
    if (t->push_reason)
        return false;
    run_job(t, JOB_PUSH, 0);
    return true;
}

static bool made_copies(const struct tree *t)
{
    for (size_t i = 0; i < t->orchs.count; i++)
        if (t->orchs.at[i].copy_wanted)
            return true;
    return t->snapshot_ready;
}

static bool enter_discard(struct tree *t)
{
    if (!made_copies(t))
        return false;
    run_job(t, JOB_DISCARD, 0);
    return true;
}

static bool enter_report(struct tree *t)
{
    t->status = run_judge(t);
    t->ended_ms = t->now_ms;
    run_job(t, JOB_REPORT, 0);
    return true;
}

static bool enter_ended(struct tree *t)
{
    vector_push(&t->out->list, (struct command){.kind = COMMAND_END});
    return true;
}

static const struct {
    enum run_phase next;
    bool (*enter)(struct tree *t); /* false: there is nothing to wait for */
} phases[RUN_PHASE_COUNT] = {
    [RUN_SNAPSHOT] = {RUN_RESEARCH, enter_snapshot},
    [RUN_RESEARCH] = {RUN_BACKUP, enter_research},
    [RUN_BACKUP] = {RUN_PLAN, enter_backup},
    [RUN_PLAN] = {RUN_EXPAND, enter_plan},
    [RUN_EXPAND] = {RUN_CONFIRM, enter_expand},
    [RUN_CONFIRM] = {RUN_EXECUTE, enter_confirm},
    [RUN_EXECUTE] = {RUN_CONSOLIDATE, enter_execute},
    [RUN_CONSOLIDATE] = {RUN_MERGE, enter_consolidate},
    [RUN_MERGE] = {RUN_VERIFY, enter_merge},
    [RUN_VERIFY] = {RUN_CLEANUP, enter_verify},
    [RUN_CLEANUP] = {RUN_LAND, enter_cleanup},
    [RUN_LAND] = {RUN_PUSH, enter_land},
    [RUN_PUSH] = {RUN_DISCARD, enter_push},
    [RUN_DISCARD] = {RUN_REPORT, enter_discard},
    [RUN_REPORT] = {RUN_ENDED, enter_report},
    [RUN_ENDED] = {RUN_ENDED, enter_ended},
};

void run_enter(struct tree *t, enum run_phase phase)
{
    for (;;) {
        /* Cancelled before anything was executed: there is nothing to consolidate either. */
        if (t->final && phase < RUN_EXECUTE)
            phase = RUN_REPORT;
        t->phase = phase;
        t->phase_jobs = 0;
        if (phases[phase].enter(t))
            return;
        phase = phases[phase].next;
    }
}

void run_phase_done(struct tree *t)
{
    run_enter(t, phases[t->phase].next);
}

void run_fail(struct tree *t, const char *why)
{
    t->failure = why;
    run_enter(t, RUN_REPORT);
}

void run_requested(struct tree *t, const struct event *e)
{
    const struct run_request *r = e->request;

    if (t->phase != RUN_NEW)
        return;
    t->request = *r;
    t->request.head = keep_string(t, r->head);
    t->request.branch = keep_string(t, r->branch);
    t->request.upstream = keep_string(t, r->upstream);
    t->request.remote = keep_string(t, r->remote);
    t->request.planner = keep_string(t, r->planner);
    t->request.replay = keep_string(t, r->replay);
    t->request.history = history_copy(r->history, &t->arena);
    t->settings = r->settings;
    t->plan = r->plan;
    t->started_ms = e->at_ms;
    stepdown_init(&t->stepdown, r->settings.slots);
    budgets_open(t);
    orch_add(t, exec_id_root(r->number), ORCH_ROOT, ORCH_NONE);
    t->orchs.at[0].started_ms = e->at_ms;
    run_enter(t, RUN_SNAPSHOT);
}

void run_orch_ended(struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];

    if (o->kind == ORCH_CHILD && --t->children_left)
        return;
    run_phase_done(t);
}

static void snapshot_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    t->snapshot_ready = o->error == ERROR_NONE;
}

static void backup_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE) {
        t->failure = arena_format(&t->arena, "backup: %s",
                                  o->message ? o->message : attempt_error_name(o->error));
        return;
    }
    t->base = keep_string(t, o->commit);
    t->backup = keep_string(t, o->reference);
    t->dirty = o->yes;
}

/* What the planner says for itself stands behind why it was not the one that was asked for. */
void run_take_plan(struct tree *t, const struct outcome *o)
{
    bool other = t->planner.gave_up[0];
    struct strings own = keep_strings(t, o->notes);
    struct strings *notes = &t->notes;

    t->plan = o->plan;
    *notes = own;
    if (!other)
        return;
    notes->count = own.count + 1;
    notes->at = arena_array(&t->arena, notes->count, sizeof *notes->at);
    notes->at[0] = t->planner.gave_up;
    for (size_t i = 0; i < own.count; i++)
        notes->at[i + 1] = own.at[i];
}

static void plan_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE || !o->plan) {
        t->failure = keep_string(t, o->message ? o->message : "there is no plan");
        return;
    }
    run_take_plan(t, o);
}

static void expand_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    const struct plan_subtask *s = &t->plan->subtasks[j->index];

    if (o->error != ERROR_NONE)
        t->failure = arena_format(&t->arena, "for_each of '%s': %s", s->title,
                                  o->message ? o->message : attempt_error_name(o->error));
    t->expanded[j->index] = keep_strings(t, o->paths);
    if (!o->paths.count) /* known to be none, not unknown */
        t->expanded[j->index].at = arena_array(&t->arena, 1, sizeof *o->paths.at);
}

static void confirm_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    t->refused = !o->yes;
}

static void land_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    t->landed = o->error == ERROR_NONE && o->yes;
    t->land_refused = !t->landed && !o->skipped;
    t->land_reason = o->message ? keep_string(t, o->message) : NULL;
    t->land_blocking = keep_strings(t, o->paths);
    if (o->commit)
        t->landed_head = keep_string(t, o->commit);
    if (o->reference)
        t->landed_on = keep_string(t, o->reference);
}

static void push_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    t->pushed = o->error == ERROR_NONE && o->yes;
    t->push_refused = !t->pushed && !o->skipped;
    t->push_reason = o->message ? keep_string(t, o->message) : NULL;
    t->remote = keep_string(t, o->reference);
}

static void discard_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    for (uint32_t i = 0; i < t->orchs.count; i++) {
        struct orch *of = &t->orchs.at[i];
        if (of->kind == ORCH_CHILD && !tree_keeps_clone(t, i))
            of->discarded = o->error == ERROR_NONE;
    }
}

static void report_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    (void)j;
    if (o->error != ERROR_NONE)
        t->report_failure = keep_string(t, o->message);
}

static void (*const handlers[JOB_KIND_COUNT])(struct tree *, const struct job *,
                                              const struct outcome *) = {
    [JOB_SNAPSHOT] = snapshot_ended,
    [JOB_BACKUP] = backup_ended,
    [JOB_PLANNER] = planner_ended,
    [JOB_PLAN] = plan_ended,
    [JOB_EXPAND] = expand_ended,
    [JOB_CONFIRM] = confirm_ended,
    [JOB_CONSOLIDATE] = merge_consolidated,
    [JOB_LAND] = land_ended,
    [JOB_PUSH] = push_ended,
    [JOB_DISCARD] = discard_ended,
    [JOB_REPORT] = report_ended,
};

/* Fan-outs are counted for subtasks in a phase of their own, and later for steps. */
bool run_owns(const struct tree *t, const struct job *j)
{
    return j->kind == JOB_EXPAND ? t->phase == RUN_EXPAND : handlers[j->kind] != NULL;
}

/* What ends a phase once none of its jobs is left; merges decide for themselves what follows. */
void run_job_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    handlers[j->kind](t, j, o);
    if (--t->phase_jobs)
        return;
    if (t->failure[0] && t->phase < RUN_EXECUTE)
        run_enter(t, RUN_REPORT);
    else if (t->refused && t->phase == RUN_CONFIRM)
        run_enter(t, RUN_REPORT);
    else
        run_phase_done(t);
}
