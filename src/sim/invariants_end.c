/* SPDX-License-Identifier: Apache-2.0 */
/* A run that has ended. */
#include "sim/invariants_priv.h"

static bool agents_ended(const struct sight *s, uint32_t orch, struct text *why)
{
    const struct work *w = s->tree->orchs.at[orch].work;

    for (size_t k = 0; w && k < w->agents.count; k++) {
        const struct agent *a = &w->agents.at[k];
        if (a->state == AGENT_STATE_ENDED && a->status != END_NONE)
            continue;
        text_printf(why, "agent %zu of orchestrator %u is %s", k, orch,
                    agent_state_name((enum agent_state)a->state));
        return false;
    }
    return true;
}

bool end_all_ended(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;

    for (uint32_t i = 0; i < t->jobs.count; i++) {
        if (t->jobs.at[i].state == JOB_ENDED)
            continue;
        text_printf(why, "job %u (%s) has not ended", i,
                    job_kind_name((enum job_kind)t->jobs.at[i].kind));
        return false;
    }
    for (uint32_t i = 1; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        if (o->state == ORCH_STATE_ENDED && o->status != END_NONE)
            continue;
        text_printf(why, "orchestrator %u is %s, %s", i, orch_state_name((enum orch_state)o->state),
                    end_status_name((enum end_status)o->status));
        return false;
    }
    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (!agents_ended(s, i, why))
            return false;
    return true;
}

bool end_slots_free(const struct sight *s, struct text *why)
{
    if (!s->tree->running && !tree_busy(s->tree))
        return true;
    text_printf(why, "%u slots are held, %u jobs are owed", s->tree->running, s->tree->outstanding);
    return false;
}

bool end_nothing_runs(const struct sight *s, struct text *why)
{
    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        if (j->phase != WORLD_PENDING && j->phase != WORLD_RUNNING)
            continue;
        text_printf(why, "job %u (%s)", i, job_kind_name((enum job_kind)j->errand.job.kind));
        return false;
    }
    return true;
}

/* Something of it was started in its present life. */
static bool ran(const struct orch *o)
{
    return o->kind == ORCH_CHILD && o->started_ms > 0;
}

bool end_cleanups(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        if (!ran(o) || (o->cleanup != ORCH_NONE && t->orchs.at[o->cleanup].ended_ms > 0))
            continue;
        text_add(why, orch_text(t, i, name));
        return false;
    }
    return true;
}

bool end_undone(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        if (!ran(o) || o->copy_failed)
            continue;
        bool failed =
            t->units.at[o->unit_first].status != END_DONE && !is_doubted(s, o, o->unit_first);
        size_t due = failed ? meant_subtask(s, o->unit_first)->on_failure.count : 0;
        if (o->undone.count == due)
            continue;
        text_printf(why, "%s is %s and undid %zu of %zu", orch_text(t, i, name),
                    end_status_name((enum end_status)o->status), o->undone.count, due);
        return false;
    }
    return true;
}

static bool all_done(const struct tree *t)
{
    for (size_t i = 0; i < t->units.count; i++)
        if (t->units.at[i].status != END_DONE)
            return false;
    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        if (o->kind == ORCH_CHILD && (o->status != END_DONE || (o->commits && !o->merged)))
            return false;
    }
    return true;
}

bool end_status(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;
    bool cancelled = t->refused || (t->final && !t->over_limit);
    bool should = all_done(t) && !t->failure[0];
    bool wrong = t->status == RUN_STATUS_NONE || (t->status == RUN_STATUS_CANCELLED) != cancelled ||
                 (!cancelled && (t->status == RUN_STATUS_DONE) != should);
    bool zero = t->status == RUN_STATUS_DONE && !t->land_refused && !t->push_refused;

    if (!wrong && (tree_exit_status(t) == 0) == zero)
        return true;
    text_printf(why, "%s, exit status %d; %s; failure '%s'", run_status_name(t->status),
                tree_exit_status(t), all_done(t) ? "all is done" : "not all is done", t->failure);
    return false;
}

static bool kept(const struct sight *s, uint32_t orch, const struct agent *a)
{
    const struct world_job *j = a->last_attempt ? world_job(s->world, a->last_attempt->job) : NULL;

    if (!j || a->status != END_DONE || a->place < PLACE_CLONE || !j->errand.writes || j->fate.idle)
        return true;
    /* A done child's work is on its branch; that of others may wait in a copy. */
    const struct orch *o = &s->tree->orchs.at[orch];
    if (o->kind == ORCH_CHILD && o->status == END_DONE && o->commits)
        return content_has(repo_fetched(&s->world->repo, orch), a->last_attempt->job);
    return repo_has_work(&s->world->repo, a->last_attempt->job);
}

bool end_results_kept(const struct sight *s, struct text *why)
{
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            if (kept(s, i, &w->agents.at[k]))
                continue;
            text_printf(why, "that of agent %zu of %s is not", k, orch_text(s->tree, i, name));
            return false;
        }
    }
    return true;
}

bool end_merged_landed(const struct sight *s, struct text *why)
{
    const struct repo *r = &s->world->repo;
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; s->tree->landed && i < s->tree->orchs.count; i++) {
        if (!s->tree->orchs.at[i].merged || content_holds(&r->landed, repo_fetched(r, i)))
            continue;
        text_printf(why, "%s is not", orch_text(s->tree, i, name));
        return false;
    }
    if (!s->tree->pushed || content_holds(&r->pushed, &r->landed))
        return true;
    text_add(why, "what landed is not in what was pushed");
    return false;
}
