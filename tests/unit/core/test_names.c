/* SPDX-License-Identifier: Apache-2.0 */
/* The words of events and jobs, which journals and reports hold. */
#include "core/event.h"
#include "core/job.h"

#include <criterion/criterion.h>
#include <string.h>

Test(names, each_event_has_its_own)
{
    for (int i = 0; i < EVENT_KIND_COUNT; i++)
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(event_kind_name((enum event_kind)i),
                              event_kind_name((enum event_kind)k));
    cr_expect_str_eq(event_kind_name(EVENT_RUN_REQUESTED), "run_requested");
}

Test(names, each_job_has_its_own_and_a_way)
{
    for (int i = 0; i < JOB_KIND_COUNT; i++)
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(job_kind_name((enum job_kind)i), job_kind_name((enum job_kind)k));
    cr_expect_str_eq(job_kind_name(JOB_ON_FAILURE), "on_failure");
    cr_expect_eq(job_kind_way(JOB_AGENT), JOB_WAY_AGENT);
    cr_expect_eq(job_kind_way(JOB_CHECK), JOB_WAY_COMMAND);
    cr_expect_eq(job_kind_way(JOB_MERGE), JOB_WAY_WORKER);
    cr_expect_eq(job_kind_way(JOB_PLAN), JOB_WAY_INTERNAL);
}
