/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/jobs.h"

#include <criterion/criterion.h>

Test(jobs, kinds)
{
    static const struct {
        const char *job, *lead, *kind;
    } cases[] = {
        {"Fix the login", "", "a bug"},           {"the login crashes", "", "a bug"},
        {"login", "Fix these bugs:", "a bug"},    {"Add a page that can fix it", "", "a feature"},
        {"fix what we add", "", "a bug"},         {"Fix typos", "", "a small change"},
        {"Review the parser", "", "an analysis"}, {"Rename it", "", "a change"},
        {"Rename it", "Implement:", "a feature"}, {"", "", "a change"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(job_kind_of(cases[i].job, cases[i].lead)->name, cases[i].kind, "%s",
                         cases[i].job);
    cr_expect_str_eq(job_kind_analysis()->name, "an analysis");
}
