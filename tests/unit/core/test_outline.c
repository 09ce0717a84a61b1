/* SPDX-License-Identifier: Apache-2.0 */
#include "core/outline.h"

#include "base/text.h"
#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

/* Waves between "|"; each agent as role, instance, "!" if reused. */
static char *draw(const struct outline *o)
{
    AUTO_TEXT t = {0};

    for (size_t i = 0; i < o->wave_count; i++) {
        text_add(&t, i ? " |" : "");
        for (size_t k = 0; k < o->waves[i].agent_count; k++) {
            const struct outline_agent *a = &o->waves[i].agents[k];
            text_printf(&t, "%s%s%u%s", t.length ? " " : "", a->role, a->instance,
                        a->reused ? "!" : "");
        }
    }
    return text_take(&t);
}

static const struct {
    const char *name, *waves, *steps;
    unsigned agents;
    const char *expected;
    unsigned pool;
    size_t reused;
} children[] = {
    {"one wave", "A B A", NULL, 0, "A1 B2 A3", 3, 0},
    {"roles come back", "A B | B A", NULL, 0, "A1 B2 | B2! A1!", 2, 2},
    {"nobody takes a role that is wanted", "A B | C B", NULL, 0, "A1 B2 | C1 B2!", 2, 1},
    {"a fresh instance before another role", "A B C | D E | F", NULL, 0, "A1 B2 C3 | D1 E2 | F3", 3,
     0},
    {"count", "A*3 | A*2", NULL, 0, "A1 A2 A3 | A3! A2!", 3, 2},
    {"explicit waves are never divided", "A*5 | B", NULL, 2, "A1 A2 A3 A4 A5 | B1", 5, 0},
    {"levels of steps", NULL, "A B C<A", 0, "A1 B2 | C1", 2, 0},
    {"a level wider than N, longest path first", NULL, "A:1 B:2 C:3 D:9<A", 2, "A1 C2 | B1 | D2", 2,
     0},
    {"a level as wide as N", NULL, "A:1 B:2", 2, "A1 B2", 2, 0},
    {"one agent at once", NULL, "A:1 B:2 C:3", 1, "C1 | B1 | A1", 1, 0},
    {"count of steps is divided too", NULL, "A*5", 2, "A1 A2 | A2! A1! | A1!", 2, 3},
};

Test(outline, shows_a_child_before_it_runs)
{
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        AUTO_ARENA arena = {0};
        struct plan *plan = make_plan(&arena, 1);
        struct outline_options options = {.agents = children[i].agents};
        struct outline o;
        if (children[i].waves)
            make_waves(&arena, &plan->subtasks[0], children[i].waves);
        else
            make_steps(&arena, &plan->subtasks[0], children[i].steps);
        outline_build(plan, 0, &options, &arena, &o);
        AUTO_FREE char *found = draw(&o);
        cr_expect_str_eq(found, children[i].expected, "%s: %s", children[i].name, found);
        cr_expect_eq(o.pool, children[i].pool, "%s: pool %u", children[i].name, o.pool);
        cr_expect_eq(o.reused, children[i].reused, "%s", children[i].name);
        cr_expect_eq(o.reuse, (double)o.reused / (double)o.agent_count);
    }
}

Test(outline, waves_keep_level_and_title)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);
    struct outline_options options = {.agents = 1};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A | B");
    make_steps(&arena, &plan->subtasks[1], "A B C<A");
    outline_build(plan, 0, &options, &arena, &o);
    cr_expect_str_eq(o.waves[1].title, "wave 2");
    outline_build(plan, 1, &options, &arena, &o);
    cr_assert_eq(o.wave_count, 3);
    cr_expect_eq(o.waves[1].level, 1);
    cr_expect_eq(o.waves[2].level, 2);
    cr_expect_str_eq(o.waves[2].title, "");
    plan->subtasks[1].wave_count = 0;
    outline_build(plan, 1, &options, &arena, &o);
    cr_expect_str_eq(o.waves[0].title, "", "no waves, no titles");
    outline_build_root(plan, &options, &arena, &o);
    cr_expect_str_eq(o.waves[0].title, "", "a wave of several subtasks has no title");
}

Test(outline, items_are_dealt_out)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct outline_options options = {0};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A*2 | B");
    plan->subtasks[0].steps[1].for_each = make_list(&arena, "a b c d e", 2);
    outline_build(plan, 0, &options, &arena, &o);
    cr_assert_eq(o.waves[0].agents[1].copy, 1);
    cr_assert_eq(o.waves[0].agents[1].items, 0);
    cr_assert_eq(o.waves[1].agent_count, 3);
    cr_expect_eq(o.waves[1].agents[1].first, 2);
    cr_expect_eq(o.waves[1].agents[1].items, 2);
    cr_expect_eq(o.waves[1].agents[2].items, 1);
    cr_expect_eq(o.waves[1].agents[2].step, 1);
    cr_expect_not(o.unknown);
}

Test(outline, unknown_items_are_one_agent)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    static const size_t counts[] = {3};
    const size_t *steps[] = {counts};
    struct fan_known known = {.steps = steps};
    struct outline_options options = {0};
    struct outline o;

    make_steps(&arena, &plan->subtasks[0], "A:5");
    plan->subtasks[0].steps[0].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    outline_build(plan, 0, &options, &arena, &o);
    cr_assert_eq(o.waves[0].agent_count, 1);
    cr_expect_eq(o.waves[0].agents[0].items, FAN_UNKNOWN);
    cr_expect(o.unknown);
    make_steps(&arena, &plan->subtasks[0], "A:5 B:5");
    plan->subtasks[0].steps[0].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    plan->subtasks[0].steps[1].for_each = (struct plan_fan){.kind = FAN_GLOB, .source = "*"};
    outline_build(plan, 0, &options, &arena, &o);
    cr_expect(o.unknown && o.agent_count == 2);
    plan->subtasks[0].step_count = 1;
    options.estimate.known = &known;
    outline_build(plan, 0, &options, &arena, &o);
    cr_expect_eq(o.waves[0].agent_count, 3);
    cr_expect_not(o.unknown);
}

Test(outline, a_wave_may_turn_out_empty)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct outline_options options = {0};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A B | C");
    plan->subtasks[0].steps[0].for_each = make_list(&arena, "", 0);
    plan->subtasks[0].steps[2].for_each = make_list(&arena, "", 0);
    outline_build(plan, 0, &options, &arena, &o);
    AUTO_FREE char *found = draw(&o);
    cr_assert_str_eq(found, "B1 |", "%s", found);
    plan->subtasks[0].step_count = 0;
    outline_build(plan, 0, &options, &arena, &o);
    cr_assert(o.wave_count == 0 && o.pool == 0 && o.reuse == 0);
}

Test(outline, a_root_shows_all_its_subtasks)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 3);
    struct outline_options options = {0};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A B | C");
    make_steps(&arena, &plan->subtasks[1], "D");
    make_steps(&arena, &plan->subtasks[2], "A");
    make_depends(&arena, &plan->subtasks[2], 0);
    outline_build_root(plan, &options, &arena, &o);
    AUTO_FREE char *found = draw(&o);
    cr_assert_str_eq(found, "A1 B2 D3 | C1 | A2", "%s", found);
    cr_expect_eq(o.waves[2].agents[0].subtask, 2);
    cr_expect_eq(o.waves[2].agents[0].unit, 2);
}

Test(outline, one_explicit_wave_stays_together_in_a_root)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 3);
    struct outline_options options = {.agents = 2};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A:1*3 B:2");
    make_steps(&arena, &plan->subtasks[1], "C:1 D:9");
    make_waves(&arena, &plan->subtasks[2], "E:3");
    plan->subtasks[2].for_each = make_list(&arena, "x y", 0);
    outline_build_root(plan, &options, &arena, &o);
    AUTO_FREE char *found = draw(&o);
    cr_assert_str_eq(found, "D1 E2 | E2! | A3 A4 A1 B2 | C3", "%s", found);
}

Test(outline, an_empty_step_does_not_join_its_wave_to_another)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);
    struct outline_options options = {.agents = 1};
    struct outline o;

    make_waves(&arena, &plan->subtasks[0], "A");
    make_waves(&arena, &plan->subtasks[1], "B C");
    plan->subtasks[1].steps[0].for_each = make_list(&arena, "", 0);
    outline_build_root(plan, &options, &arena, &o);
    AUTO_FREE char *found = draw(&o);
    cr_assert_str_eq(found, "A1 | C1", "%s", found);
}
