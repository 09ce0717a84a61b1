/* SPDX-License-Identifier: Apache-2.0 */
#include "core/totals.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Test(totals, metrics_of_the_same_name_add_up)
{
    AUTO_ARENA arena = {0};
    struct metric_sums sums = {0};
    char name[] = "files";

    cr_assert(metric_sums_add(&sums, &arena, name, 3));
    strcpy(name, "lines");
    cr_assert(metric_sums_add(&sums, &arena, name, 10));
    cr_assert(metric_sums_add(&sums, &arena, "files", -1.5));
    cr_assert_eq(sums.count, 2);
    cr_assert_eq(*metric_sums_find(&sums, "files"), 1.5, "names are copied");
    cr_assert_null(metric_sums_find(&sums, "bytes"));
    cr_assert_null(metric_sums_find(&sums, "zebras"));
}

Test(totals, metrics_are_sorted)
{
    AUTO_ARENA arena = {0};
    struct metric_sums sums = {0};

    for (int i = 0; i < 100; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "m%02d", i * 37 % 100);
        metric_sums_add(&sums, &arena, name, i);
    }
    cr_assert_eq(sums.count, 100);
    for (size_t i = 1; i < sums.count; i++)
        cr_expect_lt(strcmp(sums.at[i - 1].name, sums.at[i].name), 0);
}

Test(totals, what_is_not_finite_is_left_out)
{
    AUTO_ARENA arena = {0};
    struct metric_sums sums = {0};

    cr_assert_not(metric_sums_add(&sums, &arena, "a", NAN));
    cr_assert_not(metric_sums_add(&sums, &arena, "a", INFINITY));
    cr_assert_eq(sums.count, 0);
    cr_assert(metric_sums_add(&sums, &arena, "a", DBL_MAX));
    cr_assert(metric_sums_add(&sums, &arena, "a", DBL_MAX));
    cr_assert_eq(*metric_sums_find(&sums, "a"), DBL_MAX);
}

Test(totals, metrics_of_agents_are_merged)
{
    AUTO_ARENA arena = {0};
    struct metric_sums sums = {0};
    const struct metric of_agent[] = {{"a", 1}, {"b", 2}, {"a", 4}};
    struct metrics from = {.at = of_agent, .count = 3};

    metric_sums_merge(&sums, &arena, &from);
    metric_sums_merge(&sums, &arena, &from);
    cr_assert_eq(*metric_sums_find(&sums, "a"), 10);
    cr_assert_eq(*metric_sums_find(&sums, "b"), 4);
}

Test(totals, timing_of_a_run)
{
    /*  0        10   20   30        40
     *  A (10) -> B (10, one of 5 lost before)   C (10) from 5
     *  and a pause from 35 on */
    static const struct timed_agent agents[] = {
        {1000, 11000, 10000, 10000},
        {11000, 31000, 15000, 10000},
        {6000, 16000, 10000, 10000},
        {32000, 36000, 4000, 4000},
    };
    struct graph *needs = graph_new(4);
    struct timing_input in = {
        .agents = agents, .count = 4, .needs = needs, .started_ms = 0, .ended_ms = 40000};
    struct timing t;

    graph_add(needs, 0, 1);
    graph_add(needs, 1, 3);
    timing_compute(&in, &t);
    cr_expect_float_eq(t.makespan_s, 40, 1e-9);
    cr_expect_float_eq(t.busy_s, 39, 1e-9);
    cr_expect_float_eq(t.sequential_s, 34, 1e-9);
    cr_expect_float_eq(t.critical_path_s, 29, 1e-9);
    cr_expect_float_eq(t.speedup, 34.0 / 40, 1e-9);
    cr_expect_float_eq(t.efficiency, 29.0 / 40, 1e-9);
    cr_expect_float_eq(t.overhead_s, 6, 1e-9, "before, between and after: %g", t.overhead_s);
    in.slots = 1;
    timing_compute(&in, &t);
    cr_expect_float_eq(t.efficiency, 39.0 / 40, 1e-9, "one slot has to do all the work");
    in.needs = NULL;
    in.slots = 100;
    timing_compute(&in, &t);
    cr_expect_float_eq(t.critical_path_s, 15, 1e-9);
    graph_free(needs);
}

Test(totals, timing_of_little)
{
    static const struct timed_agent agents[] = {
        {0, 1000, 1000, 1000}, {0, 1000, 1000, 1000}, {-500, 0, 500, 500}, {900, 2000, 2000, 2000}};
    struct timing_input in = {.started_ms = 0, .ended_ms = 0};
    struct timing t;

    timing_compute(&in, &t);
    cr_expect(t.speedup == 0 && t.efficiency == 0 && t.overhead_s == 0);
    in.ended_ms = 1000;
    in.agents = agents;
    in.count = 4;
    timing_compute(&in, &t);
    cr_expect_float_eq(t.overhead_s, 0, 1e-9, "what lies outside the run does not count");
    cr_expect_eq(t.efficiency, 1, "at most 1");
}
