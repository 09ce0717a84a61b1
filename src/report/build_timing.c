/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times. The agents of a run form one graph: each node of an orchestrator's work is a gate, its
 * agents, and a gate behind them, so that the edges grow with the agents and not with the product
 * of two waves. Gates take no time.
 */
#include "report/build_priv.h"

#include "base/vector.h"
#include "core/graph.h"
#include "core/schedule.h"

#include <math.h>

struct link {
    size_t from, to;
};

struct timeline {
    const struct build *b;
    VECTOR(struct timed_agent) agents;  /* agents and gates */
    VECTOR(struct schedule_task) tasks; /* same index */
    VECTOR(struct link) links;
};

static size_t add(struct timeline *l, struct timed_agent agent, unsigned level)
{
    vector_push(&l->agents, agent);
    vector_push(&l->tasks,
                (struct schedule_task){.minutes = (double)agent.busy_ms / 60000, .level = level});
    return l->agents.count - 1;
}

static size_t add_gate(struct timeline *l, unsigned level)
{
    return add(l, (struct timed_agent){0}, level);
}

static size_t add_agent(struct timeline *l, const struct agent *a, unsigned level)
{
    struct timed_agent timed = {0};

    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        if (!x->started_ms)
            continue;
        timed.last_ms = build_attempt_ms(l->b, x);
        timed.busy_ms += timed.last_ms;
        timed.ended_ms = x->started_ms + timed.last_ms;
        if (!timed.started_ms)
            timed.started_ms = x->started_ms;
    }
    return add(l, timed, level);
}

static void connect(struct timeline *l, size_t from, size_t to)
{
    vector_push(&l->links, (struct link){from, to});
}

static void add_node(struct timeline *l, const struct work *w, const struct node *n, size_t in,
                     size_t out)
{
    connect(l, in, out); /* barriers have no agents */
    for (uint32_t i = 0; i < n->agent_count; i++) {
        size_t at = add_agent(l, &w->agents.at[n->first_agent + i], n->level);
        connect(l, in, at);
        connect(l, at, out);
    }
}

/* Adds the research nodes of an orchestrator, or all others, behind `before` (GRAPH_NONE: nothing).
 * Returns a gate behind all of them. */
static size_t add_work(struct timeline *l, const struct work *w, bool research, size_t before)
{
    size_t first = l->agents.count, end;

    for (size_t i = 0; i < w->nodes.count; i++) {
        (void)add_gate(l, w->nodes.at[i].level); /* in; their places follow from `first` */
        (void)add_gate(l, w->nodes.at[i].level); /* out */
    }
    end = add_gate(l, w->levels);
    for (size_t i = 0; i < w->nodes.count; i++) {
        const struct node *n = &w->nodes.at[i];
        size_t in = first + 2 * i, out = in + 1;
        if ((n->unit == UNIT_NONE) != research)
            continue;
        if (before != GRAPH_NONE)
            connect(l, before, in);
        connect(l, out, end);
        add_node(l, w, n, in, out);
        for (uint32_t e = 0; e < n->out_count; e++)
            connect(l, out, first + 2 * w->edges.at[n->first_out + e].to);
    }
    return end;
}

static struct graph *make_graph(const struct timeline *l)
{
    struct graph *g = graph_new(l->agents.count);

    for (size_t i = 0; i < l->links.count; i++)
        (void)graph_add(g, l->links.at[i].from, l->links.at[i].to); /* its number is of no use */
    return g;
}

static void timeline_free(struct timeline *l)
{
    vector_free(&l->agents);
    vector_free(&l->tasks);
    vector_free(&l->links);
}

static void put_timing(struct build *b, const struct timing *m)
{
    json_t *timing = json_object();

    put_rounded(timing, "makespan_s", m->makespan_s);
    put_rounded(timing, "busy_s", m->busy_s);
    put_rounded(timing, "sequential_s", m->sequential_s);
    put_rounded(timing, "critical_path_s", m->critical_path_s);
    put_rounded(timing, "speedup", m->speedup);
    put_rounded(timing, "efficiency", m->efficiency);
    put_rounded(timing, "overhead_s", m->overhead_s);
    json_object_set_new(b->report, "timing", timing);
}

static void measure(struct build *b)
{
    const struct tree *t = b->t;
    struct timeline l = {.b = b};
    struct timing timing;
    size_t research = GRAPH_NONE;

    if (t->orchs.count && t->orchs.at[0].work)
        research = add_work(&l, t->orchs.at[0].work, true, GRAPH_NONE);
    for (size_t i = 0; i < t->orchs.count; i++)
        if (t->orchs.at[i].work)
            (void)add_work(&l, t->orchs.at[i].work, false, research);
    struct graph *g = make_graph(&l);
    timing_compute(&(struct timing_input){.agents = l.agents.at,
                                          .count = l.agents.count,
                                          .needs = g,
                                          .started_ms = t->started_ms,
                                          .ended_ms = b->now_ms,
                                          .idle_ms = t->idle_ms,
                                          .slots = t->settings.slots},
                   &timing);
    graph_free(g);
    timeline_free(&l);
    put_timing(b, &timing);
}

/* Replays one orchestrator's waves with the measured durations and as many slots as it wants. */
static void replay_orch(const struct build *b, const struct work *w, struct schedule_replay *ret)
{
    struct timeline l = {.b = b};

    (void)add_work(&l, w, false, GRAPH_NONE);
    struct graph *g = make_graph(&l);
    schedule_weigh(l.tasks.at, g);
    schedule_replay(l.tasks.at, g, 0, ret);
    graph_free(g);
    timeline_free(&l);
}

/*
 * What barriers between waves cost, or would have cost: each orchestrator's waves replayed with the
 * durations that were measured, once with a barrier after each wave and once without. Children run
 * side by side, so the longest counts.
 */
static void replay(struct build *b)
{
    json_t *replayed = json_object();
    double wave = 0, flow = 0;

    for (size_t i = 0; i < b->t->orchs.count; i++) {
        struct schedule_replay one;
        if (!b->t->orchs.at[i].work)
            continue;
        replay_orch(b, b->t->orchs.at[i].work, &one);
        wave = fmax(wave, one.wave);
        flow = fmax(flow, one.flow);
    }
    put_rounded(replayed, "with_barriers_s", wave * 60);
    put_rounded(replayed, "without_barriers_s", flow * 60);
    put_rounded(replayed, "barrier_factor", flow > 0 ? wave / flow : 1);
    json_object_set_new(b->report, "replay", replayed);
}

void build_timing(struct build *b)
{
    measure(b);
    replay(b);
}
