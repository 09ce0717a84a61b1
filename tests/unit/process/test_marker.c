/* SPDX-License-Identifier: Apache-2.0 */
#include "process/marker.h"

#include <criterion/criterion.h>
#include <string.h>

Test(marker, marks_differ)
{
    AUTO_FAULT fault = {0};
    char a[RECORD_MARK_BYTES], b[RECORD_MARK_BYTES];

    cr_assert_eq(marker_new(a, &fault), 0);
    cr_assert_eq(marker_new(b, &fault), 0);
    cr_expect_eq(strlen(a), RECORD_MARK_BYTES - 1);
    cr_expect_str_neq(a, b);
}

/* A kelp around this one has given its own; a process is of the innermost. */
Test(marker, replaces_what_an_outer_kelp_has_set)
{
    AUTO_ARENA arena = {0};
    const char *const envp[] = {"A=1", "KELP_ATTEMPT_ID=outer", "KELP_KEEPER_MARK=m", "B=2", NULL};
    const char *const *marked = marker_add(envp, "inner", "n", &arena);

    cr_expect_str_eq(marked[0], "KELP_ATTEMPT_ID=inner");
    cr_expect_str_eq(marked[1], "KELP_KEEPER_MARK=n");
    cr_expect_str_eq(marked[2], "A=1");
    cr_expect_str_eq(marked[3], "B=2");
    cr_expect_null(marked[4]);
}
