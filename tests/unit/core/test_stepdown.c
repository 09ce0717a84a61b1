/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stepdown.h"

#include <criterion/criterion.h>

/* Notes `good` successes and then `bad` troubles while `running` are alive. */
static void note(struct stepdown *s, size_t good, size_t bad, size_t running)
{
    while (good--)
        stepdown_note(s, false, running);
    while (bad--)
        stepdown_note(s, true, running);
}

static const struct {
    const char *name;
    size_t full, good, bad, running, limit;
} cases[] = {
    {"few attempts say nothing", 40, 0, 19, 40, 40},
    {"under one per cent", 40, 120, 1, 40, 40},
    {"one per cent", 40, 99, 1, 40, 30},
    {"one of twenty", 40, 19, 1, 40, 30},
    {"two of twenty-one", 40, 19, 2, 40, 30},
    {"ten per cent", 40, 0, 20, 40, 1},
    {"what runs counts, not the limit", 40, 19, 1, 8, 6},
    {"more alive than the limit", 40, 19, 1, 50, 30},
    {"without a limit", 0, 19, 1, 8, 6},
    {"a small number loses one", 3, 19, 1, 3, 2},
    {"one stays one", 1, 19, 1, 1, 1},
};

Test(stepdown, reduces_by_the_share_of_trouble)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepdown s;
        stepdown_init(&s, cases[i].full);
        note(&s, cases[i].good, cases[i].bad, cases[i].running);
        cr_expect_eq(s.limit, cases[i].limit, "%s: %zu", cases[i].name, s.limit);
    }
}

Test(stepdown, a_change_is_told)
{
    struct stepdown s;

    stepdown_init(&s, 40);
    note(&s, 19, 0, 40);
    cr_assert_not(stepdown_note(&s, false, 40));
    cr_assert(stepdown_note(&s, true, 40));
    cr_assert_not(stepdown_note(&s, true, 40), "a new window has begun");
}

Test(stepdown, one_at_a_time_until_three_succeed)
{
    struct stepdown s;

    stepdown_init(&s, 40);
    note(&s, 0, 20, 40);
    cr_assert_eq(s.limit, 1);
    note(&s, 2, 1, 1);
    note(&s, 2, 0, 1);
    cr_assert_eq(s.limit, 1, "not three in a row");
    cr_assert(stepdown_note(&s, false, 1));
    cr_assert_eq(s.limit, 20);
}

Test(stepdown, comes_back_by_quarters)
{
    struct stepdown s;

    stepdown_init(&s, 40);
    note(&s, 0, 20, 40);
    note(&s, 3, 0, 1);
    note(&s, 19, 0, 20);
    cr_assert_eq(s.limit, 20);
    note(&s, 1, 0, 20);
    cr_assert_eq(s.limit, 25);
    note(&s, 20, 0, 25);
    cr_assert_eq(s.limit, 31);
    note(&s, 20, 0, 31);
    cr_assert_eq(s.limit, 38);
    note(&s, 20, 0, 38);
    cr_assert_eq(s.limit, 40);
    note(&s, 200, 0, 40);
    cr_assert_eq(s.limit, 40);
}

Test(stepdown, can_be_lowered_twice)
{
    struct stepdown s;

    stepdown_init(&s, 40);
    note(&s, 19, 1, 40);
    note(&s, 19, 1, 30);
    cr_assert_eq(s.limit, 23);
    note(&s, 60, 0, 23);
    cr_assert_eq(s.limit, 40, "28, 35, then all that there was: %zu", s.limit);
}

Test(stepdown, no_limit_comes_back_as_well)
{
    struct stepdown s;

    stepdown_init(&s, 0);
    note(&s, 19, 1, 2);
    cr_assert_eq(s.limit, 1);
    note(&s, 20, 0, 1);
    cr_assert_eq(s.limit, 0);
    note(&s, 0, 20, 1);
    cr_assert_eq(s.limit, 1);
    note(&s, 3, 0, 1);
    cr_assert_eq(s.limit, 0, "half of one is one");
}

Test(stepdown, only_the_last_two_hundred_count)
{
    struct stepdown s;

    stepdown_init(&s, 40);
    note(&s, 150, 1, 40);
    cr_assert_eq(s.limit, 40);
    note(&s, 198, 0, 40);
    cr_assert_eq(s.troubles, 1);
    note(&s, 2, 0, 40);
    cr_assert_eq(s.troubles, 0);
    cr_assert_eq(s.noted, STEPDOWN_WINDOW);
    note(&s, 0, 1, 40);
    cr_assert_eq(s.limit, 40, "1 of 200 is under one per cent");
    note(&s, 0, 1, 40);
    cr_assert_eq(s.limit, 30, "2 of 200 are not");
}

Test(aimd, halves_and_adds_one)
{
    struct aimd a;

    aimd_init(&a, 8);
    cr_assert_not(aimd_ok(&a), "nothing was lowered");
    aimd_limited(&a, 8);
    cr_assert_eq(a.limit, 4);
    aimd_limited(&a, 3);
    cr_assert_eq(a.limit, 1);
    cr_assert(aimd_ok(&a));
    cr_assert_eq(a.limit, 2);
    cr_assert_not(aimd_ok(&a));
    cr_assert(aimd_ok(&a));
    cr_assert_eq(a.limit, 3);
    for (int i = 0; i < 3 + 4 + 5 + 6 + 7; i++)
        aimd_ok(&a);
    cr_assert_eq(a.limit, 8);
    cr_assert_eq(a.peak, 0);
}

Test(aimd, no_limit_comes_back)
{
    struct aimd a;

    aimd_init(&a, 0);
    aimd_limited(&a, 2);
    cr_assert_eq(a.limit, 1);
    cr_assert(aimd_ok(&a));
    cr_assert_eq(a.limit, 0);
    aimd_limited(&a, 1);
    cr_assert_eq(a.limit, 1);
}
