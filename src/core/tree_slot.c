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

void ready_heap_push(struct ready_heap *heap, struct ready entry)
{
    vector_push(heap, entry);
    size_t i = heap->count - 1;
    for (; i && before(&entry, &heap->at[(i - 1) / 2]); i = (i - 1) / 2)
        heap->at[i] = heap->at[(i - 1) / 2];
    heap->at[i] = entry;
}

struct ready ready_heap_pop(struct ready_heap *heap)
{
    struct ready top = heap->at[0], moved = heap->at[--heap->count];
    size_t n = heap->count, i = 0;

    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && before(&heap->at[child + 1], &heap->at[child]))
            child++;
        if (!before(&heap->at[child], &moved))
            break;
        heap->at[i] = heap->at[child];
        i = child;
    }
    heap->at[i] = moved;
    return top;
}

void ready_push(struct tree *t, double tail, uint32_t orch, uint32_t agent)
{
    ready_heap_push(&t->ready, (struct ready){.tail = tail, .orch = orch, .agent = agent});
}

/* Entries are not removed when an agent is cancelled: it is simply not ready any more. */
bool ready_is_valid(const struct tree *t, struct ready r)
{
    const struct orch *o = &t->orchs.at[r.orch];

    if (r.agent == AGENT_NONE)
        return o->state == ORCH_STATE_WAITING;
    return o->work && r.agent < o->work->agents.count &&
           o->work->agents.at[r.agent].state == AGENT_STATE_READY;
}

static bool is_below(uint32_t running, size_t limit)
{
    return !limit || running < limit;
}

static bool slot_free(const struct tree *t)
{
    return is_below(t->running, t->stepdown.limit) &&
           is_below(t->running, t->admission.now.limit) && !budget_is_full(t);
}

void slots_admit(struct tree *t, struct admission_level level)
{
    struct tree_admission *a = &t->admission;

    a->now = level;
    if (level.limit && (!a->lowest.limit || level.limit < a->lowest.limit))
        a->lowest = level;
    if (level.limit && !a->since_ms)
        a->since_ms = t->now_ms;
    if (!level.limit && a->since_ms) {
        a->bounded_ms += t->now_ms - a->since_ms;
        a->since_ms = 0;
    }
}

size_t tree_admission_waiting(const struct tree *t)
{
    size_t n = 0;

    if (is_below(t->running, t->admission.now.limit))
        return 0;
    for (size_t i = 0; i < t->ready.count; i++)
        n += ready_is_valid(t, t->ready.at[i]);
    return n;
}

/* False if it has to wait for others to return what is reserved for them. */
static bool start_agent(struct tree *t, struct ready r)
{
    if (provider_park(t, r))
        return true;
    switch (budget_take(t, r.orch, r.agent)) {
    case BUDGET_TAKEN:
        provider_began(t, r.orch, r.agent);
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

/* The queue with the most urgent entry that may start: the common one, or that of a provider; NULL
 * if all are empty. */
static struct ready_heap *most_urgent(struct tree *t)
{
    struct ready_heap *best = t->ready.count ? &t->ready : NULL;

    for (size_t i = 0; i < t->providers.count; i++) {
        struct ready_heap *parked = &t->providers.at[i].parked;
        if (!parked->count || !provider_has_room(&t->providers.at[i]))
            continue;
        if (!best || before(&parked->at[0], &best->at[0]))
            best = parked;
    }
    return best;
}

/* Agents that wait for a budget go back to where they wait: those that started after them may have
 * taken the room that their provider had. */
static void queue_again(struct tree *t, struct ready r)
{
    if (!provider_park(t, r))
        ready_heap_push(&t->ready, r);
}

/* Done once more, with nothing new, it changes nothing. */
void slots_fill(struct tree *t)
{
    VECTOR(struct ready) waiting = {0};

    planner_pump(t);
    while (!t->interrupt && slot_free(t)) {
        struct ready_heap *queue = most_urgent(t);
        if (!queue)
            break;
        struct ready r = ready_heap_pop(queue);
        if (!ready_is_valid(t, r))
            continue;
        if (r.agent == AGENT_NONE)
            orch_begin(t, r.orch);
        else if (!start_agent(t, r))
            vector_push(&waiting, r);
    }
    for (size_t i = 0; i < waiting.count; i++)
        queue_again(t, waiting.at[i]);
    vector_free(&waiting);
}
