/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleanup orchestrators: direct commands, measured before and after. A child's cleanup (depth 2)
 * works in the child's clone; the root's (depth 1) in a clone of the result, and has a cleanup of
 * its own. The stages are those of enum cleanup_stage, in order; those that have nothing to do are
 * passed.
 */
#include "core/tree_priv.h"

#include <string.h>

static const struct orch *parent_of(const struct tree *t, const struct orch *o)
{
    return &t->orchs.at[o->parent];
}

static bool of_root(const struct tree *t, const struct orch *o)
{
    return parent_of(t, o)->kind == ORCH_ROOT;
}

/* The orchestrator whose clone it works in: the root's cleanup has one of its own, which its own
 * cleanup shares. */
uint32_t tree_clone_owner(const struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];

    if (o->kind != ORCH_CLEANUP || of_root(t, o))
        return orch;
    return o->parent;
}

static bool in_clone(const struct tree *t, uint32_t orch)
{
    const struct orch *owner = &t->orchs.at[tree_clone_owner(t, orch)];

    return owner->copy_ready && !owner->copy_failed;
}

static uint32_t commands_left(const struct tree *t, const struct orch *o)
{
    const struct orch *parent = parent_of(t, o);
    uint32_t all = 0;

    if (parent->kind == ORCH_CLEANUP)
        return 0;
    if (parent->kind == ORCH_ROOT)
        all = (uint32_t)t->plan->cleanup.count;
    /* The root has units of its own only where it runs their waves itself. */
    for (uint32_t i = 0; i < parent->unit_count; i++)
        all +=
            (uint32_t)t->plan->subtasks[t->units.at[parent->unit_first + i].subtask].cleanup.count;
    return all - o->step;
}

static bool start(struct tree *t, uint32_t orch, enum job_kind kind, uint32_t index)
{
    job_request(
        t, (struct job){.kind = (uint8_t)kind, .orch = orch, .agent = AGENT_NONE, .index = index});
    return true;
}

static bool stage_copy(struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];

    if (!of_root(t, o) || o->copy_ready || !orch_isolated(t, o) || !t->commit[0])
        return false;
    orch_want_copy(t, orch);
    return true;
}

static bool stage_before(struct tree *t, uint32_t orch)
{
    return in_clone(t, orch) && start(t, orch, JOB_MEASURE, 0);
}

static bool stage_commands(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];
    bool here = in_clone(t, orch) || !orch_isolated(t, parent_of(t, o));

    if (!here || !commands_left(t, o))
        return false;
    o->changed = true;
    return start(t, orch, JOB_CLEANUP, o->step);
}

static bool changed(const struct tree *t, const struct orch *o)
{
    return o->changed || parent_of(t, o)->changed;
}

static bool stage_settle(struct tree *t, uint32_t orch)
{
    return in_clone(t, orch) && changed(t, &t->orchs.at[orch]) && start(t, orch, JOB_SETTLE, 0);
}

static bool stage_nested(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (!of_root(t, o))
        return false;
    if (o->cleanup == ORCH_NONE) {
        uint32_t nested = orch_add(t, exec_id_child(o->id, 1), ORCH_CLEANUP, orch);
        t->orchs.at[orch].cleanup = nested;
    }
    orch_cleanup_begin(t, t->orchs.at[orch].cleanup);
    return true;
}

/* What did not change is not measured twice. */
static bool stage_after(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (!changed(t, o)) {
        o->after = o->before;
        return false;
    }
    return in_clone(t, orch) && start(t, orch, JOB_MEASURE, 1);
}

static bool stage_fetch(struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];

    return of_root(t, o) && o->commits && start(t, orch, JOB_FETCH, 0);
}

static bool (*const stages[CLEANUP_OVER])(struct tree *t, uint32_t orch) = {
    [CLEANUP_COPY] = stage_copy,         [CLEANUP_BEFORE] = stage_before,
    [CLEANUP_COMMANDS] = stage_commands, [CLEANUP_SETTLE] = stage_settle,
    [CLEANUP_NESTED] = stage_nested,     [CLEANUP_AFTER] = stage_after,
    [CLEANUP_FETCH] = stage_fetch,
};

void orch_cleanup_begin(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    o->state = ORCH_STATE_WORKING;
    o->stage = CLEANUP_COPY;
    o->step = 0;
    o->started_ms = t->now_ms;
    orch_cleanup_advance(t, orch);
}

void orch_cleanup_advance(struct tree *t, uint32_t orch)
{
    while (t->orchs.at[orch].stage != CLEANUP_OVER) {
        if (stages[t->orchs.at[orch].stage](t, orch))
            return;
        t->orchs.at[orch].stage++;
    }
    struct orch *o = &t->orchs.at[orch];
    o->state = ORCH_STATE_ENDED;
    o->ended_ms = t->now_ms;
    if (o->status == END_NONE)
        o->status = o->copy_failed ? END_FAILED : END_DONE;
    if (of_root(t, o))
        run_orch_ended(t, orch);
    else
        orch_cleanup_over(t, o->parent);
}

/* A failure of the cleanup is reported with it; it takes nothing from what was done. */
static void note_failure(struct tree *t, struct orch *o, const struct job *j,
                         const struct outcome *out)
{
    if (out->error == ERROR_NONE || o->status != END_NONE)
        return;
    o->status = END_FAILED;
    o->reason = arena_format(&t->arena, "%s: %s", job_kind_name(j->kind),
                             out->message ? out->message : attempt_error_name(out->error));
}

static void settled(struct tree *t, uint32_t orch, const struct outcome *out)
{
    struct orch *owner = &t->orchs.at[tree_clone_owner(t, orch)];

    owner->unsettled = out->error != ERROR_NONE;
    if (owner->unsettled)
        return;
    /* A commit that is not where it was is one more, though this job did not make it: git died when
     * it had committed, and nobody was told. */
    bool moved = out->commit && owner->commit[0] && strcmp(owner->commit, out->commit) != 0;
    owner->commits += out->commits || !moved ? out->commits : 1;
    owner->commit = keep_string(t, out->commit);
    owner->changed = false;
}

/* From here on the result is what the root's cleanup made of it. */
static void fetched(struct tree *t, struct orch *o, const struct outcome *out)
{
    if (out->error != ERROR_NONE)
        return;
    o->fetched = true;
    t->commit = o->commit;
}

void orch_cleanup_job_ended(struct tree *t, const struct job *j, const struct outcome *out)
{
    struct orch *o = &t->orchs.at[j->orch];

    note_failure(t, o, j, out);
    if (j->kind == JOB_MEASURE && j->index == 0)
        o->before = keep_metrics(t, out->measures);
    else if (j->kind == JOB_MEASURE)
        o->after = keep_metrics(t, out->measures);
    else if (j->kind == JOB_SETTLE)
        settled(t, j->orch, out);
    else if (j->kind == JOB_FETCH)
        fetched(t, o, out);
    if (j->kind == JOB_CLEANUP) {
        vector_push(&o->checks,
                    (struct check_result){.index = j->index,
                                          .run = tree_job_command(t, j, &(uint32_t){0})->run,
                                          .exit_code = out->exit_code,
                                          .error = out->error});
        o->step++;
    } else {
        o->stage++;
    }
    orch_cleanup_advance(t, j->orch);
}
