/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/search.h"

#include <criterion/criterion.h>

Test(search, finds_nothing_in_good_worlds)
{
    struct search_options o = {.first = 1, .seeds = 40, .threads = 2};
    struct search_result r;

    search_run(&o, &r);
    cr_expect_eq(r.passed, 40);
    cr_expect_eq(r.failed, 0);
    cr_expect(r.plays > 40 && r.events > r.plays && r.counts.accidents[ACCIDENT_CRASH] > 0);
    search_result_free(&r);
}

Test(search, threads_see_the_same)
{
    struct search_options o = {.first = 100, .seeds = 24, .threads = 1};
    struct search_result one, three;

    search_run(&o, &one);
    o.threads = 3;
    search_run(&o, &three);
    cr_expect_eq(one.events, three.events);
    cr_expect_eq(one.plays, three.plays);
    search_result_free(&one);
    search_result_free(&three);
}

Test(search, shrinks_a_failure)
{
    struct search_options o = {
        .first = 1, .seeds = 40, .failures_max = 1, .mutant = mutant_find("depth 3")};
    struct search_result r;
    struct search_failure least;

    search_run(&o, &r);
    cr_assert_eq(r.failures.count, 1);
    const struct search_failure *f = &r.failures.at[0];
    cr_expect_str_eq(f->broken, "ids_depth");
    search_shrink(f, &least);
    cr_expect_str_eq(least.broken, "ids_depth");
    cr_expect_eq(least.shape.children, 1);
    cr_expect_eq(least.shape.steps, 1);
    cr_expect_eq(least.shape.faults, 0);
    cr_expect_eq(least.script.list.count, 0);
    search_failure_free(&least);
    search_result_free(&r);
}

Test(search, arguments_repeat_a_failure)
{
    AUTO_TEXT line = {0};
    struct search_failure f = {
        .shape = shape_usual(123), .forced = true, .accident = {.kind = ACCIDENT_CRASH, .at = 57}};

    search_arguments(&f, &line);
    cr_expect_str_eq(text_get(&line), "--seed 123 --force crash@57");
    text_clear(&line);
    f.shape.children = 2;
    f.shape.faults &= ~(1u << SIM_RATES | 1u << SIM_JUMPS);
    f.forced = false;
    f.crash_chance = 0.1;
    search_arguments(&f, &line);
    cr_expect_str_eq(text_get(&line),
                     "--seed 123 --children 2 --without rates,jumps --crash-chance 0.1");
}
