/* SPDX-License-Identifier: Apache-2.0 */
#include "core/estimate.h"

#include "make.h"

#include <criterion/criterion.h>

static const struct estimate_options none = {0};

static void expect_minutes(double found, double expected, const char *what)
{
    cr_expect_float_eq(found, expected, 1e-9, "%s: %.9g, not %.9g", what, found, expected);
}

/* The figures that must come out, to the printed digit. */
Test(estimate, six_children_take_as_long_as_the_longest)
{
    static const double minutes[] = {15, 15, 15, 10, 20, 12};
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 6);
    struct estimate e;

    for (size_t i = 0; i < 6; i++) {
        make_waves(&arena, &plan->subtasks[i], "A | B | C");
        plan->subtasks[i].minutes = minutes[i];
    }
    estimate_plan(plan, &none, &e);
    cr_expect_eq(e.meta_minutes, 20);
    cr_expect_eq(e.waves_minutes, 87);
    cr_expect_eq(e.children, 6);
    cr_expect_eq(e.agents, 18);
}

Test(estimate, six_waves_of_one_orchestrator_take_45)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct estimate e;

    make_waves(&arena, &plan->subtasks[0], "A:5 | B:5 | C:5 | D:10 | E:10 | F:10");
    estimate_plan(plan, &none, &e);
    cr_expect_eq(e.waves_minutes, 45);
    cr_expect_eq(estimate_speedup(e.waves_minutes, 20), 2.25);
}

Test(estimate, seven_bugs_are_seven_times_as_fast)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 7);
    struct estimate e;

    for (size_t i = 0; i < 7; i++) {
        make_waves(&arena, &plan->subtasks[i], "Analyst | Fixer | Tester");
        plan->subtasks[i].minutes = 15;
    }
    estimate_plan(plan, &none, &e);
    cr_expect_eq(e.sequential_minutes, 105);
    cr_expect_eq(e.waves_minutes, 105);
    cr_expect_eq(e.meta_minutes, 15);
    cr_expect_eq(e.speedup, 7);
}

Test(estimate, a_hundred_services_are_a_hundred_times_as_fast)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    const char *names[100];
    struct estimate e;

    make_waves(&arena, &plan->subtasks[0], "backup deploy | verify | report | check");
    plan->subtasks[0].minutes = 10;
    for (size_t i = 0; i < 100; i++)
        names[i] = arena_format(&arena, "service-%zu", i);
    plan->subtasks[0].for_each = (struct plan_fan){.kind = FAN_LIST, .items = {names, 100}};
    estimate_plan(plan, &none, &e);
    cr_expect_eq(e.children, 100);
    cr_expect_eq(e.waves_minutes, 1000);
    cr_expect_eq(e.meta_minutes, 10);
    cr_expect_eq(e.speedup, 100);
}

/* waves, the subtask's minutes, then the minutes of each step. */
static const struct {
    const char *waves;
    double minutes, expected[4], path;
} shares[] = {
    {"Writer", 0, {5}, 5},
    {"make", 0, {1}, 1},
    {"Writer:7", 0, {7}, 7},
    {"A:5 | B", 15, {5, 10}, 15},
    {"A:5*3 | B | C", 15, {5, 5, 5}, 15},
    {"A:20 | B", 15, {20, 7.5}, 15},
    {"A | B:5 C | D", 15, {5, 5, 5, 5}, 15},
    {"A:1 | B:2", 15, {1, 2}, 15},
    {"A:1 B:3 | C:2", 0, {1, 3, 2}, 5},
    {"A:2.5 | b", 0, {2.5, 1}, 3.5},
};

Test(estimate, agents_share_what_their_subtask_has)
{
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        AUTO_ARENA arena = {0};
        struct plan *plan = make_plan(&arena, 1);
        struct step_estimate steps[4];
        make_waves(&arena, &plan->subtasks[0], shares[i].waves);
        plan->subtasks[0].minutes = shares[i].minutes;
        estimate_steps(plan, 0, &none, steps);
        for (size_t k = 0; k < plan->subtasks[0].step_count; k++)
            expect_minutes(steps[k].minutes, shares[i].expected[k], shares[i].waves);
        expect_minutes(estimate_subtask(plan, 0, &none), shares[i].path, shares[i].waves);
    }
}

Test(estimate, a_path_of_steps_is_not_the_sum_of_levels)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);

    make_steps(&arena, &plan->subtasks[0], "A:10 B:1 C:1<A D:10<B");
    expect_minutes(estimate_subtask(plan, 0, &none), 11, "the longest path");
}

Test(estimate, history_comes_before_the_defaults)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct history history = {0};
    struct step_estimate steps[3];
    struct estimate_options options = {.history = &history};

    history_note(&history, &arena, "Fixer", WORK_MODEL, 8);
    history_note(&history, &arena, "test", WORK_COMMAND, 3);
    make_waves(&arena, &plan->subtasks[0], "Fixer:2 | Fixer | test");
    estimate_steps(plan, 0, &options, steps);
    expect_minutes(steps[0].minutes, 2, "written");
    expect_minutes(steps[1].minutes, 8, "history of a prompt");
    expect_minutes(steps[2].minutes, 3, "history of a command");
}

Test(estimate, a_measured_overhead_makes_batches_larger)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct history history = {.overhead_s = 60};
    struct estimate_options options = {.history = &history};
    struct step_estimate step;

    make_waves(&arena, &plan->subtasks[0], "Writer:1");
    plan->subtasks[0].steps[0].for_each = make_list(&arena, "a b c d", 0);
    estimate_steps(plan, 0, &options, &step);
    cr_expect_eq(step.agents, 2);
}

Test(estimate, count_multiplies_agents)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct estimate e;

    make_waves(&arena, &plan->subtasks[0], "Locator:5*10 | Fixer:2");
    estimate_plan(plan, &none, &e);
    expect_minutes(e.sequential_minutes, 52, "sequential");
    expect_minutes(e.waves_minutes, 7, "waves");
    cr_expect_eq(e.agents, 11);
}

static const struct {
    const char *name, *items;
    unsigned batch, count;
    double minutes;     /* of the step; 0: not written */
    double of_subtask;  /* 0: not written */
    size_t agents, per; /* expected */
    double longest, total;
} fans[] = {
    {"a written batch", "a b c d e", 2, 1, 3, 0, 3, 2, 6, 15},
    {"a batch wider than the list", "a b", 9, 1, 3, 0, 1, 2, 6, 6},
    {"an empty list with a batch", "", 9, 1, 3, 0, 0, 1, 0, 0},
    {"an empty list", "", 0, 1, 3, 0, 0, 1, 0, 0},
    {"automatic: one each", "a b c d e", 0, 1, 3, 0, 5, 1, 3, 15},
    {"automatic, a number asked for", "a b c d e", 0, 2, 3, 0, 2, 3, 9, 15},
    {"a share of the subtask", "a b c d", 2, 1, 0, 8, 2, 2, 8, 16},
    {"a share of nobody", "", 2, 1, 0, 8, 0, 1, 0, 0},
};

Test(estimate, fan_outs_are_dealt_to_agents)
{
    for (size_t i = 0; i < COUNT_OF(fans); i++) {
        AUTO_ARENA arena = {0};
        struct plan *plan = make_plan(&arena, 1);
        struct step_estimate step;
        make_waves(&arena, &plan->subtasks[0], "Writer");
        plan->subtasks[0].minutes = fans[i].of_subtask;
        plan->subtasks[0].steps[0].minutes = fans[i].minutes;
        plan->subtasks[0].steps[0].count = fans[i].count;
        plan->subtasks[0].steps[0].for_each = make_list(&arena, fans[i].items, fans[i].batch);
        estimate_steps(plan, 0, &none, &step);
        cr_expect_eq(step.agents, fans[i].agents, "%s: %zu", fans[i].name, step.agents);
        cr_expect_eq(step.batch, fans[i].per, "%s: %zu", fans[i].name, step.batch);
        expect_minutes(step.minutes, fans[i].longest, fans[i].name);
        expect_minutes(step.total, fans[i].total, fans[i].name);
    }
}

Test(estimate, what_is_not_known_counts_once)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct estimate e;

    make_waves(&arena, &plan->subtasks[0], "A:4");
    estimate_plan(plan, &none, &e);
    cr_expect_not(e.unknown);
    plan->subtasks[0].steps[0].for_each = (struct plan_fan){.kind = FAN_GLOB, .source = "*"};
    estimate_plan(plan, &none, &e);
    cr_expect(e.unknown);
    expect_minutes(e.sequential_minutes, 4, "one agent");
    make_waves(&arena, &plan->subtasks[0], "A:4 B:4");
    plan->subtasks[0].steps[0].for_each = (struct plan_fan){.kind = FAN_GLOB, .source = "*"};
    estimate_plan(plan, &none, &e);
    cr_expect(e.unknown && e.agents == 2);
    plan->subtasks[0].step_count = 1;
    plan->subtasks[0].steps[0].for_each = (struct plan_fan){0};
    plan->subtasks[0].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    estimate_plan(plan, &none, &e);
    cr_expect(e.unknown);
    cr_expect_eq(e.children, 1);
}

Test(estimate, nothing_to_do_takes_no_time)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct estimate e;

    estimate_plan(make_plan(&arena, 0), &none, &e);
    cr_expect_eq(e.meta_minutes, 0);
    cr_expect_eq(e.speedup, 1);
    make_waves(&arena, &plan->subtasks[0], "A");
    plan->subtasks[0].for_each = make_list(&arena, "", 0);
    estimate_plan(plan, &none, &e);
    cr_expect_eq(e.children, 0);
    cr_expect_eq(e.meta_minutes, 0);
    plan->subtasks[0] = make_plan(&arena, 1)->subtasks[0];
    plan->subtasks[0].minutes = 5;
    estimate_plan(plan, &none, &e);
    expect_minutes(e.meta_minutes, 5, "a subtask without steps has what is written");
    expect_minutes(e.waves_minutes, 0, "and no waves");
}

Test(estimate, coordination_is_for_each_child)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);
    struct estimate_options options = {.coordination_minutes = 0.5};
    struct estimate e;

    make_waves(&arena, &plan->subtasks[0], "A");
    make_waves(&arena, &plan->subtasks[1], "A");
    estimate_plan(plan, &options, &e);
    expect_minutes(e.meta_minutes, 6, "5 and two halves");
}

Test(estimate, figures_are_rounded_so_that_they_agree)
{
    expect_minutes(estimate_round(15.00499), 15, "down");
    expect_minutes(estimate_round(15.006), 15.01, "up");
    expect_minutes(estimate_speedup(100.001, 9.999), 10, "a quotient of rounded figures");
}
