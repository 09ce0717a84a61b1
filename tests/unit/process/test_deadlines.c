/* SPDX-License-Identifier: Apache-2.0 */
#include "process/deadlines.h"

#include "base/memory.h"

#include <criterion/criterion.h>

enum { MANY = 200 };

/* A small generator, so that the order is wild and the same each time. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

Test(deadlines, come_in_order_of_time)
{
    struct deadlines all = {0};
    struct deadline each[MANY] = {0};
    uint32_t state = 1;
    int64_t last = -1;

    for (int i = 0; i < MANY; i++)
        deadline_set(&all, &each[i], next_random(&state) % 50);
    for (int i = 0; i < MANY; i++) {
        struct deadline *d = deadlines_next(&all, 50);
        cr_assert_not_null(d);
        cr_expect_geq(d->at_ms, last);
        last = d->at_ms;
    }
    cr_expect_null(deadlines_next(&all, 1000));
    deadlines_free(&all);
}

Test(deadlines, equal_times_keep_their_order)
{
    struct deadlines all = {0};
    struct deadline each[MANY] = {0};

    for (int i = 0; i < MANY; i++)
        deadline_set(&all, &each[i], 7);
    for (int i = 0; i < MANY; i++)
        cr_expect_eq(deadlines_next(&all, 7), &each[i]);
    deadlines_free(&all);
}

Test(deadlines, cleared_and_moved_ones_keep_the_heap_whole)
{
    struct deadlines all = {0};
    struct deadline each[MANY] = {0};
    uint32_t state = 3;
    int64_t last = -1;
    size_t left = 0;

    for (int i = 0; i < MANY; i++)
        deadline_set(&all, &each[i], next_random(&state) % 1000);
    for (int i = 0; i < MANY; i++) {
        if (i % 3 == 0)
            deadline_clear(&all, &each[i]);
        else if (i % 3 == 1)
            deadline_set(&all, &each[i], next_random(&state) % 1000);
        left += i % 3 != 0;
    }
    for (size_t i = 0; i < left; i++) {
        struct deadline *d = deadlines_next(&all, 1000);
        cr_assert_not_null(d);
        cr_expect_neq((d - each) % 3, 0, "a cleared one came");
        cr_expect_geq(d->at_ms, last);
        cr_expect_eq(d->place, 0);
        last = d->at_ms;
    }
    cr_expect_null(deadlines_next(&all, 1000));
    deadlines_free(&all);
}

Test(deadlines, say_how_long_to_wait)
{
    struct deadlines all = {0};
    struct deadline d = {0};

    cr_expect_eq(deadlines_wait_ms(&all, 5), -1);
    deadline_set(&all, &d, 30);
    cr_expect_eq(deadlines_wait_ms(&all, 5), 25);
    cr_expect_eq(deadlines_wait_ms(&all, 40), 0);
    cr_expect_null(deadlines_next(&all, 29));
    cr_expect_eq(deadlines_next(&all, 30), &d);
    deadline_clear(&all, &d); /* one that is not set may be cleared */
    deadlines_free(&all);
}
