/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who gets the next free slot: the agent with the longest remaining path (list scheduling by
 * critical path; Graham 1969 bounds any such schedule by twice the best). Ties go to the lower
 * orchestrator, then the lower agent, so that the order is a function of the plan.
 */
#include "core/tree_priv.h"

static bool before(const struct ready *a, const struct ready *b)
{
    if (a->tail > b->tail || a->tail < b->tail)
        return a->tail > b->tail;
    if (a->orch != b->orch)
        return a->orch < b->orch;
    return a->agent < b->agent;
}

void ready_push(struct tree *t, double tail, uint32_t orch, uint32_t agent)
{
    vector_push(&t->ready, (struct ready){.tail = tail, .orch = orch, .agent = agent});

    struct ready *heap = t->ready.at;
    size_t i = t->ready.count - 1;
    struct ready moved = heap[i];
    for (; i && before(&moved, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = moved;
}

static struct ready ready_pop(struct tree *t)
{
    struct ready *heap = t->ready.at, top = heap[0];
    size_t n = --t->ready.count, i = 0;
    struct ready moved = heap[n];

    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &moved))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moved;
    return top;
}

/* Entries are not removed when an agent is cancelled: it is simply not ready any more. */
static bool still_ready(const struct tree *t, struct ready r)
{
    const struct orch *o = &t->orchs.at[r.orch];

    if (r.agent == AGENT_NONE)
        return o->state == ORCH_STATE_WAITING;
    return o->work && r.agent < o->work->agents.count &&
           o->work->agents.at[r.agent].state == AGENT_STATE_READY;
}

static bool slot_free(const struct tree *t)
{
    return (!t->stepdown.limit || t->running < t->stepdown.limit) && !budget_is_full(t);
}

/* False if it has to wait for others to return what is reserved for them. */
static bool start_agent(struct tree *t, struct ready r)
{
    switch (budget_take(t, r.orch, r.agent)) {
    case BUDGET_TAKEN:
        agent_grant(t, r.orch, r.agent);
        return true;
    case BUDGET_SPENT:
        agent_end_spent(t, r.orch, r.agent);
        return true;
    case BUDGET_WAIT:
        break;
    }
    return false;
}

void slots_fill(struct tree *t)
{
    VECTOR(struct ready) waiting = {0};

    while (!t->interrupt && t->ready.count && slot_free(t)) {
        struct ready r = ready_pop(t);
        if (!still_ready(t, r))
            continue;
        if (r.agent == AGENT_NONE)
            orch_begin(t, r.orch);
        else if (!start_agent(t, r))
            vector_push(&waiting, r);
    }
    for (size_t i = 0; i < waiting.count; i++)
        ready_push(t, waiting.at[i].tail, waiting.at[i].orch, waiting.at[i].agent);
    vector_free(&waiting);
}
