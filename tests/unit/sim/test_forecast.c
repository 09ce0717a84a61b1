/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/forecast.h"

#include <criterion/criterion.h>
#include <math.h>

static struct arena arena;

/* `count` subtasks of three steps of `minutes` each, one after the other. */
static const struct plan *chains(size_t count, double minutes)
{
    struct plan *p = ARENA_NEW(&arena, struct plan);

    *p = (struct plan){.version = 1, .task = "mend", .file = "", .setup = ""};
    p->settings = (struct plan_settings){.agent = "command",
                                         .model = "",
                                         .base_url = "",
                                         .retries = RETRIES_DEFAULT,
                                         .stall_minutes = -1};
    p->research_given = true;
    p->subtask_count = count;
    p->subtasks = arena_array(&arena, count, sizeof *p->subtasks);
    for (size_t i = 0; i < count; i++) {
        struct plan_subtask *s = &p->subtasks[i];
        *s = (struct plan_subtask){.context = "", .mission = "", .setup = "", .wave_count = 3};
        s->id = s->title = arena_format(&arena, "bug%zu", i);
        s->settings = p->settings;
        s->for_each.source = "";
        s->waves = arena_array(&arena, 3, sizeof *s->waves);
        s->step_count = 3;
        s->steps = arena_array(&arena, 3, sizeof *s->steps);
        for (size_t k = 0; k < 3; k++) {
            size_t *needs = arena_array(&arena, 1, sizeof *needs);
            needs[0] = k - 1;
            s->waves[k].title = "";
            s->steps[k] = (struct plan_step){.id = arena_format(&arena, "step%zu", k),
                                             .title = "",
                                             .role = "Fixer",
                                             .prompt = "",
                                             .run = "true",
                                             .count = 1,
                                             .minutes = minutes,
                                             .needs = needs,
                                             .need_count = k > 0,
                                             .level = (unsigned)k + 1,
                                             .settings = p->settings};
            s->steps[k].for_each.source = "";
        }
    }
    return p;
}

static struct forecast_options options_for(const struct plan *plan, uint32_t slots)
{
    static struct run_request request;

    request = (struct run_request){.number = 1,
                                   .plan = plan,
                                   .planned = true,
                                   .in_repository = true,
                                   .head = "h",
                                   .branch = "main",
                                   .settings = {.slots = slots,
                                                .retry_min = 10,
                                                .min_subtasks = 2,
                                                .min_steps = 3,
                                                .min_minutes = 10,
                                                .min_speedup = 2}};
    return (struct forecast_options){.request = &request, .trials = 60, .spread = 0.001};
}

static void free_all(void)
{
    arena_free(&arena);
}

TestSuite(forecast, .fini = free_all);

Test(forecast, children_take_as_long_as_the_longest)
{
    struct forecast_options o = options_for(chains(7, 5), 0);
    struct forecast f;

    forecast_run(&o, &arena, &f);
    cr_expect(f.children);
    cr_expect_eq(f.part_count, 7);
    cr_expect(fabs(f.makespan_minutes.p50 - 15) < 0.2, "%f", f.makespan_minutes.p50);
    cr_expect_eq(f.slots.p50, 7);
    cr_expect_eq(f.attempts.p90, 21);
    cr_expect_eq(f.failures.p90, 0);
    cr_expect_eq(f.done, 1);
}

Test(forecast, slots_bound_what_runs)
{
    struct forecast_options o = options_for(chains(7, 5), 1);
    struct forecast f;

    forecast_run(&o, &arena, &f);
    cr_expect(fabs(f.makespan_minutes.p50 - 105) < 1, "%f", f.makespan_minutes.p50);
    cr_expect_eq(f.slots.p90, 1);
}

Test(forecast, spread_makes_the_longest_longer)
{
    struct forecast_options o = options_for(chains(20, 5), 0);
    struct forecast f;

    o.spread = 0.5;
    forecast_run(&o, &arena, &f);
    cr_expect(f.makespan_minutes.p10 > 17, "the longest of twenty: %f", f.makespan_minutes.p10);
    cr_expect(f.makespan_minutes.p10 < f.makespan_minutes.p50);
    cr_expect(f.makespan_minutes.p50 < f.makespan_minutes.p90);
    double last = 0;
    for (size_t i = 0; i < f.part_count; i++)
        last += f.parts[i].last;
    cr_expect(fabs(last - 1) < 1e-9, "one of them ends last in each trial");
}

Test(forecast, failures_are_counted)
{
    struct forecast_options o = options_for(chains(4, 5), 0);
    struct forecast f;

    o.failing = 1;
    forecast_run(&o, &arena, &f);
    cr_expect_eq(f.done, 0);
    cr_expect_eq(f.failures.p10, 4);
    o.failing = 0;
    o.flaky = 0.2;
    forecast_run(&o, &arena, &f);
    cr_expect(f.attempts.p90 > 12, "some are tried again");
    cr_expect(f.done > 0 && f.done < 1);
}

Test(forecast, the_same_seed_gives_the_same_forecast)
{
    struct forecast_options o = options_for(chains(5, 5), 3);
    struct forecast a, b;

    o.spread = 0.7;
    forecast_run(&o, &arena, &a);
    forecast_run(&o, &arena, &b);
    cr_expect_eq(a.makespan_minutes.p90, b.makespan_minutes.p90);
    o.seed = 1;
    forecast_run(&o, &arena, &b);
    cr_expect_neq(a.makespan_minutes.p90, b.makespan_minutes.p90);
}

Test(forecast, unknown_counts_are_said)
{
    struct plan *p = (struct plan *)chains(2, 5);
    struct forecast_options o = options_for(p, 0);
    struct forecast f;

    p->subtasks[0].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    forecast_run(&o, &arena, &f);
    cr_expect(f.unknown);
    cr_expect_eq(f.part_count, 2);
    const char *items[] = {"a", "b", "c"};
    struct strings rows[2] = {{.at = items, .count = 3}};
    o.known = &(struct fan_known){.subtasks = rows};
    forecast_run(&o, &arena, &f);
    cr_expect_not(f.unknown);
    cr_expect_eq(f.part_count, 4);
}
