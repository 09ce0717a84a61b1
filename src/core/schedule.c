/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schedule.h"

#include "core/heap.h"

#include <string.h>

struct simulation {
    const struct schedule_task *tasks;
    const struct graph *graph;
    enum plan_schedule schedule;
    size_t free_slots;
    double now;
    double *end;        /* [task], once it has started */
    size_t *needs;      /* [task]: predecessors that have not ended */
    size_t *level_left; /* [level]: tasks that have not ended */
    unsigned open;      /* barriers of this level and those below are open */
    unsigned levels;
    size_t *held;        /* [level]: list of tasks that only wait for their barrier */
    size_t *held_next;   /* [task] */
    struct heap ready;   /* by longest remaining path */
    struct heap running; /* by end */
};

static bool starts_before(const void *context, size_t a, size_t b)
{
    const struct schedule_task *tasks = context;

    if (tasks[a].tail != tasks[b].tail)
        return tasks[a].tail > tasks[b].tail;
    return a < b;
}

static bool ends_before(const void *context, size_t a, size_t b)
{
    const double *end = context;

    return end[a] != end[b] ? end[a] < end[b] : a < b;
}

static bool has_barrier(const struct simulation *s, size_t task)
{
    if (s->schedule == SCHEDULE_DEFAULT)
        return s->tasks[task].barrier;
    return s->schedule == SCHEDULE_WAVE;
}

/* All that the task needs has ended. */
static void release(struct simulation *s, size_t task)
{
    unsigned level = s->tasks[task].level;

    if (has_barrier(s, task) && level > s->open) {
        s->held_next[task] = s->held[level];
        s->held[level] = task;
    } else {
        heap_push(&s->ready, task);
    }
}

/* Opens the barriers behind which nothing is left. */
static void open_barriers(struct simulation *s)
{
    while (s->open < s->levels && s->level_left[s->open] == 0) {
        size_t task = s->held[++s->open];
        for (; task != GRAPH_NONE; task = s->held_next[task])
            heap_push(&s->ready, task);
    }
}

static void start_ready(struct simulation *s, double *ret_start)
{
    while (s->free_slots && !heap_empty(&s->ready)) {
        size_t task = heap_pop(&s->ready);
        s->end[task] = s->now + s->tasks[task].minutes;
        if (ret_start)
            ret_start[task] = s->now;
        heap_push(&s->running, task);
        s->free_slots--;
    }
}

/* Ends every task that ends next, at the same moment. */
static void end_next(struct simulation *s)
{
    s->now = s->end[heap_top(&s->running)];
    while (!heap_empty(&s->running) && s->end[heap_top(&s->running)] <= s->now) {
        size_t task = heap_pop(&s->running);
        s->free_slots++;
        s->level_left[s->tasks[task].level]--;
        graph_each (s->graph, task, edge)
            if (--s->needs[graph_to(s->graph, edge)] == 0)
                release(s, graph_to(s->graph, edge));
    }
    open_barriers(s);
}

static void simulation_init(struct simulation *s, size_t slots)
{
    size_t n = graph_size(s->graph);

    for (size_t i = 0; i < n; i++)
        if (s->tasks[i].level > s->levels)
            s->levels = s->tasks[i].level;
    s->free_slots = slots ? slots : n;
    s->end = mem_resize(NULL, n, sizeof *s->end);
    s->needs = mem_resize(NULL, n, sizeof *s->needs);
    s->held_next = mem_resize(NULL, n, sizeof *s->held_next);
    s->level_left = mem_zero((s->levels + 1) * sizeof *s->level_left);
    s->held = mem_resize(NULL, s->levels + 1, sizeof *s->held);
    s->ready = (struct heap){.before = starts_before, .context = s->tasks};
    s->running = (struct heap){.before = ends_before, .context = s->end};
    for (unsigned level = 0; level <= s->levels; level++)
        s->held[level] = GRAPH_NONE;
    for (size_t i = 0; i < n; i++) {
        s->needs[i] = graph_needs(s->graph, i);
        s->level_left[s->tasks[i].level]++;
    }
}

static void simulation_fini(struct simulation *s)
{
    free(s->end);
    free(s->needs);
    free(s->held_next);
    free(s->level_left);
    free(s->held);
    heap_free(&s->ready);
    heap_free(&s->running);
}

void schedule_run(const struct schedule_task *tasks, const struct graph *g, size_t slots,
                  enum plan_schedule schedule, struct schedule_result *ret)
{
    struct simulation s = {.tasks = tasks, .graph = g, .schedule = schedule};

    simulation_init(&s, slots);
    open_barriers(&s);
    for (size_t i = 0; i < graph_size(g); i++)
        if (!s.needs[i])
            release(&s, i);
    for (;;) {
        start_ready(&s, ret->start);
        if (heap_empty(&s.running))
            break;
        end_next(&s);
    }
    ret->makespan = s.now;
    simulation_fini(&s);
}

void schedule_weigh(struct schedule_task *tasks, const struct graph *g)
{
    size_t n = graph_size(g);
    AUTO_FREE double *weight = mem_resize(NULL, n, sizeof *weight);
    AUTO_FREE double *tail = mem_resize(NULL, n, sizeof *tail);
    AUTO_FREE unsigned *level = mem_resize(NULL, n, sizeof *level);

    for (size_t i = 0; i < n; i++)
        weight[i] = tasks[i].minutes;
    graph_tails(g, weight, tail);
    graph_levels(g, level);
    for (size_t i = 0; i < n; i++) {
        tasks[i].tail = tail[i];
        if (!tasks[i].level)
            tasks[i].level = level[i];
    }
}

double schedule_bound(const struct schedule_task *tasks, const struct graph *g, size_t slots)
{
    double longest = 0;
    double work = 0;

    for (size_t i = 0; i < graph_size(g); i++) {
        work += tasks[i].minutes;
        if (tasks[i].tail > longest)
            longest = tasks[i].tail;
    }
    return slots && work / (double)slots > longest ? work / (double)slots : longest;
}

void schedule_replay(const struct schedule_task *tasks, const struct graph *g, size_t slots,
                     struct schedule_replay *ret)
{
    struct schedule_result wave = {0};
    struct schedule_result flow = {0};

    schedule_run(tasks, g, slots, SCHEDULE_WAVE, &wave);
    schedule_run(tasks, g, slots, SCHEDULE_FLOW, &flow);
    ret->wave = wave.makespan;
    ret->flow = flow.makespan;
    ret->loss = flow.makespan > 0 ? wave.makespan / flow.makespan : 1;
    ret->bound = schedule_bound(tasks, g, slots);
}
