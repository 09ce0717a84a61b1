/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/plan_gen.h"

#include <criterion/criterion.h>
#include <string.h>

static void check_step(const struct plan_subtask *s, size_t index)
{
    const struct plan_step *step = &s->steps[index];

    cr_expect(step->level >= 1 && step->level <= s->wave_count);
    cr_expect_neq(step->prompt[0] == '\0', step->run[0] == '\0');
    cr_expect(step->count >= 1);
    for (size_t i = 0; i < step->need_count; i++) {
        cr_expect_lt(step->needs[i], index);
        cr_expect_lt(s->steps[step->needs[i]].level, step->level);
    }
}

Test(plan_gen, plans_are_sound)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arena arena = {0};
        struct shape shape = shape_usual(seed);
        struct sim_case c;
        plan_gen_case(&shape, &arena, &c);
        cr_expect(c.whole->subtask_count >= 1 && c.whole->subtask_count <= shape.children);
        cr_expect_eq(c.request.planned, c.request.plan == c.whole);
        for (size_t i = 0; i < c.whole->subtask_count; i++) {
            const struct plan_subtask *s = &c.whole->subtasks[i];
            cr_expect(s->step_count >= 1 && s->step_count <= shape.steps);
            for (size_t k = 0; k < s->depends_count; k++)
                cr_expect_lt(s->depends_on[k], i);
            for (size_t k = 0; k < s->step_count; k++)
                check_step(s, k);
        }
        arena_free(&arena);
    }
}

Test(plan_gen, a_smaller_shape_leaves_parts_out)
{
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct arena arena = {0};
        struct shape shape = shape_usual(seed);
        struct sim_case large, small;
        plan_gen_case(&shape, &arena, &large);
        shape.children = 2;
        plan_gen_case(&shape, &arena, &small);
        for (size_t i = 0; i < small.whole->subtask_count; i++) {
            const struct plan_subtask *a = &large.whole->subtasks[i];
            const struct plan_subtask *b = &small.whole->subtasks[i];
            cr_assert_eq(a->step_count, b->step_count);
            cr_expect_eq(a->explicit_waves, b->explicit_waves);
            for (size_t k = 0; k < a->step_count; k++) {
                cr_expect_eq(a->steps[k].level, b->steps[k].level);
                cr_expect_str_eq(a->steps[k].role, b->steps[k].role);
            }
        }
        arena_free(&arena);
    }
}
