/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fan.h"

#include "make.h"

#include <criterion/criterion.h>

/* s1 alone, s2 over a list, s3 over a command. */
static struct plan *fanned(struct arena *arena)
{
    struct plan *plan = make_plan(arena, 3);

    plan->subtasks[1].for_each = make_list(arena, "api web", 0);
    plan->subtasks[2].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    make_steps(arena, &plan->subtasks[2], "A B C");
    plan->subtasks[2].steps[0].for_each = make_list(arena, "x y z", 0);
    plan->subtasks[2].steps[1].for_each = (struct plan_fan){.kind = FAN_GLOB, .source = "*.c"};
    return plan;
}

Test(fan, a_list_is_known_and_the_rest_when_it_is_expanded)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = fanned(&arena);
    struct strings items[3] = {[2] = make_strings(&arena, "a b c d")};
    static const size_t of_steps[] = {9, 5, 9};
    const size_t *steps[3] = {[2] = of_steps};
    struct fan_known known = {.subtasks = items, .steps = steps};

    cr_expect_eq(fan_of_subtask(plan, 0, NULL), 1);
    cr_expect_eq(fan_of_subtask(plan, 1, NULL), 2);
    cr_expect_eq(fan_of_subtask(plan, 2, NULL), FAN_UNKNOWN);
    cr_expect_eq(fan_of_subtask(plan, 2, &known), 4);
    cr_expect_eq(fan_of_subtask(plan, 1, &known), 2);
    cr_expect_eq(fan_of_step(plan, 2, 0, NULL), 3);
    cr_expect_eq(fan_of_step(plan, 2, 1, NULL), FAN_UNKNOWN);
    cr_expect_eq(fan_of_step(plan, 2, 1, &known), 5);
    cr_expect_eq(fan_of_step(plan, 2, 2, &known), 1);
    known = (struct fan_known){.steps = (const size_t *const[]){NULL, NULL, NULL}};
    cr_expect_eq(fan_of_step(plan, 2, 1, &known), FAN_UNKNOWN);
    cr_expect_eq(fan_of_subtask(plan, 2, &known), FAN_UNKNOWN);
    known = (struct fan_known){.subtasks = (struct strings[3]){{0}}};
    cr_expect_eq(fan_of_subtask(plan, 2, &known), FAN_UNKNOWN);
    cr_expect_eq(fan_of_step(plan, 2, 1, &known), FAN_UNKNOWN);
}

Test(fan, units_stand_in_the_order_of_the_plan)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = fanned(&arena);
    size_t count;
    const struct fan_unit *units = fan_units(plan, NULL, &arena, &count);

    cr_assert_eq(count, 4);
    cr_expect(units[0].subtask == 0 && !units[0].item);
    cr_expect_eq(units[1].subtask, 1);
    cr_expect_str_eq(units[1].item, "api");
    cr_expect_str_eq(units[2].item, "web");
    cr_expect(units[3].subtask == 2 && !units[3].item, "what is not known is one unit");
}

Test(fan, an_empty_list_has_no_unit)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    size_t count;

    plan->subtasks[0].for_each = make_list(&arena, "", 0);
    fan_units(plan, NULL, &arena, &count);
    cr_assert_eq(count, 0);
}

static const struct {
    const char *glob, *item, *expected;
} globs[] = {
    {"src/**", "api", "src/**"},
    {"services/{{item}}/**", "api", "services/api/**"},
    {"{{ item }}", "a*b[c]?\\", "a\\*b\\[c]\\?\\\\"},
    {"{{item}}/{{item}}", "x", "x/x"},
    {"services/{{item}}/**", NULL, "services/*/**"},
    {"out/{{index}}.txt", "api", "out/*.txt"},
    {"out/{{items}}", "api", "out/api"},
    {"out/{{it}}", "api", "out/*"},
    {"out/{{itemss}}", "api", "out/*"},
    {"out/{{name}}", "api", "out/*"},
    {"out/{{\titem\t}}-{{}}", "api", "out/api-*"},
    {"*{{index}}", "api", "*"},
    {"{{item", "api", "{{item"},
    {"{{item}}/{{x", "api", "api/{{x"},
};

Test(fan, globs_get_their_item)
{
    AUTO_ARENA arena = {0};

    for (size_t i = 0; i < COUNT_OF(globs); i++) {
        const char *glob = fan_glob(globs[i].glob, globs[i].item, &arena);
        cr_expect_str_eq(glob, globs[i].expected, "%s: %s", globs[i].glob, glob);
    }
    cr_expect_eq(fan_glob(globs[0].glob, "x", &arena), globs[0].glob, "it is not copied");
}

Test(fan, every_item_is_dealt_out_once)
{
    cr_assert_eq(fan_agents(0, 4), 0);
    cr_assert_eq(fan_agents(8, 4), 2);
    cr_assert_eq(fan_agents(9, 4), 3);
    for (size_t items = 1; items < 30; items++)
        for (size_t agents = 1; agents <= items; agents++) {
            size_t batch = items / agents + (items % agents != 0);
            size_t next = 0;
            for (size_t i = 0; i < agents; i++) {
                struct fan_range range = fan_range(items, agents, batch, i);
                cr_expect_eq(range.first, next);
                cr_expect(range.count >= 1 && range.count <= batch);
                next += range.count;
            }
            cr_expect_eq(next, items, "%zu items, %zu agents", items, agents);
        }
}

Test(fan, a_written_batch_is_filled)
{
    static const size_t expected[] = {4, 4, 2};

    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(fan_range(10, 3, 4, i).count, expected[i]);
}
