/* SPDX-License-Identifier: Apache-2.0 */
/* From the subtasks of an orchestrator to its graph, its agents and where they work. */
#include "core/tree_priv.h"

#include "core/outline.h"
#include "core/work.h"

struct builder {
    struct tree *t;
    struct work *w;
    const struct work_graph *graph;
    uint32_t first;      /* node: research nodes may stand before it */
    uint32_t unit_first; /* of the orchestrator */
};

static const struct plan_step *node_step(const struct tree *t, const struct node *n)
{
    return &tree_node_subtask(t, n)->steps[n->step];
}

static void add_nodes(struct builder *b)
{
    const struct work_graph *g = b->graph;

    for (size_t i = 0; i < g->count; i++) {
        const struct work_step *s = &g->steps[i];
        struct node n = {.unit = b->unit_first + (uint32_t)s->unit,
                         .step = s->step == WORK_BARRIER ? STEP_BARRIER : (uint32_t)s->step,
                         .level = s->level,
                         .batch = 1,
                         .unmet = (uint32_t)graph_needs(g->graph, i),
                         .first_out = (uint32_t)b->w->edges.count};
        graph_each (g->graph, i, edge) {
            vector_push(&b->w->edges,
                        (struct edge){.to = b->first + (uint32_t)graph_to(g->graph, edge),
                                      .order_only = g->order_only[edge]});
            n.out_count++;
        }
        vector_push(&b->w->nodes, n);
        b->w->nodes_left++;
    }
    b->w->levels = g->levels;
}

/* Minutes of each step and the batch of its fan-out; then the longest path from each node. */
static void weigh(struct builder *b, const struct estimate_options *options)
{
    const struct work_graph *g = b->graph;
    AUTO_FREE double *minutes = mem_zero(g->count * sizeof *minutes);
    AUTO_FREE double *tails = mem_zero(g->count * sizeof *tails);
    AUTO_FREE struct step_estimate *steps = NULL;
    size_t of = 0;

    for (size_t i = 0; i < g->real; i++) {
        if (!steps || g->steps[i].subtask != of) {
            of = g->steps[i].subtask;
            steps = mem_resize(steps, b->t->plan->subtasks[of].step_count, sizeof *steps);
            estimate_steps(b->t->plan, of, options, steps);
        }
        minutes[i] = steps[g->steps[i].step].minutes;
        b->w->nodes.at[b->first + i].batch = (uint32_t)steps[g->steps[i].step].batch;
    }
    graph_tails(g->graph, minutes, tails);
    for (size_t i = 0; i < g->count; i++)
        b->w->nodes.at[b->first + i].tail = tails[i];
}

enum { REACH_NODES_MAX = 4096 };

/* Bit rows: which nodes a node comes before. NULL for a graph that is too large for it. */
static uint64_t *reach_rows(const struct builder *b, size_t *ret_words)
{
    const struct graph *g = b->graph->graph;
    size_t n = b->graph->count, words = (n + 63) / 64;

    if (n > REACH_NODES_MAX)
        return NULL;
    AUTO_FREE size_t *order = mem_alloc(n * sizeof *order);
    if (!graph_order(g, order))
        bug("a cycle in the graph of an orchestrator");
    uint64_t *rows = mem_zero(n * words * sizeof *rows);
    for (size_t i = n; i-- > 0;) {
        uint64_t *row = rows + order[i] * words;
        graph_each (g, order[i], edge) {
            size_t to = graph_to(g, edge);
            row[to / 64] |= UINT64_C(1) << (to % 64);
            for (size_t x = 0; x < words; x++)
                row[x] |= rows[to * words + x];
        }
    }
    *ret_words = words;
    return rows;
}

struct company {
    bool any;    /* something may run beside the node */
    bool writer; /* and it may write */
};

static struct company company_of(const struct builder *b, const uint64_t *rows, size_t words,
                                 size_t n)
{
    struct company c = {!rows, !rows};

    for (size_t m = 0; rows && m < b->graph->real; m++) {
        bool ordered =
            rows[n * words + m / 64] >> (m % 64) & 1 || rows[m * words + n / 64] >> (n % 64) & 1;
        if (m == n || ordered)
            continue;
        c.any = true;
        c.writer |= tree_node_writes(b->t, &b->w->nodes.at[b->first + m]);
    }
    return c;
}

/*
 * An agent that writes alone works in its orchestrator's clone. Those that only read share it while
 * nobody writes. Everybody else gets a copy, whose commits are merged when it has ended.
 */
static void choose_places(struct builder *b)
{
    size_t words = 0;
    AUTO_FREE uint64_t *rows = reach_rows(b, &words);

    for (size_t i = 0; i < b->graph->real; i++) {
        struct node *n = &b->w->nodes.at[b->first + i];
        const struct plan_step *step = node_step(b->t, n);
        bool one = step->count == 1 && step->for_each.kind == FAN_NONE;
        if (step->settings.isolation == ISOLATION_NONE || !b->t->request.in_repository) {
            n->place = PLACE_REPO;
            continue;
        }
        struct company c = company_of(b, rows, words, i);
        if (tree_node_writes(b->t, n))
            n->place = one && !c.any ? PLACE_CLONE : PLACE_OWN;
        else
            n->place = c.writer ? PLACE_OWN : PLACE_SHARED;
    }
}

static struct node *outlined_node(struct builder *b, const struct outline_agent *a)
{
    return &b->w->nodes.at[b->first + b->graph->first[a->unit] + a->step];
}

/* The agents of a node stand together, in the order of the outline. */
static void add_agents(struct builder *b, const struct outline *outline)
{
    struct work *w = b->w;
    uint32_t at = (uint32_t)w->agents.count;

    for (size_t i = 0; i < outline->wave_count; i++)
        for (size_t k = 0; k < outline->waves[i].agent_count; k++) {
            const struct outline_agent *a = &outline->waves[i].agents[k];
            struct node *n = outlined_node(b, a);
            n->uncounted = a->items == FAN_UNKNOWN;
            n->wave = (uint32_t)i + 1;
            n->agent_count += !n->uncounted;
        }
    for (size_t i = b->first; i < w->nodes.count; i++) {
        w->nodes.at[i].first_agent = at;
        w->nodes.at[i].agents_left = w->nodes.at[i].agent_count;
        at += w->nodes.at[i].agent_count;
        w->nodes.at[i].agent_count = 0;
    }
    vector_reserve(&w->agents, at);
    w->agents.count = at;
    for (uint32_t i = 0; i < outline->wave_count; i++)
        for (size_t k = 0; k < outline->waves[i].agent_count; k++) {
            const struct outline_agent *a = &outline->waves[i].agents[k];
            struct node *n = outlined_node(b, a);
            if (n->uncounted)
                continue;
            w->agents.at[n->first_agent + n->agent_count] =
                (struct agent){.node = (uint32_t)(n - w->nodes.at),
                               .ordinal = n->agent_count,
                               .item_first = (uint32_t)a->first,
                               .item_count = (uint32_t)a->items,
                               .wave = i + 1,
                               .place = n->place,
                               .job = JOB_NONE,
                               .start_commit = ""};
            n->agent_count++;
        }
    w->waves = (uint32_t)outline->wave_count;
    b->t->agents_total += (uint32_t)outline->agent_count;
}

static struct work *work_of(struct tree *t, uint32_t orch)
{
    struct orch *o = &t->orchs.at[orch];

    if (!o->work)
        o->work = MEM_NEW(struct work);
    return o->work;
}

static void take_items(struct builder *b)
{
    for (size_t i = 0; i < b->graph->real; i++) {
        struct node *n = &b->w->nodes.at[b->first + i];
        const struct plan_fan *fan = &node_step(b->t, n)->for_each;
        if (fan->kind == FAN_LIST)
            n->items = fan->items;
    }
}

static void count_levels(struct work *w)
{
    while (w->unsettled.count <= w->levels)
        vector_push(&w->unsettled, 0);
    for (size_t i = 0; i < w->nodes.count; i++)
        if (w->nodes.at[i].step != STEP_BARRIER)
            w->unsettled.at[w->nodes.at[i].level] +=
                w->nodes.at[i].agent_count + w->nodes.at[i].uncounted;
}

void work_build(struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];
    const struct fan_known known = {.subtasks = t->expanded};
    AUTO_ARENA scratch = {0};
    AUTO_WORK graph;
    struct outline outline;
    struct outline_options options = {.agents = t->settings.slots_asked,
                                      .estimate = request_estimates(&t->request, &known)};
    struct builder b = {.t = t, .graph = &graph, .unit_first = o->unit_first};

    if (o->kind == ORCH_ROOT) {
        work_graph_root(t->plan, &known, &graph);
        outline_build_root(t->plan, &options, &scratch, &outline);
    } else {
        size_t subtask = t->units.at[o->unit_first].subtask;
        work_graph_child(t->plan, subtask, &graph);
        outline_build(t->plan, subtask, &options, &scratch, &outline);
    }
    b.w = work_of(t, orch);
    b.first = (uint32_t)b.w->nodes.count;
    add_nodes(&b);
    weigh(&b, &options.estimate);
    choose_places(&b);
    take_items(&b);
    add_agents(&b, &outline);
    count_levels(b.w);
    if (b.w->pool)
        pool_free(b.w->pool);
    b.w->pool = pool_new(outline.pool);
    for (uint32_t i = b.first; i < b.w->nodes.count; i++)
        if (!b.w->nodes.at[i].unmet)
            vector_push(&b.w->released, i);
}

void work_add_research(struct tree *t)
{
    struct work *w = work_of(t, 0);
    const struct plan *plan = t->request.plan;

    for (uint32_t i = 0; i < plan->research_count; i++) {
        const struct plan_step *step = &plan->research[i];
        bool in_place = step->settings.isolation == ISOLATION_NONE || !t->request.in_repository;
        uint8_t place = in_place ? PLACE_REPO : PLACE_SNAPSHOT;
        struct node n = {.unit = UNIT_NONE,
                         .step = i,
                         .batch = 1,
                         .place = place,
                         .first_agent = (uint32_t)w->agents.count,
                         .agent_count = step->count,
                         .agents_left = step->count};
        for (uint32_t k = 0; k < step->count; k++)
            vector_push(
                &w->agents,
                (struct agent){
                    .node = i, .ordinal = k, .place = place, .job = JOB_NONE, .start_commit = ""});
        vector_push(&w->nodes, n);
        vector_push(&w->released, i);
        w->nodes_left++;
    }
    t->agents_total += (uint32_t)w->agents.count;
    count_levels(w);
    w->pool = pool_new((unsigned)w->agents.count);
}
