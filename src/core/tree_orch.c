/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an orchestrator that does work (a child, or the root that runs in waves):
 *
 *     waiting -> working -> checking -> undoing -> cleaning -> fetching -> ended
 *
 * Every state has an entry in the table: what it does next, one thing at a time, until it has
 * nothing left and the next state begins.
 */
#include "core/tree_priv.h"

uint32_t orch_add(struct tree *t, struct exec_id id, enum orch_kind kind, uint32_t parent)
{
    struct orch o = {.id = id,
                     .kind = (uint8_t)kind,
                     .parent = parent,
                     .cleanup = ORCH_NONE,
                     .conflict_with = ORCH_NONE,
                     .commit = "",
                     .reason = ""};

    vector_push(&t->orchs, o);
    return (uint32_t)t->orchs.count - 1;
}

bool orch_isolated(const struct tree *t, const struct orch *o)
{
    if (!t->request.in_repository)
        return false;
    if (o->kind == ORCH_CHILD)
        return t->plan->subtasks[t->units.at[o->unit_first].subtask].settings.isolation ==
               ISOLATION_CLONE;
    return t->plan->settings.isolation == ISOLATION_CLONE;
}

static const char *setup_of(const struct tree *t, const struct orch *o)
{
    if (o->kind == ORCH_CHILD)
        return t->plan->subtasks[t->units.at[o->unit_first].subtask].setup;
    return o->kind == ORCH_ROOT ? t->plan->setup : "";
}

static void orch_job(struct tree *t, uint32_t orch, enum job_kind kind, uint32_t index)
{
    job_request(
        t, (struct job){.kind = (uint8_t)kind, .orch = orch, .agent = AGENT_NONE, .index = index});
}

void orch_want_copy(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->copy_wanted)
        return;
    o->copy_wanted = true;
    orch_job(t, orch, JOB_COPY, 0);
}

static void orch_advance(struct tree *t, uint32_t orch);

static void copy_over(struct tree *t, uint32_t orch, const struct outcome *o, const char *what)
{
    struct orch *of = &t->orchs.at[orch];

    of->copy_ready = true;
    if (o->error != ERROR_NONE) {
        of->copy_failed = true;
        of->reason = arena_format(&t->arena, "%s: %s", what,
                                  o->message ? o->message : attempt_error_name(o->error));
    }
    if (of->state == ORCH_STATE_WORKING && of->work)
        work_copy_ready(t, orch);
    else
        orch_advance(t, orch);
}

static void copy_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct orch *of = &t->orchs.at[j->orch];

    if (o->error == ERROR_NONE) {
        of->commit = keep_string(t, o->commit);
        if (setup_of(t, of)[0]) {
            orch_job(t, j->orch, JOB_SETUP, 0);
            return;
        }
    }
    copy_over(t, j->orch, o, "private clone");
}

static void setup_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    copy_over(t, j->orch, o, "setup");
}

void orch_begin(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    o->state = ORCH_STATE_WORKING;
    o->started_ms = t->now_ms;
    work_build(t, orch);
    work_pump(t, orch);
}

/* The n-th command of a kind over all units of the orchestrator that want it. */
enum command_list { LIST_SUCCESS, LIST_ON_FAILURE, LIST_CLEANUP };

static const struct plan_commands *commands_of(const struct plan_subtask *s, enum command_list list)
{
    switch (list) {
    case LIST_SUCCESS:
        return &s->success;
    case LIST_ON_FAILURE:
        return &s->on_failure;
    case LIST_CLEANUP:
        break;
    }
    return &s->cleanup;
}

static bool unit_wants(const struct unit *u, enum command_list list)
{
    bool fine = u->status == END_NONE || u->status == END_UNVERIFIED || u->status == END_DONE;

    if (list == LIST_SUCCESS)
        return fine;
    return list == LIST_CLEANUP || (u->status != END_NONE && u->status != END_DONE);
}

/* One of a unit's commands. */
struct unit_command {
    uint32_t unit;
    uint32_t index; /* in the list */
};

/* Units whose checks ran are asked again for each of them, so that all are reported: a unit that
 * became unverified still wants the rest of its checks. */
static bool nth_command(const struct tree *t, const struct orch *o, enum command_list list,
                        uint32_t n, struct unit_command *ret)
{
    for (uint32_t i = 0; i < o->unit_count; i++) {
        const struct unit *u = &t->units.at[o->unit_first + i];
        const struct plan_commands *c = commands_of(&t->plan->subtasks[u->subtask], list);
        if (!unit_wants(u, list))
            continue;
        if (n < c->count) {
            *ret = (struct unit_command){o->unit_first + i, n};
            return true;
        }
        n -= (uint32_t)c->count;
    }
    return false;
}

const struct plan_command *tree_job_command(const struct tree *t, const struct job *j,
                                            uint32_t *ret_unit)
{
    static const enum command_list lists[JOB_KIND_COUNT] = {[JOB_CHECK] = LIST_SUCCESS,
                                                            [JOB_FINAL_CHECK] = LIST_SUCCESS,
                                                            [JOB_ON_FAILURE] = LIST_ON_FAILURE,
                                                            [JOB_CLEANUP] = LIST_CLEANUP};
    const struct orch *o = &t->orchs.at[j->orch];
    struct unit_command found;

    bool of_root = o->kind == ORCH_CLEANUP && t->orchs.at[o->parent].kind == ORCH_ROOT;

    if (o->kind == ORCH_CLEANUP)
        o = &t->orchs.at[o->parent];
    if (of_root && j->index < t->plan->cleanup.count) {
        *ret_unit = UNIT_NONE;
        return &t->plan->cleanup.at[j->index];
    }
    uint32_t n = of_root ? j->index - (uint32_t)t->plan->cleanup.count : j->index;
    if (!nth_command(t, o, lists[j->kind], n, &found))
        bug("job '%s' %u has no command", job_kind_name(j->kind), j->index);
    *ret_unit = found.unit;
    return &commands_of(&t->plan->subtasks[t->units.at[found.unit].subtask], lists[j->kind])
                ->at[found.index];
}

/* A command of the plan needs a place to run in. False while there is none yet. */
static bool has_place(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (!orch_isolated(t, o) || (o->copy_ready && !o->copy_failed))
        return true;
    if (!o->copy_ready)
        orch_want_copy(t, orch);
    return false;
}

/* Each of the next functions starts one thing and returns true, or has nothing left to start. */

/* Checks that cannot run, from the present one on: what they would have proved is not known. */
static void leave_unchecked(struct tree *t, const struct orch *o, uint32_t from)
{
    for (uint32_t u = from; u < o->unit_first + o->unit_count; u++) {
        struct unit *unit = &t->units.at[u];
        if (unit->status != END_NONE ||
            !commands_of(&t->plan->subtasks[unit->subtask], LIST_SUCCESS)->count)
            continue;
        unit->status = o->copy_failed ? END_UNVERIFIED : END_CANCELLED;
        unit->reason = "its checks did not run";
    }
}

static bool next_check(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];
    bool cancelled = t->final && !t->over_limit;
    struct unit_command next;

    if (!nth_command(t, o, LIST_SUCCESS, o->step, &next))
        return false;
    if (cancelled || o->copy_failed) {
        leave_unchecked(t, o, next.unit);
        return false;
    }
    if (has_place(t, orch))
        orch_job(t, orch, JOB_CHECK, o->step);
    return true;
}

static bool next_undo(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];
    struct unit_command next;

    if (o->copy_failed || !nth_command(t, o, LIST_ON_FAILURE, o->step, &next))
        return false;
    if (has_place(t, orch)) {
        o->changed = true;
        orch_job(t, orch, JOB_ON_FAILURE, o->step);
    }
    return true;
}

static bool next_cleaning(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->kind != ORCH_CHILD || o->step > 0)
        return false;
    o->step = 1;
    if (o->cleanup == ORCH_NONE) {
        uint32_t cleanup = orch_add(t, exec_id_child(o->id, 1), ORCH_CLEANUP, orch);
        t->orchs.at[orch].cleanup = cleanup;
    }
    orch_cleanup_begin(t, t->orchs.at[orch].cleanup);
    return true;
}

static bool has_commits(const struct tree *t, const struct orch *o)
{
    return o->commit[0] && t->base[0] && o->copy_ready && !o->copy_failed && o->commits;
}

static bool next_fetch(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->step > 0 || !has_commits(t, o))
        return false;
    o->step = 1;
    orch_job(t, orch, JOB_FETCH, 0);
    return true;
}

static bool nothing(struct tree *t, uint32_t orch)
{
    (void)t;
    (void)orch;
    return false;
}

static const struct {
    enum orch_state next;
    bool (*start)(struct tree *t, uint32_t orch);
} states[ORCH_STATE_COUNT] = {
    [ORCH_STATE_WAITING] = {ORCH_STATE_ENDED, nothing},
    [ORCH_STATE_WORKING] = {ORCH_STATE_CHECKING, nothing},
    [ORCH_STATE_CHECKING] = {ORCH_STATE_UNDOING, next_check},
    [ORCH_STATE_UNDOING] = {ORCH_STATE_CLEANING, next_undo},
    [ORCH_STATE_CLEANING] = {ORCH_STATE_FETCHING, next_cleaning},
    [ORCH_STATE_FETCHING] = {ORCH_STATE_ENDED, next_fetch},
    [ORCH_STATE_ENDED] = {ORCH_STATE_ENDED, nothing},
};

/* A child is what its unit is; the root that runs in waves is judged with the run. */
static void judge(struct tree *t, struct orch *o)
{
    for (uint32_t i = 0; i < o->unit_count; i++) {
        struct unit *u = &t->units.at[o->unit_first + i];
        if (u->status == END_NONE)
            u->status = END_DONE;
        if (o->status == END_NONE || o->status == END_DONE) {
            o->status = u->status;
            if (u->reason[0])
                o->reason = u->reason;
        }
    }
    if (o->status == END_NONE)
        o->status = END_DONE;
}

static void orch_advance(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->kind == ORCH_CLEANUP) {
        orch_cleanup_advance(t, orch);
        return;
    }
    while (o->state != ORCH_STATE_ENDED) {
        if (states[o->state].start(t, orch))
            return;
        o = &t->orchs.at[orch];
        o->state = (uint8_t)states[o->state].next;
        o->step = 0;
    }
    judge(t, o);
    o->ended_ms = t->now_ms;
    run_orch_ended(t, orch);
}

void orch_cleanup_over(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->kind == ORCH_CLEANUP)
        o->stage++;
    orch_advance(t, orch);
}

void orch_work_done(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (o->state == ORCH_STATE_WAITING) {
        run_phase_done(t); /* the root's research */
        return;
    }
    if (o->state != ORCH_STATE_WORKING)
        return;
    o->state = ORCH_STATE_CHECKING;
    o->step = 0;
    orch_advance(t, orch);
}

void orch_cancel_waiting(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    for (uint32_t i = 0; i < o->unit_count; i++) {
        t->units.at[o->unit_first + i].status = t->over_limit ? END_TIMEOUT : END_CANCELLED;
        t->units.at[o->unit_first + i].reason = "it had not started";
    }
    o->state = ORCH_STATE_ENDED;
    judge(t, o);
    o->ended_ms = t->now_ms;
    run_orch_ended(t, orch);
}

static void check_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct orch *of = &t->orchs.at[j->orch];
    uint32_t unit;
    const struct plan_command *command = tree_job_command(t, j, &unit);
    struct unit *u = &t->units.at[unit];

    vector_push(&of->checks, (struct check_result){.unit = unit,
                                                   .index = j->index,
                                                   .run = command->run,
                                                   .exit_code = o->exit_code,
                                                   .error = o->error});
    if (o->error != ERROR_NONE && u->status == END_NONE) {
        u->status = END_UNVERIFIED;
        u->reason = arena_format(&t->arena, "check '%s' ended with %d", command->run, o->exit_code);
    }
    of->step++;
    orch_advance(t, j->orch);
}

static void undo_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct orch *of = &t->orchs.at[j->orch];
    uint32_t unit;
    const struct plan_command *command = tree_job_command(t, j, &unit);

    vector_push(&of->undone, (struct check_result){.unit = unit,
                                                   .index = j->index,
                                                   .run = command->run,
                                                   .exit_code = o->exit_code,
                                                   .error = o->error});
    of->step++;
    orch_advance(t, j->orch);
}

static void fetch_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct orch *of = &t->orchs.at[j->orch];

    if (o->error != ERROR_NONE) {
        of->status = END_FAILED;
        of->reason = arena_format(&t->arena, "its branch could not be brought home: %s",
                                  o->message ? o->message : attempt_error_name(o->error));
    } else {
        of->fetched = true;
    }
    orch_advance(t, j->orch);
}

static void (*const handlers[JOB_KIND_COUNT])(struct tree *, const struct job *,
                                              const struct outcome *) = {
    [JOB_COPY] = copy_ended,
    [JOB_SETUP] = setup_ended,
    [JOB_CHECK] = check_ended,
    [JOB_ON_FAILURE] = undo_ended,
    [JOB_FETCH] = fetch_ended,
    [JOB_MEASURE] = orch_cleanup_job_ended,
    [JOB_CLEANUP] = orch_cleanup_job_ended,
    [JOB_SETTLE] = orch_cleanup_job_ended,
    [JOB_EXPAND] = work_expanded,
};

void orch_job_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    if (!handlers[j->kind])
        bug("job '%s' has no orchestrator", job_kind_name(j->kind));
    if (t->orchs.at[j->orch].kind == ORCH_CLEANUP && j->kind != JOB_COPY)
        orch_cleanup_job_ended(t, j, o);
    else
        handlers[j->kind](t, j, o);
}

static void orch_forget(struct orch *o)
{
    work_free(o->work);
    vector_free(&o->checks);
    vector_free(&o->undone);
}

void orch_fini(struct orch *o)
{
    orch_forget(o);
}

void orch_reset(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];
    struct orch fresh = {.id = o->id,
                         .kind = o->kind,
                         .parent = o->parent,
                         .cleanup = o->cleanup,
                         .generation = (uint8_t)(o->generation + 1),
                         .unit_first = o->unit_first,
                         .unit_count = o->unit_count,
                         .conflict_with = ORCH_NONE,
                         .commit = "",
                         .reason = ""};

    orch_forget(o);
    *o = fresh;
    for (uint32_t i = 0; i < o->unit_count; i++) {
        t->units.at[o->unit_first + i].status = END_NONE;
        t->units.at[o->unit_first + i].reason = "";
    }
    if (o->cleanup != ORCH_NONE)
        orch_reset(t, o->cleanup);
}
