/* SPDX-License-Identifier: Apache-2.0 */
#include "process/probe.h"

#include "process/sandbox.h"

#include <criterion/criterion.h>
#include <string.h>

Test(probe, every_row_is_filled)
{
    struct probe_row rows[PROBE_COUNT];

    probe_machine("/tmp", rows);
    for (int i = 0; i < PROBE_COUNT; i++) {
        cr_expect_not_null(rows[i].name);
        cr_expect_gt(strlen(rows[i].sentence), 10, "%s", rows[i].name);
        cr_expect_not_null(rows[i].value, "%s", rows[i].name);
        cr_expect_gt(strlen(probe_state_name(rows[i].state)), 0);
    }
    probe_free(rows);
}

Test(probe, says_what_the_parts_find_themselves)
{
    struct probe_row rows[PROBE_COUNT];

    probe_machine("/tmp", rows);
    cr_expect_eq(rows[PROBE_SANDBOX].state == PROBE_MISSING, sandbox_landlock_version() == 0);
    cr_expect_neq(rows[PROBE_SPAWN].state, PROBE_MISSING, "tests run as processes");
    cr_expect_gt(probe_attempts_max(), 0);
    probe_free(rows);
}

Test(probe, a_folder_that_cannot_be_written_cannot_be_cut)
{
    struct probe_row rows[PROBE_COUNT];

    probe_machine("/nowhere", rows);
    cr_expect_eq(rows[PROBE_OUTPUT_BOUND].state, PROBE_MISSING);
    cr_expect(strstr(rows[PROBE_OUTPUT_BOUND].value, "No such file"));
    probe_free(rows);
}
