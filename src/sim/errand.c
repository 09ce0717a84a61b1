/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/errand.h"

#include <string.h>

enum { PROMPT_TOKENS = 5000 };

/* Jobs that work in the clone of their orchestrator, or of the one that it cleans up. */
static bool in_clone(enum job_kind kind)
{
    switch (kind) {
    case JOB_COPY:
    case JOB_SETUP:
    case JOB_RESET:
    case JOB_SETTLE:
    case JOB_JOIN:
    case JOB_CHECK:
    case JOB_ON_FAILURE:
    case JOB_MEASURE:
    case JOB_CLEANUP:
    case JOB_FETCH:
    case JOB_AGENT:
        return true;
    case JOB_SNAPSHOT:
    case JOB_BACKUP:
    case JOB_PLANNER:
    case JOB_PLAN:
    case JOB_EXPAND:
    case JOB_CONFIRM:
    case JOB_CONSOLIDATE:
    case JOB_MERGE:
    case JOB_VERIFY_COPY:
    case JOB_VERIFY_SETUP:
    case JOB_FINAL_CHECK:
    case JOB_LAND:
    case JOB_PUSH:
    case JOB_DISCARD:
    case JOB_REPORT:
    case JOB_KIND_COUNT:
        break;
    }
    return false;
}

static struct copy_id clone_of(const struct tree *t, uint32_t orch)
{
    uint32_t owner = tree_clone_owner(t, orch);

    return (struct copy_id){owner, AGENT_NONE, t->orchs.at[owner].generation};
}

static struct copy_id place_of(const struct tree *t, const struct job *j)
{
    struct copy_id nowhere = {.orch = ORCH_NONE, .agent = AGENT_NONE};
    struct copy_id place = clone_of(t, j->orch);

    if (!in_clone((enum job_kind)j->kind))
        return nowhere;
    if (j->agent == AGENT_NONE)
        return place;
    switch ((enum agent_place)t->orchs.at[j->orch].work->agents.at[j->agent].place) {
    case PLACE_SHARED:
    case PLACE_CLONE:
        return place;
    case PLACE_OWN:
        place.agent = j->agent;
        return place;
    case PLACE_SNAPSHOT:
    case PLACE_REPO:
        break;
    }
    return nowhere;
}

static void write_session(const struct tree *t, const struct job *j, struct arena *arena,
                          struct errand *ret)
{
    const struct session_need need = {.prompt_tokens = PROMPT_TOKENS};
    struct session_choice choice;

    session_choose(t, j->orch, j->agent, &need, arena, &choice);
    ret->way = choice.way;
    ret->continues = choice.continues;
    ret->session = arena_string(arena, choice.session);
}

static void write_agent(const struct tree *t, const struct job *j, struct arena *arena,
                        struct errand *ret)
{
    const struct orch *o = &t->orchs.at[j->orch];
    const struct agent *a = &o->work->agents.at[j->agent];
    const struct plan_step *step = tree_agent_step(t, o, a);

    const struct node *n = &o->work->nodes.at[a->node];

    ret->subtask = n->unit == UNIT_NONE ? UNIT_NONE : t->units.at[n->unit].subtask;
    ret->step = n->step;
    ret->model = !plan_step_is_command(step);
    ret->writes =
        n->unit == UNIT_NONE ? !step->writes_given || step->writes.count : tree_node_writes(t, n);
    ret->role = step->role;
    ret->agent = step->settings.agent;
    ret->minutes = step->minutes;
    ret->allowed = tree_token_limit(t, j);
    ret->stall_ms = tree_stall_ms(t, step);
    ret->limited = ret->stall_ms || step->settings.limits.agent_minutes > 0;
    if (ret->model)
        write_session(t, j, arena, ret);
}

/* The children whose branches a merge takes. */
static bool concerns(const struct tree *t, const struct job *j, uint32_t orch)
{
    const struct merge_state *m = t->merge;

    for (size_t i = 0; m && i < m->branches.count; i++)
        if (m->branches.at[i] == orch)
            return m->in.at[i] || j->kind == JOB_CONSOLIDATE;
    return false;
}

static void write_branches(const struct tree *t, const struct job *j, struct arena *arena,
                           struct errand *ret)
{
    uint32_t *list = arena_array(arena, t->orchs.count, sizeof *list);

    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (concerns(t, j, i))
            list[ret->branch_count++] = i;
    ret->branches = list;
}

static void write_kept(const struct tree *t, struct arena *arena, struct errand *ret)
{
    struct copy_id *list = arena_array(arena, t->orchs.count, sizeof *list);

    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (tree_keeps_clone(t, i))
            list[ret->keep_count++] = clone_of(t, i);
    ret->keep = list;
}

static const char *commit_of(const struct tree *t, const struct job *j)
{
    switch ((int)j->kind) {
    case JOB_MERGE:
        return t->merge->onto;
    case JOB_VERIFY_COPY:
    case JOB_VERIFY_SETUP:
    case JOB_FINAL_CHECK:
        return t->merge->commit;
    case JOB_LAND:
        return t->commit;
    case JOB_COPY:
        return t->orchs.at[j->orch].kind == ORCH_CLEANUP ? t->commit : "";
    default:
        return "";
    }
}

void errand_write(const struct tree *t, uint32_t job, struct arena *arena, struct errand *ret)
{
    const struct job *j = &t->jobs.at[job];

    *ret = (struct errand){.job = *j, .copy = place_of(t, j), .session = ""};
    ret->id = t->orchs.at[j->orch].id;
    ret->generation = clone_of(t, j->orch).generation;
    ret->commit = arena_string(arena, commit_of(t, j));
    ret->into = ret->copy;
    ret->into.agent = AGENT_NONE;
    if (j->kind == JOB_AGENT)
        write_agent(t, j, arena, ret);
    if (j->kind == JOB_PLANNER) {
        ret->model = true;
        ret->stall_ms = tree_job_stall_ms(t, j);
        ret->limited = ret->stall_ms || tree_job_settings(t, j)->limits.agent_minutes > 0;
    }
    if (j->kind == JOB_CONSOLIDATE || j->kind == JOB_MERGE)
        write_branches(t, j, arena, ret);
    if (j->kind == JOB_DISCARD)
        write_kept(t, arena, ret);
}

bool errand_same(const struct errand *a, const struct errand *b)
{
    return a->job.kind == b->job.kind && a->job.orch == b->job.orch &&
           a->job.agent == b->job.agent && a->job.attempt == b->job.attempt &&
           a->job.index == b->job.index && a->generation == b->generation &&
           strcmp(a->commit, b->commit) == 0;
}
