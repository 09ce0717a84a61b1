/* SPDX-License-Identifier: Apache-2.0 */
#include "process/bounds.h"

#include "process/fence.h"

#include <criterion/criterion.h>

Test(bounds, one_attempt_of_the_machine_leaves_the_run_something)
{
    struct fence_limits run;
    struct bounds one;

    fence_limits_of_machine(&run);
    bounds_of_machine(&one);
    cr_expect_gt(one.of[BOUND_MEMORY], run.of[FENCE_MEMORY] / 2);
    cr_expect_lt(one.of[BOUND_MEMORY], run.of[FENCE_MEMORY]);
    cr_expect_gt(one.of[BOUND_PROCESSES], 0);
    cr_expect_lt(one.of[BOUND_PROCESSES], run.of[FENCE_PROCESSES]);
    cr_expect_gt(one.of[BOUND_OPEN_FILES], 0);
    cr_expect_eq(one.of[BOUND_FILE_SIZE], 0);
    cr_expect_not(one.sparing);
}

Test(bounds, words_of_each)
{
    static const struct {
        enum bound bound;
        uint64_t most;
        const char *key, *excess;
    } cases[] = {
        {BOUND_NONE, 0, "", ""},
        {BOUND_MEMORY, 512 << 20, "limits.memory", "used more than 512 MiB of memory"},
        {BOUND_PROCESSES, 30, "limits.processes", "used more than 30 processes and threads"},
        {BOUND_OPEN_FILES, 64, "limits.open_files", "used more than 64 open files"},
        {BOUND_FILE_SIZE, 1 << 30, "limits.file_size", "wrote a file of more than 1 GiB"},
    };

    cr_assert_eq(COUNT_OF(cases), BOUND_COUNT);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *excess = bound_excess(cases[i].bound, cases[i].most);
        cr_expect_str_eq(bound_key(cases[i].bound), cases[i].key);
        cr_expect_str_eq(excess, cases[i].excess);
    }
}
