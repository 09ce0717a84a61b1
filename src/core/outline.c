/* SPDX-License-Identifier: Apache-2.0 */
#include "core/outline.h"

#include "base/vector.h"
#include "core/pool.h"

#include <string.h>

/* Agents that stay together: one of `steps`, or all of an explicit wave. */
struct block {
    double tail;         /* longest remaining path, in minutes */
    size_t first, count; /* into the agents of the level */
};

struct drawing {
    const struct plan *plan;
    const struct outline_options *options;
    const struct work_graph *work;
    struct step_estimate **estimates; /* [subtask - base]; NULL until it is needed */
    size_t base, subtasks;            /* which subtasks this is about */
    double *tail;                     /* [node] */
    struct arena *arena;
    VECTOR(struct outline_agent) agents; /* of the level at hand */
    VECTOR(struct block) blocks;
    size_t open_unit; /* whose explicit wave the last block is; SIZE_MAX */
    VECTOR(struct outline_wave) waves;
    struct outline *ret;
};

static const struct step_estimate *estimate_of(struct drawing *d, const struct work_step *step)
{
    struct step_estimate **steps = &d->estimates[step->subtask - d->base];

    if (!*steps) {
        size_t count = d->plan->subtasks[step->subtask].step_count;
        *steps = mem_resize(NULL, count, sizeof **steps);
        estimate_steps(d->plan, step->subtask, &d->options->estimate, *steps);
    }
    return &(*steps)[step->step];
}

static void weigh(struct drawing *d)
{
    AUTO_FREE double *weight = mem_zero(d->work->count * sizeof *weight);

    for (size_t i = 0; i < d->work->real; i++)
        weight[i] = estimate_of(d, &d->work->steps[i])->minutes;
    graph_tails(d->work->graph, weight, d->tail);
}

/* Agents of one explicit wave of a unit share a block, all others have one of their own. */
static struct block *block_for(struct drawing *d, const struct work_step *work)
{
    bool together = d->plan->subtasks[work->subtask].explicit_waves;

    if (!together || d->open_unit != work->unit)
        vector_push(&d->blocks, (struct block){.first = d->agents.count});
    d->open_unit = together ? work->unit : SIZE_MAX;
    return &d->blocks.at[d->blocks.count - 1];
}

static void add_agent(struct drawing *d, size_t node, struct outline_agent agent)
{
    struct block *block = block_for(d, &d->work->steps[node]);

    block->count++;
    if (d->tail[node] > block->tail)
        block->tail = d->tail[node];
    vector_push(&d->agents, agent);
}

static void add_step(struct drawing *d, size_t node)
{
    const struct work_step *work = &d->work->steps[node];
    const struct plan_step *step = &d->plan->subtasks[work->subtask].steps[work->step];
    const struct step_estimate *estimate = estimate_of(d, work);
    bool unknown = estimate->items == FAN_UNKNOWN;

    for (size_t i = 0; i < estimate->agents; i++) {
        struct outline_agent agent = {
            .unit = work->unit, .subtask = work->subtask, .step = work->step, .role = step->role};
        if (step->for_each.kind == FAN_NONE) {
            agent.copy = (unsigned)i;
        } else if (unknown) {
            agent.items = FAN_UNKNOWN;
        } else {
            struct fan_range range =
                fan_range(estimate->items, estimate->agents, estimate->batch, i);
            agent.first = range.first;
            agent.items = range.count;
        }
        add_agent(d, node, agent);
    }
    d->ret->unknown = d->ret->unknown || unknown;
}

static int compare_blocks(const void *left, const void *right)
{
    const struct block *a = left;
    const struct block *b = right;

    if (a->tail != b->tail)
        return a->tail > b->tail ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static const char *title_of(const struct drawing *d, unsigned level)
{
    const struct plan_subtask *subtask = &d->plan->subtasks[d->work->steps[0].subtask];

    if (d->work->units != 1 || level > subtask->wave_count)
        return "";
    return subtask->waves[level - 1].title;
}

/* A wave of the agents of blocks[first..last). */
static void add_wave(struct drawing *d, unsigned level, size_t first, size_t last)
{
    struct outline_wave wave = {.level = level, .title = title_of(d, level)};
    size_t room = 0;

    for (size_t i = first; i < last; i++)
        room += d->blocks.at[i].count;
    wave.agents = arena_array(d->arena, room, sizeof *wave.agents);
    for (size_t i = first; i < last; i++) {
        const struct block *block = &d->blocks.at[i];
        memcpy(wave.agents + wave.agent_count, d->agents.at + block->first,
               block->count * sizeof *wave.agents);
        wave.agent_count += block->count;
    }
    vector_push(&d->waves, wave);
}

/* Makes waves of what was gathered for a level. */
static void divide_level(struct drawing *d, unsigned level)
{
    size_t limit = d->options->agents;
    size_t first = 0;
    size_t agents = 0;

    if (limit && d->agents.count > limit)
        qsort(d->blocks.at, d->blocks.count, sizeof *d->blocks.at, compare_blocks);
    else
        limit = d->agents.count;
    for (size_t i = 0; i < d->blocks.count; i++) {
        if (i > first && agents + d->blocks.at[i].count > limit) {
            add_wave(d, level, first, i);
            first = i;
            agents = 0;
        }
        agents += d->blocks.at[i].count;
    }
    add_wave(d, level, first, d->blocks.count);
    d->agents.count = d->blocks.count = 0;
}

/* The nodes of each level, in the order of the plan: nodes[start[l]..start[l + 1]). */
static void sort_nodes(const struct work_graph *work, size_t *nodes, size_t *start)
{
    for (size_t i = 0; i < work->real; i++)
        start[work->steps[i].level + 1]++;
    for (unsigned l = 1; l <= work->levels + 1; l++)
        start[l] += start[l - 1];
    for (size_t i = 0; i < work->real; i++)
        nodes[start[work->steps[i].level]++] = i;
    memmove(start + 1, start, (work->levels + 1) * sizeof *start);
    start[0] = 0;
}

static void draw_waves(struct drawing *d)
{
    const struct work_graph *work = d->work;
    AUTO_FREE size_t *nodes = mem_resize(NULL, work->real, sizeof *nodes);
    AUTO_FREE size_t *start = mem_zero((work->levels + 2) * sizeof *start);

    sort_nodes(work, nodes, start);
    for (unsigned level = 1; level <= work->levels; level++) {
        d->open_unit = SIZE_MAX;
        for (size_t i = start[level]; i < start[level + 1]; i++)
            add_step(d, nodes[i]);
        divide_level(d, level);
    }
}

/* Those whose role is there come first, so that nobody takes it from them. */
static void place_wave(struct pool *pool, struct outline_wave *wave)
{
    for (size_t i = 0; i < wave->agent_count; i++) {
        struct outline_agent *agent = &wave->agents[i];
        agent->instance = pool_take_same(pool, agent->role);
        agent->reused = agent->instance != 0;
    }
    for (size_t i = 0; i < wave->agent_count; i++)
        if (!wave->agents[i].instance)
            wave->agents[i].instance =
                pool_take(pool, wave->agents[i].role, &wave->agents[i].reused);
    for (size_t i = 0; i < wave->agent_count; i++)
        pool_release(pool, wave->agents[i].instance);
}

static void place(struct outline *outline)
{
    for (size_t i = 0; i < outline->wave_count; i++)
        if (outline->waves[i].agent_count > outline->pool)
            outline->pool = (unsigned)outline->waves[i].agent_count;
    struct pool *pool = pool_new(outline->pool);
    for (size_t i = 0; i < outline->wave_count; i++)
        place_wave(pool, &outline->waves[i]);
    outline->agent_count = pool_taken(pool);
    outline->reused = pool_reused(pool);
    if (outline->agent_count)
        outline->reuse = (double)outline->reused / (double)outline->agent_count;
    pool_free(pool);
}

static void draw(struct drawing *d)
{
    *d->ret = (struct outline){0};
    d->estimates = mem_zero(d->subtasks * sizeof *d->estimates);
    d->tail = mem_zero(d->work->count * sizeof *d->tail);
    weigh(d);
    draw_waves(d);
    d->ret->waves = arena_copy(d->arena, d->waves.at, d->waves.count * sizeof *d->waves.at);
    d->ret->wave_count = d->waves.count;
    place(d->ret);
    for (size_t i = 0; i < d->subtasks; i++)
        free(d->estimates[i]);
    free(d->estimates);
    free(d->tail);
    vector_free(&d->agents);
    vector_free(&d->blocks);
    vector_free(&d->waves);
}

void outline_build(const struct plan *plan, size_t subtask, const struct outline_options *options,
                   struct arena *arena, struct outline *ret)
{
    AUTO_WORK work;
    struct drawing d = {.plan = plan,
                        .options = options,
                        .work = &work,
                        .arena = arena,
                        .base = subtask,
                        .subtasks = 1,
                        .ret = ret};

    work_graph_child(plan, subtask, &work);
    draw(&d);
}

void outline_build_root(const struct plan *plan, const struct outline_options *options,
                        struct arena *arena, struct outline *ret)
{
    AUTO_WORK work;
    struct drawing d = {.plan = plan,
                        .options = options,
                        .work = &work,
                        .arena = arena,
                        .subtasks = plan->subtask_count,
                        .ret = ret};

    work_graph_root(plan, options->estimate.known, &work);
    draw(&d);
}
