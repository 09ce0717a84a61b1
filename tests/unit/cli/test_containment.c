/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/containment.h"

#include <criterion/criterion.h>
#include <string.h>

static struct plan_step steps[] = {{.id = "a"}, {.id = "b"}, {.id = "c"}};
static struct plan_subtask subtask = {.steps = steps, .step_count = 3};
static const struct plan plan = {.subtasks = &subtask, .subtask_count = 1};

Test(containment, a_plan_that_keeps_its_agents_in_needs_no_words)
{
    AUTO_ARENA a = {0};

    cr_expect_str_eq(containment_warning(&plan, true, &a), "");
}

Test(containment, open_steps_are_counted)
{
    AUTO_ARENA a = {0};

    steps[1].settings.sandbox.off = true;
    cr_expect_not_null(
        strstr(containment_warning(&plan, true, &a), "1 of the plan's 3 steps runs without"));
    steps[2].settings.isolation = ISOLATION_NONE;
    cr_expect_not_null(
        strstr(containment_warning(&plan, true, &a), "2 of the plan's 3 steps run without"));
}

Test(containment, a_kernel_that_cannot_is_told_first)
{
    AUTO_ARENA a = {0};

    cr_expect_not_null(strstr(containment_warning(&plan, false, &a), "Landlock"));
}

static bool yes(void)
{
    return true;
}

static bool no(void)
{
    return false;
}

Test(containment, a_network_that_cannot_be_kept_is_told)
{
    AUTO_ARENA a = {0};

    cr_expect_str_eq(containment_network_warning(&plan, no, &a), "");
    steps[0].settings.sandbox.network = NETWORK_ENDPOINT;
    steps[1].settings.sandbox.network = NETWORK_ENDPOINT;
    steps[1].settings.sandbox.off = true;
    cr_expect_str_eq(containment_network_warning(&plan, yes, &a), "");
    cr_expect_not_null(
        strstr(containment_network_warning(&plan, no, &a), "which 1 of the plan's steps asks for"));
}

Test(containment, keys_that_can_be_read_are_told_where_a_model_drives)
{
    AUTO_ARENA a = {0};

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        steps[i].run = "make";
    cr_expect_str_eq(containment_view_warning(&plan, no, &a), "");
    steps[0].run = "";
    cr_expect_not_null(strstr(containment_view_warning(&plan, no, &a), "in 1 of the plan's steps"));
    cr_expect_str_eq(containment_view_warning(&plan, yes, &a), "");
    steps[0].settings.sandbox.off = true;
    cr_expect_str_eq(containment_view_warning(&plan, no, &a), "");
}

Test(containment, limits_that_can_only_be_measured_are_told)
{
    AUTO_ARENA a = {0};

    steps[0].settings.limits.memory_bytes = LIMIT_OFF;
    steps[0].settings.limits.open_files = 64;
    cr_expect_str_eq(containment_limits_warning(&plan, no, &a), "");
    steps[1].settings.limits.memory_bytes = 1 << 30;
    cr_expect_not_null(
        strstr(containment_limits_warning(&plan, no, &a), "which 1 of the plan's steps has"));
    steps[2].settings.limits.processes = 10;
    cr_expect_not_null(
        strstr(containment_limits_warning(&plan, no, &a), "which 2 of the plan's steps have"));
    cr_expect_str_eq(containment_limits_warning(&plan, yes, &a), "");
}
