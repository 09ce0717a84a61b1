/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

#include "make.h"

#include <criterion/criterion.h>

Test(plan, a_step_with_run_is_a_command)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);

    make_waves(&arena, &plan->subtasks[0], "make Writer");
    cr_assert(plan_step_is_command(&plan->subtasks[0].steps[0]));
    cr_assert_not(plan_step_is_command(&plan->subtasks[0].steps[1]));
}

Test(plan, the_form_gives_the_schedule_unless_it_is_written)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);
    struct plan_subtask *waves = &plan->subtasks[0];
    struct plan_subtask *steps = &plan->subtasks[1];

    make_waves(&arena, waves, "A | B");
    make_steps(&arena, steps, "A B<A");
    cr_assert_eq(plan_step_schedule(waves, &waves->steps[0]), SCHEDULE_WAVE);
    cr_assert_eq(plan_step_schedule(steps, &steps->steps[0]), SCHEDULE_FLOW);
    waves->steps[0].settings.schedule = SCHEDULE_FLOW;
    steps->steps[0].settings.schedule = SCHEDULE_WAVE;
    cr_assert_eq(plan_step_schedule(waves, &waves->steps[0]), SCHEDULE_FLOW);
    cr_assert_eq(plan_step_schedule(steps, &steps->steps[0]), SCHEDULE_WAVE);
}

Test(plan, a_wave_counts_as_one_step)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);

    make_waves(&arena, &plan->subtasks[0], "A B C | D E");
    make_steps(&arena, &plan->subtasks[1], "A B C<A");
    cr_assert_eq(plan_subtask_steps(&plan->subtasks[0]), 2);
    cr_assert_eq(plan_subtask_steps(&plan->subtasks[1]), 3);
}
