/* SPDX-License-Identifier: Apache-2.0 */
/* The graph of an orchestrator at work: a node starts when its last input has ended. */
#include "core/tree_priv.h"

static struct work *work_of(struct tree *t, uint32_t orch)
{
    return t->orchs.at[orch].work;
}

void work_free(struct work *w)
{
    if (!w)
        return;
    vector_free(&w->nodes);
    vector_free(&w->edges);
    vector_free(&w->agents);
    vector_free(&w->released);
    vector_free(&w->unsettled);
    vector_free(&w->joining);
    pool_free(w->pool);
    free(w);
}

const struct plan_subtask *tree_node_subtask(const struct tree *t, const struct node *n)
{
    return n->unit == UNIT_NONE ? NULL : &t->plan->subtasks[t->units.at[n->unit].subtask];
}

static const struct plan_step *node_step(const struct tree *t, const struct node *n)
{
    const struct plan_subtask *s = tree_node_subtask(t, n);

    return s ? &s->steps[n->step] : &t->request.plan->research[n->step];
}

/* A step that says nothing of its own writes what its subtask may. */
bool tree_node_writes(const struct tree *t, const struct node *n)
{
    const struct plan_subtask *s = tree_node_subtask(t, n);

    if (!s)
        return false;
    if (s->steps[n->step].writes_given)
        return s->steps[n->step].writes.count > 0;
    return !s->writes_given || s->writes.count > 0;
}

const struct plan_step *tree_agent_step(const struct tree *t, const struct orch *o,
                                        const struct agent *a)
{
    return node_step(t, &o->work->nodes.at[a->node]);
}

/* Agents of a node that have ended, and not as done. */
static uint32_t failures_of(const struct work *w, const struct node *n)
{
    uint32_t bad = 0;

    for (uint32_t i = 0; i < n->agent_count; i++) {
        const struct agent *a = &w->agents.at[n->first_agent + i];
        bad += a->state == AGENT_STATE_ENDED && a->status != END_DONE;
    }
    return bad;
}

/* In an explicit wave some may fail, all its entries counted together. The nodes of a unit stand
 * side by side in the order of its steps. */
static bool wave_forgives(const struct tree *t, const struct work *w, const struct node *n)
{
    const struct plan_subtask *s = tree_node_subtask(t, n);
    uint32_t bad = 0;

    if (!s || !s->explicit_waves)
        return false;
    unsigned level = s->steps[n->step].level;
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].level == level)
            bad += failures_of(w, n - n->step + i);
    return bad <= s->waves[level - 1].allow_failures;
}

static const char *agent_trouble(const struct agent *a)
{
    if (a->last_attempt && a->last_attempt->message[0])
        return a->last_attempt->message;
    return end_status_name(a->status);
}

/* A unit ends as the first agent did that spoiled it. */
static void unit_fail(struct tree *t, uint32_t orch, const struct node *n)
{
    const struct work *w = work_of(t, orch);
    struct unit *u = &t->units.at[n->unit];

    for (uint32_t i = 0; i < n->agent_count && u->status == END_NONE; i++) {
        const struct agent *a = &w->agents.at[n->first_agent + i];
        char name[16];
        if (a->status == END_DONE)
            continue;
        tree_agent_name(a, name);
        u->status = a->status;
        u->reason = arena_format(&t->arena, "%s (%s) in wave %u: %s", name, node_step(t, n)->role,
                                 a->wave, agent_trouble(a));
    }
    /* A step without agents, an empty fan-out, is skipped like any other. */
    if (n->blocked && u->status == END_NONE) {
        u->status = END_SKIPPED;
        u->reason = "what it needs is not done";
    }
}

static void node_judge(struct tree *t, uint32_t orch, struct node *n)
{
    const struct work *w = work_of(t, orch);

    n->failed |= n->blocked;
    if (n->step == STEP_BARRIER)
        return;
    n->failed |= failures_of(w, n) && !wave_forgives(t, w, n);
    if (n->failed && n->unit != UNIT_NONE)
        unit_fail(t, orch, n);
}

static void node_end(struct tree *t, uint32_t orch, uint32_t index)
{
    struct work *w = work_of(t, orch);
    struct node *n = &w->nodes.at[index];

    node_judge(t, orch, n);
    n->ended = true;
    w->nodes_left--;
    for (uint32_t i = 0; i < n->out_count; i++) {
        struct edge e = w->edges.at[n->first_out + i];
        struct node *to = &w->nodes.at[e.to];
        if (n->failed && !e.order_only)
            to->blocked = true;
        if (--to->unmet == 0)
            vector_push(&w->released, e.to);
    }
}

/* What cannot run any more is still shown: as skipped, or as cancelled. */
static enum end_status idle_status(const struct tree *t, const struct node *n)
{
    if (n->blocked)
        return END_SKIPPED;
    return t->over_limit ? END_TIMEOUT : END_CANCELLED;
}

static void node_start(struct tree *t, uint32_t orch, uint32_t index)
{
    const struct node *n = &work_of(t, orch)->nodes.at[index];
    uint32_t first = n->first_agent, count = n->agent_count;
    bool idle = n->blocked || t->final;

    if (!count)
        node_end(t, orch, index);
    for (uint32_t i = first; i < first + count; i++) {
        struct agent *a = &work_of(t, orch)->agents.at[i];
        a->state = AGENT_STATE_READY;
        a->ready_ms = t->now_ms;
        if (idle)
            agent_end_idle(t, orch, i, idle_status(t, n));
        else
            ready_push(t, n->tail, orch, i);
    }
}

static void node_expand(struct tree *t, uint32_t orch, uint32_t index)
{
    struct orch *o = &t->orchs.at[orch];
    struct node *n = &o->work->nodes.at[index];

    n->expanding = true;
    if (n->place == PLACE_REPO || o->copy_ready)
        job_request(
            t, (struct job){.kind = JOB_EXPAND, .orch = orch, .agent = AGENT_NONE, .index = index});
    else
        orch_want_copy(t, orch);
}

/* The fan-out is known: its agents stand behind all others of the orchestrator. */
static void node_fan_out(struct tree *t, uint32_t orch, uint32_t index)
{
    struct work *w = work_of(t, orch);
    struct node *n = &w->nodes.at[index];
    uint32_t batch = n->batch ? n->batch : 1;

    n->uncounted = false;
    n->first_agent = (uint32_t)w->agents.count;
    for (uint32_t at = 0; at < n->items.count; at += batch) {
        uint32_t left = (uint32_t)n->items.count - at;
        vector_push(&w->agents, (struct agent){.node = index,
                                               .ordinal = n->agent_count++,
                                               .item_first = at,
                                               .item_count = left < batch ? left : batch,
                                               .wave = n->wave,
                                               .place = n->place,
                                               .job = JOB_NONE,
                                               .start_commit = ""});
    }
    n->agents_left = n->agent_count;
    /* It counted for one agent while its size was not known. */
    t->agents_total += n->agent_count - 1;
    w->unsettled.at[n->level] += n->agent_count - 1;
}

/* A fan-out whose items nobody will know. */
static void uncounted_end(struct tree *t, uint32_t orch, uint32_t index, enum end_status status,
                          const char *why)
{
    struct work *w = work_of(t, orch);
    struct node *n = &w->nodes.at[index];
    struct unit *u = &t->units.at[n->unit];

    n->failed = true;
    w->unsettled.at[n->level]--;
    if (u->status == END_NONE) {
        u->status = (uint8_t)status;
        u->reason = arena_format(&t->arena, "for_each of %s: %s", node_step(t, n)->role, why);
    }
    node_end(t, orch, index);
}

static void node_release(struct tree *t, uint32_t orch, uint32_t index)
{
    struct work *w = work_of(t, orch);
    struct node *n = &w->nodes.at[index];

    if (n->step == STEP_BARRIER) {
        node_end(t, orch, index);
    } else if (!n->uncounted) {
        node_start(t, orch, index);
    } else if (n->blocked || t->final) {
        uncounted_end(t, orch, index, idle_status(t, n), "it was not counted");
    } else {
        node_expand(t, orch, index);
    }
}

void work_pump(struct tree *t, uint32_t orch)
{
    struct work *w = work_of(t, orch);

    if (w->pumping)
        return;
    w->pumping = true;
    for (size_t i = 0; i < w->released.count; i++)
        node_release(t, orch, w->released.at[i]);
    w->released.count = 0;
    w->pumping = false;
    /* An empty fan-out, or one that nobody could count, may have been what a join waited for. */
    agent_join_pump(t, orch);
    if (!w->nodes_left)
        orch_work_done(t, orch);
}

void work_expanded(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct work *w = work_of(t, j->orch);

    w->nodes.at[j->index].expanding = false;
    if (o->error != ERROR_NONE) {
        uncounted_end(t, j->orch, j->index, END_FAILED,
                      o->message ? o->message : attempt_error_name(o->error));
    } else {
        w->nodes.at[j->index].items = keep_strings(t, o->paths);
        node_fan_out(t, j->orch, j->index);
        node_start(t, j->orch, j->index);
    }
    work_pump(t, j->orch);
}

void work_copy_ready(struct tree *t, uint32_t orch)
{
    struct work *w = work_of(t, orch);

    if (!w)
        return;
    for (uint32_t i = 0; i < w->nodes.count; i++)
        if (w->nodes.at[i].expanding && w->nodes.at[i].place != PLACE_REPO)
            node_expand(t, orch, i);
    for (uint32_t i = 0; i < w->agents.count; i++)
        if (w->agents.at[i].state == AGENT_STATE_COPYING && w->agents.at[i].job == JOB_NONE)
            agent_copy_ready(t, orch, i);
    work_pump(t, orch);
}

void work_agent_settled(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct work *w = work_of(t, orch);

    w->unsettled.at[w->nodes.at[w->agents.at[agent].node].level]--;
}

void work_agent_ended(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct work *w = work_of(t, orch);
    uint32_t index = w->agents.at[agent].node;

    if (--w->nodes.at[index].agents_left == 0)
        node_end(t, orch, index);
    work_pump(t, orch);
}
