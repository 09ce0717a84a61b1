/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schedule.h"

#include "base/memory.h"
#include "make.h"

#include <criterion/criterion.h>
#include <math.h>

/*  0 (4) -> 2 (1)
 *  1 (1) -> 3 (5)  */
static struct graph *two_chains(struct schedule_task tasks[4])
{
    static const double minutes[] = {4, 1, 1, 5};
    struct graph *g = graph_new(4);

    graph_add(g, 0, 2);
    graph_add(g, 1, 3);
    for (size_t i = 0; i < 4; i++)
        tasks[i] = (struct schedule_task){.minutes = minutes[i]};
    schedule_weigh(tasks, g);
    return g;
}

Test(schedule, weighs_tasks)
{
    struct schedule_task tasks[4];
    AUTO_GRAPH *g = two_chains(tasks);

    cr_assert_eq(tasks[0].tail, 5);
    cr_assert_eq(tasks[1].tail, 6);
    cr_assert_eq(tasks[3].level, 2);
    tasks[3].level = 7;
    schedule_weigh(tasks, g);
    cr_assert_eq(tasks[3].level, 7, "a level that is given stays");
}

static const struct {
    const char *name;
    size_t slots;
    enum plan_schedule schedule;
    double makespan, start[4];
} runs[] = {
    {"flow releases one by one", 0, SCHEDULE_FLOW, 6, {0, 0, 4, 1}},
    {"a barrier waits for the slowest", 0, SCHEDULE_WAVE, 9, {0, 0, 4, 4}},
    {"one slot: longest remaining path first, then index", 1, SCHEDULE_FLOW, 11, {1, 0, 10, 5}},
    {"one slot, waves", 1, SCHEDULE_WAVE, 11, {1, 0, 10, 5}},
    {"two slots", 2, SCHEDULE_FLOW, 6, {0, 0, 4, 1}},
    {"as each task says: none has a barrier", 0, SCHEDULE_DEFAULT, 6, {0, 0, 4, 1}},
};

Test(schedule, starts_what_is_due)
{
    struct schedule_task tasks[4];
    AUTO_GRAPH *g = two_chains(tasks);

    for (size_t i = 0; i < COUNT_OF(runs); i++) {
        double start[4];
        struct schedule_result result = {.start = start};
        schedule_run(tasks, g, runs[i].slots, runs[i].schedule, &result);
        cr_expect_eq(result.makespan, runs[i].makespan, "%s: %g", runs[i].name, result.makespan);
        for (size_t k = 0; k < 4; k++)
            cr_expect_eq(start[k], runs[i].start[k], "%s: task %zu at %g", runs[i].name, k,
                         start[k]);
    }
}

Test(schedule, one_task_alone_can_have_a_barrier)
{
    struct schedule_task tasks[4];
    AUTO_GRAPH *g = two_chains(tasks);
    double start[4];
    struct schedule_result result = {.start = start};

    tasks[3].barrier = true;
    schedule_run(tasks, g, 0, SCHEDULE_DEFAULT, &result);
    cr_assert_eq(start[3], 4);
    cr_assert_eq(start[2], 4);
    tasks[3].barrier = false;
    tasks[2].barrier = true;
    schedule_run(tasks, g, 0, SCHEDULE_DEFAULT, &result);
    cr_assert_eq(start[3], 1);
}

Test(schedule, levels_may_have_gaps)
{
    struct schedule_task tasks[4];
    AUTO_GRAPH *g = two_chains(tasks);
    struct schedule_result result = {0};

    tasks[2].level = 5;
    tasks[3].level = 9;
    schedule_run(tasks, g, 0, SCHEDULE_WAVE, &result);
    cr_assert_eq(result.makespan, 10);
}

Test(schedule, nothing_takes_no_time)
{
    AUTO_GRAPH *g = graph_new(0);
    struct schedule_result result = {.makespan = 7};
    struct schedule_replay replay;

    schedule_run(NULL, g, 0, SCHEDULE_FLOW, &result);
    cr_assert_eq(result.makespan, 0);
    schedule_replay(NULL, g, 0, &replay);
    cr_assert_eq(replay.loss, 1);
    cr_assert_eq(replay.bound, 0);
}

Test(schedule, a_replay_says_what_the_barrier_costs)
{
    struct schedule_task tasks[4];
    AUTO_GRAPH *g = two_chains(tasks);
    struct schedule_replay replay;

    schedule_replay(tasks, g, 0, &replay);
    cr_assert_eq(replay.wave, 9);
    cr_assert_eq(replay.flow, 6);
    cr_assert_eq(replay.loss, 1.5);
    cr_assert_eq(replay.bound, 6);
    schedule_replay(tasks, g, 1, &replay);
    cr_assert_eq(replay.bound, 11);
}

/* Tries every order in which tasks can be started whenever something ends. */
struct oracle {
    const struct schedule_task *tasks;
    const struct graph *graph;
    size_t n, slots;
    bool waves;
    double best;
};

static bool may_start(const struct oracle *o, const double *end, size_t task, double now)
{
    for (size_t i = 0; i < o->n; i++) {
        bool before = o->waves && o->tasks[i].level < o->tasks[task].level;
        graph_each (o->graph, i, edge) {
            before = before || graph_to(o->graph, edge) == task;
        }
        if (before && !(end[i] <= now))
            return false;
    }
    return true;
}

static void try_all(struct oracle *o, const double *end, double now)
{
    double next = INFINITY;
    double last = 0;
    size_t running = 0;
    size_t waiting = 0;

    for (size_t i = 0; i < o->n; i++) {
        waiting += isinf(end[i]);
        running += !isinf(end[i]) && end[i] > now;
        if (end[i] > now && end[i] < next)
            next = end[i];
        if (!isinf(end[i]) && end[i] > last)
            last = end[i];
    }
    if (!waiting && last < o->best)
        o->best = last;
    for (size_t i = 0; i < o->n && running < o->slots; i++) {
        double after[6];
        if (!isinf(end[i]) || !may_start(o, end, i, now))
            continue;
        for (size_t k = 0; k < o->n; k++)
            after[k] = end[k];
        after[i] = now + o->tasks[i].minutes;
        try_all(o, after, now);
    }
    if (waiting && !isinf(next))
        try_all(o, end, next);
}

Test(schedule, keeps_within_grahams_bound_of_the_best, .timeout = 60)
{
    struct random r = {.state = 11};

    for (int run = 0; run < 120; run++) {
        size_t n = 2 + random_below(&r, 4);
        AUTO_GRAPH *g = graph_new(n);
        struct schedule_task tasks[6] = {{0}};
        double end[6], start[6];
        struct schedule_result result = {.start = start};
        for (size_t i = 0; i < n; i++) {
            tasks[i].minutes = 1 + (double)random_below(&r, 9);
            end[i] = INFINITY;
            for (size_t k = 0; k < i; k++)
                if (random_below(&r, 3) == 0)
                    graph_add(g, k, i);
        }
        schedule_weigh(tasks, g);
        struct oracle o = {.tasks = tasks,
                           .graph = g,
                           .n = n,
                           .best = INFINITY,
                           .slots = 1 + random_below(&r, 3),
                           .waves = random_below(&r, 2)};
        try_all(&o, end, 0);
        schedule_run(tasks, g, o.slots, o.waves ? SCHEDULE_WAVE : SCHEDULE_FLOW, &result);
        cr_expect_geq(result.makespan, o.best, "run %d: nothing beats the best", run);
        if (!o.waves)
            cr_expect_leq(result.makespan, o.best * (2 - 1.0 / (double)o.slots) + 1e-9);
        cr_expect_leq(schedule_bound(tasks, g, o.slots), o.best);
        /* What it did is a schedule: the oracle's own rules hold at each start. */
        for (size_t i = 0; i < n; i++)
            end[i] = start[i] + tasks[i].minutes;
        for (size_t i = 0; i < n; i++)
            cr_expect(may_start(&o, end, i, start[i]), "run %d: task %zu", run, i);
    }
}

Test(schedule, a_hundred_thousand_tasks_are_no_trouble, .timeout = 20)
{
    enum { N = 100000 };
    AUTO_GRAPH *g = graph_new(N);
    AUTO_FREE struct schedule_task *tasks = mem_zero(N * sizeof *tasks);
    struct schedule_replay replay;

    for (size_t i = 0; i < N; i++) {
        tasks[i].minutes = 1;
        if (i >= 1000)
            graph_add(g, i - 1000, i);
    }
    schedule_weigh(tasks, g);
    schedule_replay(tasks, g, 500, &replay);
    cr_assert_eq(replay.flow, 200);
    cr_assert_eq(replay.bound, 200);
}
