/* SPDX-License-Identifier: Apache-2.0 */
#include "core/history.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(history, knows_only_what_it_was_told)
{
    AUTO_ARENA arena = {0};
    struct history h = {0};
    double minutes = 7;

    cr_assert_not(history_minutes(NULL, "Fixer", WORK_MODEL, &minutes));
    cr_assert_not(history_minutes(&h, "Fixer", WORK_MODEL, &minutes));
    history_note(&h, &arena, "Fixer", WORK_MODEL, 4);
    cr_assert_not(history_minutes(&h, "Fixer", WORK_COMMAND, &minutes));
    cr_assert_not(history_minutes(&h, "Tester", WORK_MODEL, &minutes));
    cr_assert_eq(minutes, 7);
    cr_assert(history_minutes(&h, "Fixer", WORK_MODEL, &minutes));
    cr_assert_eq(minutes, 4);
}

Test(history, the_first_values_weigh_the_same_and_later_ones_a_quarter)
{
    AUTO_ARENA arena = {0};
    struct history h = {0};
    double minutes;

    for (int i = 1; i <= 4; i++)
        history_note(&h, &arena, "a", WORK_COMMAND, i);
    cr_assert(history_minutes(&h, "a", WORK_COMMAND, &minutes));
    cr_assert_float_eq(minutes, 2.5, 1e-12);
    history_note(&h, &arena, "a", WORK_COMMAND, 10.5);
    cr_assert(history_minutes(&h, "a", WORK_COMMAND, &minutes));
    cr_assert_float_eq(minutes, 4.5, 1e-12);
    cr_assert_float_eq(history_smooth(8, 100, 4), 7, 1e-12);
}

Test(history, many_roles_stay_sorted)
{
    AUTO_ARENA arena = {0};
    struct history h = {0};

    for (int i = 0; i < 200; i++) {
        char role[16];
        double minutes;
        (void)snprintf(role, sizeof role, "r%d", i * 37 % 200);
        history_note(&h, &arena, role, i % 2 ? WORK_MODEL : WORK_COMMAND, i);
        cr_expect(history_minutes(&h, role, i % 2 ? WORK_MODEL : WORK_COMMAND, &minutes));
        cr_expect_eq(minutes, i);
    }
    cr_expect_eq(h.count, 200);
}

Test(history, a_value_is_set_and_a_copy_stands_alone)
{
    AUTO_ARENA arena = {0};
    struct history h = {0};
    double minutes = 0;

    cr_expect_null(history_copy(NULL, &arena));
    for (int i = 1; i <= 2; i++)
        history_set(&h, &arena,
                    (struct history_entry){
                        .role = "Fixer", .kind = WORK_MODEL, .minutes = 3.0 * i, .count = 4});
    cr_expect_eq(h.count, 1);
    const struct history *copy = history_copy(&h, &arena);
    history_note(&h, &arena, "Fixer", WORK_MODEL, 100);
    cr_assert(history_minutes(copy, "Fixer", WORK_MODEL, &minutes));
    cr_expect_eq(minutes, 6);
}
