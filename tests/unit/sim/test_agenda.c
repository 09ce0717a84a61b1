/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/agenda.h"
#include "sim/dice.h"

#include <criterion/criterion.h>

Test(agenda, goes_by_time_then_by_entry)
{
    struct agenda a = {0};
    struct agenda_entry e, last = {.at_ms = -1};
    struct dice d;

    dice_seed(&d, 1);
    for (uint32_t i = 0; i < 500; i++)
        agenda_add(&a, (struct agenda_entry){.at_ms = dice_below(&d, 50), .which = i});
    for (int i = 0; i < 500; i++) {
        cr_assert_eq(agenda_next_ms(&a), a.heap.at[0].at_ms);
        cr_assert(agenda_take(&a, 50, &e));
        cr_expect(e.at_ms > last.at_ms || (e.at_ms == last.at_ms && e.which > last.which));
        last = e;
    }
    cr_expect_not(agenda_take(&a, INT64_MAX, &e));
    cr_expect_eq(agenda_next_ms(&a), AGENDA_NEVER);
    agenda_free(&a);
}

Test(agenda, gives_nothing_before_its_time)
{
    struct agenda a = {0};
    struct agenda_entry e;

    agenda_add(&a, (struct agenda_entry){.at_ms = 10});
    cr_expect_not(agenda_take(&a, 9, &e));
    cr_expect(agenda_take(&a, 10, &e));
    agenda_add(&a, (struct agenda_entry){.at_ms = 20});
    agenda_clear(&a);
    cr_expect_eq(agenda_next_ms(&a), AGENDA_NEVER);
    agenda_free(&a);
}
