/* SPDX-License-Identifier: Apache-2.0 */
#include "core/work.h"

#include "base/vector.h"
#include "core/claims.h"

#include <string.h>

struct edge {
    size_t from, to;
    bool order_only;
};

/* What stands for a whole unit: a step if there is only one, else a barrier; WORK_BARRIER while
 * nobody asked. */
struct ends {
    size_t start, end;
};

struct builder {
    const struct plan *plan;
    const struct fan_unit *units;
    size_t unit_count;
    VECTOR(struct work_step) nodes;
    VECTOR(struct edge) edges;
    size_t *first;     /* [unit] */
    size_t real;       /* nodes that are steps */
    bool *has_before;  /* [step]: something of its own unit stands before it */
    bool *has_behind;  /* [step] */
    struct ends *ends; /* [unit] */
    size_t *rank_unit; /* [rank]: units in the order in which overlaps put them */
};

static void add_edge(struct builder *b, size_t from, size_t to, bool order_only)
{
    vector_push(&b->edges, (struct edge){from, to, order_only});
}

static size_t add_barrier(struct builder *b, size_t unit, size_t subtask, unsigned level)
{
    vector_push(&b->nodes, (struct work_step){unit, subtask, WORK_BARRIER, level});
    return b->nodes.count - 1;
}

static const struct plan_subtask *subtask_of(const struct builder *b, size_t unit)
{
    return &b->plan->subtasks[b->units[unit].subtask];
}

static void add_steps(struct builder *b)
{
    for (size_t u = 0; u < b->unit_count; u++) {
        const struct plan_subtask *subtask = subtask_of(b, u);
        b->first[u] = b->nodes.count;
        for (size_t i = 0; i < subtask->step_count; i++)
            vector_push(&b->nodes,
                        (struct work_step){u, b->units[u].subtask, i, subtask->steps[i].level});
    }
    b->real = b->nodes.count;
}

/* Whether the step, of level 2 or higher, waits for all that stands in lower levels. */
static bool waits_for_level(const struct plan_subtask *subtask, const struct plan_step *step)
{
    if (plan_step_schedule(subtask, step) == SCHEDULE_WAVE)
        return true;
    return subtask->explicit_waves && step->need_count == 0;
}

/* Edges inside a unit join steps; marks what is neither first nor last. */
static void add_inner_edge(struct builder *b, size_t from, size_t to, bool order_only)
{
    add_edge(b, from, to, order_only);
    if (from < b->real)
        b->has_behind[from] = true;
    if (to < b->real)
        b->has_before[to] = true;
}

/* Steps of a subtask by level: order[start[l]..start[l + 1]) are those of level l. */
struct by_level {
    size_t *order;
    size_t *start; /* [level], up to levels + 1 */
    unsigned levels;
};

static void sort_by_level(const struct plan_subtask *subtask, struct by_level *ret)
{
    unsigned levels = 0;

    for (size_t i = 0; i < subtask->step_count; i++)
        if (subtask->steps[i].level > levels)
            levels = subtask->steps[i].level;
    ret->levels = levels;
    ret->order = mem_resize(NULL, subtask->step_count, sizeof *ret->order);
    ret->start = mem_zero((levels + 2) * sizeof *ret->start);
    for (size_t i = 0; i < subtask->step_count; i++)
        ret->start[subtask->steps[i].level + 1]++;
    for (unsigned l = 1; l <= levels + 1; l++)
        ret->start[l] += ret->start[l - 1];
    /* Filling moves each start to the next one's place; shifting them back restores them. */
    for (size_t i = 0; i < subtask->step_count; i++)
        ret->order[ret->start[subtask->steps[i].level]++] = i;
    memmove(ret->start + 1, ret->start, (levels + 1) * sizeof *ret->start);
    ret->start[0] = 0;
}

static bool level_waits(const struct plan_subtask *subtask, const struct by_level *by,
                        unsigned level)
{
    for (size_t i = by->start[level]; i < by->start[level + 1]; i++)
        if (waits_for_level(subtask, &subtask->steps[by->order[i]]))
            return true;
    return false;
}

/* A barrier between a level and the one above, wherever a step of the one above waits. */
static void add_level_barriers(struct builder *b, size_t unit, const struct by_level *by)
{
    const struct plan_subtask *subtask = subtask_of(b, unit);
    bool order_only = !subtask->explicit_waves;
    size_t last = WORK_BARRIER;
    size_t done = 0; /* steps that stand before the last barrier */

    for (unsigned level = 2; level <= by->levels; level++) {
        if (!level_waits(subtask, by, level))
            continue;
        size_t barrier = add_barrier(b, unit, b->units[unit].subtask, level - 1);
        if (last != WORK_BARRIER)
            add_edge(b, last, barrier, true);
        for (; done < by->start[level]; done++)
            add_inner_edge(b, b->first[unit] + by->order[done], barrier, order_only);
        for (size_t i = by->start[level]; i < by->start[level + 1]; i++)
            if (waits_for_level(subtask, &subtask->steps[by->order[i]]))
                add_inner_edge(b, barrier, b->first[unit] + by->order[i], order_only);
        last = barrier;
    }
}

static void add_inner_edges(struct builder *b, size_t unit)
{
    const struct plan_subtask *subtask = subtask_of(b, unit);
    size_t first = b->first[unit];
    struct by_level by;

    for (size_t i = 0; i < subtask->step_count; i++)
        for (size_t k = 0; k < subtask->steps[i].need_count; k++)
            add_inner_edge(b, first + subtask->steps[i].needs[k], first + i, false);
    sort_by_level(subtask, &by);
    add_level_barriers(b, unit, &by);
    free(by.order);
    free(by.start);
}

/* The node that stands for all steps of the unit where `inner` is not set: the one there is, or a
 * barrier before (start) or behind (end) them. */
static size_t unit_node(struct builder *b, size_t unit, bool start)
{
    const bool *inner = start ? b->has_before : b->has_behind;
    size_t *node = start ? &b->ends[unit].start : &b->ends[unit].end;
    size_t first = b->first[unit];
    size_t last = first + subtask_of(b, unit)->step_count;
    size_t count = 0;

    if (*node != WORK_BARRIER)
        return *node;
    for (size_t i = first; i < last; i++)
        if (!inner[i]) {
            *node = i;
            count++;
        }
    if (count == 1)
        return *node;
    *node = add_barrier(b, unit, b->units[unit].subtask, 0);
    for (size_t i = first; i < last; i++)
        if (!inner[i])
            add_edge(b, start ? *node : i, start ? i : *node, false);
    /* A unit without steps is one barrier. */
    if (count == 0)
        b->ends[unit].start = b->ends[unit].end = *node;
    return *node;
}

/* A barrier that closes each subtask on which another depends, with what stands before it. */
static size_t *close_subtasks(struct builder *b)
{
    size_t n = b->plan->subtask_count;
    size_t *closing = mem_resize(NULL, n, sizeof *closing);

    for (size_t i = 0; i < n; i++)
        closing[i] = WORK_BARRIER;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < b->plan->subtasks[i].depends_count; k++) {
            size_t *node = &closing[b->plan->subtasks[i].depends_on[k]];
            if (*node == WORK_BARRIER)
                *node = add_barrier(b, WORK_BARRIER, b->plan->subtasks[i].depends_on[k], 0);
        }
    for (size_t u = 0; u < b->unit_count; u++)
        if (closing[b->units[u].subtask] != WORK_BARRIER)
            add_edge(b, unit_node(b, u, false), closing[b->units[u].subtask], false);
    return closing;
}

static void add_dependencies(struct builder *b)
{
    AUTO_FREE size_t *closing = close_subtasks(b);

    for (size_t u = 0; u < b->unit_count; u++) {
        const struct plan_subtask *subtask = subtask_of(b, u);
        for (size_t k = 0; k < subtask->depends_count; k++)
            add_edge(b, closing[subtask->depends_on[k]], unit_node(b, u, true), false);
    }
    /* A subtask without units still passes on what it depends on. */
    for (size_t i = 0; i < b->plan->subtask_count; i++)
        for (size_t k = 0; closing[i] != WORK_BARRIER && k < b->plan->subtasks[i].depends_count;
             k++)
            add_edge(b, closing[b->plan->subtasks[i].depends_on[k]], closing[i], false);
}

/* Fills rank_unit: units in an order that respects depends_on, else by index. */
static void rank_units(struct builder *b)
{
    size_t n = b->plan->subtask_count;
    AUTO_GRAPH *g = graph_new(n);
    AUTO_FREE size_t *order = mem_resize(NULL, n, sizeof *order);
    AUTO_FREE size_t *first_unit = mem_zero((n + 1) * sizeof *first_unit);
    size_t rank = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < b->plan->subtasks[i].depends_count; k++)
            graph_add(g, b->plan->subtasks[i].depends_on[k], i);
    if (!graph_order(g, order))
        bug("subtasks depend on each other");
    for (size_t u = 0; u < b->unit_count; u++)
        first_unit[b->units[u].subtask + 1] = u + 1;
    for (size_t i = 1; i <= n; i++)
        if (first_unit[i] < first_unit[i - 1])
            first_unit[i] = first_unit[i - 1];
    for (size_t i = 0; i < n; i++)
        for (size_t u = first_unit[order[i]]; u < first_unit[order[i] + 1]; u++)
            b->rank_unit[rank++] = u;
}

static void order_pair(void *context, size_t before, size_t after)
{
    struct builder *b = context;
    size_t from = unit_node(b, b->rank_unit[before], false);

    add_edge(b, from, unit_node(b, b->rank_unit[after], true), true);
}

static void add_overlaps(struct builder *b, struct arena *arena)
{
    VECTOR(struct glob_claim) claims = {0};

    rank_units(b);
    for (size_t rank = 0; rank < b->unit_count; rank++) {
        size_t u = b->rank_unit[rank];
        struct strings writes = work_writes(subtask_of(b, u), b->units[u].item, arena);
        for (size_t i = 0; i < writes.count; i++)
            vector_push(&claims, (struct glob_claim){writes.at[i], rank});
    }
    if (claims.count)
        claims_order(claims.at, claims.count, order_pair, b);
    vector_free(&claims);
}

/* Levels of a root: steps on the longest path. Barriers carry the level of what stands before. */
static void number_levels(struct work_graph *work)
{
    AUTO_FREE size_t *order = mem_resize(NULL, work->count, sizeof *order);

    if (!graph_order(work->graph, order))
        bug("the steps of a plan need each other");
    for (size_t i = 0; i < work->count; i++)
        work->steps[i].level = i < work->real;
    for (size_t i = 0; i < work->count; i++)
        graph_each (work->graph, order[i], edge) {
            size_t to = graph_to(work->graph, edge);
            unsigned least = work->steps[order[i]].level + (to < work->real);
            if (work->steps[to].level < least)
                work->steps[to].level = least;
        }
}

static void finish(struct builder *b, struct work_graph *ret)
{
    *ret = (struct work_graph){
        .steps = b->nodes.at,
        .count = b->nodes.count,
        .real = b->real,
        .first = b->first,
        .units = b->unit_count,
        .graph = graph_new(b->nodes.count),
        .order_only = mem_resize(NULL, b->edges.count, sizeof(bool)),
    };
    for (size_t i = 0; i < b->edges.count; i++) {
        const struct edge *edge = &b->edges.at[i];
        ret->order_only[graph_add(ret->graph, edge->from, edge->to)] = edge->order_only;
    }
    vector_free(&b->edges);
    free(b->has_before);
    free(b->has_behind);
    free(b->ends);
    free(b->rank_unit);
}

static void find_highest(struct work_graph *work)
{
    for (size_t i = 0; i < work->real; i++)
        if (work->steps[i].level > work->levels)
            work->levels = work->steps[i].level;
}

static void begin(struct builder *b)
{
    b->first = mem_resize(NULL, b->unit_count, sizeof *b->first);
    b->ends = mem_resize(NULL, b->unit_count, sizeof *b->ends);
    b->rank_unit = mem_resize(NULL, b->unit_count, sizeof *b->rank_unit);
    for (size_t u = 0; u < b->unit_count; u++)
        b->ends[u] = (struct ends){WORK_BARRIER, WORK_BARRIER};
    add_steps(b);
    b->has_before = mem_zero(b->real);
    b->has_behind = mem_zero(b->real);
    for (size_t u = 0; u < b->unit_count; u++)
        add_inner_edges(b, u);
}

void work_graph_root(const struct plan *plan, const struct fan_known *known, struct work_graph *ret)
{
    AUTO_ARENA arena = {0};
    struct builder b = {.plan = plan};

    b.units = fan_units(plan, known, &arena, &b.unit_count);
    begin(&b);
    add_dependencies(&b);
    add_overlaps(&b, &arena);
    finish(&b, ret);
    number_levels(ret);
    find_highest(ret);
}

void work_graph_child(const struct plan *plan, size_t subtask, struct work_graph *ret)
{
    struct fan_unit unit = {.subtask = subtask};
    struct builder b = {.plan = plan, .units = &unit, .unit_count = 1};

    begin(&b);
    finish(&b, ret);
    find_highest(ret);
}

void work_graph_free(struct work_graph *work)
{
    free(work->steps);
    free(work->first);
    free(work->order_only);
    graph_free(work->graph);
    *work = (struct work_graph){0};
}

struct strings work_writes(const struct plan_subtask *subtask, const char *item,
                           struct arena *arena)
{
    size_t room = subtask->writes.count;
    struct strings all = {0};

    for (size_t i = 0; i < subtask->step_count; i++)
        room += subtask->steps[i].writes.count;
    all.at = arena_array(arena, room, sizeof *all.at);
    for (size_t i = 0; i < subtask->writes.count; i++)
        all.at[all.count++] = fan_glob(subtask->writes.at[i], item, arena);
    for (size_t i = 0; i < subtask->step_count; i++) {
        const struct strings *writes = &subtask->steps[i].writes;
        /* Steps that only inherit have the list itself. */
        for (size_t k = 0; writes->at != subtask->writes.at && k < writes->count; k++)
            all.at[all.count++] = fan_glob(writes->at[k], item, arena);
    }
    return all;
}
