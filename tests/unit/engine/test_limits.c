/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/limits.h"

#include <criterion/criterion.h>

static const struct plan_settings plain = {0};
static const struct plan_settings written = {
    .limits = {.memory_bytes = 32 << 20, .open_files = LIMIT_OFF, .file_bytes = 5 << 20}};
static const struct plan_settings off = {
    .limits = {.memory_bytes = LIMIT_OFF, .processes = LIMIT_OFF}};

Test(limits, what_is_not_written_is_a_share_of_the_machine)
{
    struct bounds machine, own = limits_of_start(&plain, true);

    bounds_of_machine(&machine);
    for (unsigned i = 0; i < BOUND_COUNT; i++)
        cr_expect_eq(own.of[i], machine.of[i], "%s", bound_key((enum bound)i));
}

Test(limits, what_is_written_wins)
{
    struct bounds machine, own = limits_of_start(&written, true);

    bounds_of_machine(&machine);
    cr_expect_eq(own.of[BOUND_MEMORY], 32 << 20);
    cr_expect_eq(own.of[BOUND_PROCESSES], machine.of[BOUND_PROCESSES]);
    cr_expect_eq(own.of[BOUND_OPEN_FILES], 0);
    cr_expect_eq(own.of[BOUND_FILE_SIZE], 5 << 20);
}

Test(limits, a_command_is_spared_what_it_did_not_ask_for)
{
    cr_expect(limits_of_start(&plain, false).sparing);
    cr_expect(limits_of_start(&off, false).sparing);
    cr_expect_not(limits_of_start(&written, false).sparing);
    cr_expect_not(limits_of_start(&plain, true).sparing);
}

Test(limits, more_is_more_and_none_is_most)
{
    cr_expect_null(limits_excess(&plain, &plain));
    cr_expect_null(limits_excess(&off, &plain));
    cr_expect_str_eq(limits_excess(&plain, &off), "limits.memory");
    cr_expect_str_eq(limits_excess(&plain, &written), "limits.open_files");
    cr_expect_str_eq(limits_excess(&written, &plain), "limits.memory");
}
