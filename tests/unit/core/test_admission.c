/* SPDX-License-Identifier: Apache-2.0 */
#include "core/admission.h"

#include <criterion/criterion.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A machine that bounds nothing, but for one part. */
static struct machine_reading with(enum admission_cause cause, uint64_t left, uint64_t total)
{
    struct machine_reading r = {0};

    r.of[cause] = (struct machine_part){left, total};
    return r;
}

static const struct {
    const char *name;
    enum admission_cause part;
    uint64_t left, total;
    uint32_t stalled_permille, running, wanted, limit;
    enum admission_cause cause;
} cases[] = {
    {"nothing is known", ADMISSION_NONE, 0, 0, 0, 40, 40, 0, ADMISSION_NONE},
    {"plenty", ADMISSION_MEMORY, 12 * GIB, 16 * GIB, 0, 10, 40, 0, ADMISSION_NONE},
    {"room for some more", ADMISSION_MEMORY, 2 * GIB + 80 * MIB, 64 * GIB, 0, 10, 40, 20,
     ADMISSION_MEMORY},
    {"a little less than wanted is enough", ADMISSION_MEMORY, 2 * GIB + 208 * MIB, 64 * GIB, 0, 10,
     40, 0, ADMISSION_NONE},
    {"below the first mark nothing is added", ADMISSION_MEMORY, GIB + MIB, 64 * GIB, 0, 12, 40, 12,
     ADMISSION_MEMORY},
    {"below the second a quarter goes", ADMISSION_MEMORY, GIB - MIB, 64 * GIB, 0, 12, 40, 9,
     ADMISSION_MEMORY},
    {"marks of a small machine are shares", ADMISSION_MEMORY, 110 * MIB, 1000 * MIB, 0, 12, 13, 0,
     ADMISSION_NONE},
    {"and bind below them", ADMISSION_MEMORY, 99 * MIB, 1000 * MIB, 0, 12, 40, 12,
     ADMISSION_MEMORY},
    {"one may always run", ADMISSION_MEMORY, 0, 64 * GIB, 0, 1, 40, 1, ADMISSION_MEMORY},
    {"also when none does", ADMISSION_DISK, 0, 64 * GIB, 0, 0, 40, 1, ADMISSION_DISK},
    {"some stalls are normal", ADMISSION_NONE, 0, 0, 99, 12, 40, 0, ADMISSION_NONE},
    {"stalls", ADMISSION_NONE, 0, 0, 100, 12, 40, 12, ADMISSION_MEMORY},
    {"many stalls", ADMISSION_NONE, 0, 0, 250, 12, 40, 9, ADMISSION_MEMORY},
    {"descriptors", ADMISSION_DESCRIPTORS, 256 + 8, 20000, 0, 12, 40, 20, ADMISSION_DESCRIPTORS},
    {"processes", ADMISSION_PROCESSES, 1024 + 32, 32768, 0, 12, 40, 20, ADMISSION_PROCESSES},
    {"disk", ADMISSION_DISK, 2 * GIB - MIB, 1000 * GIB, 0, 12, 40, 12, ADMISSION_DISK},
    {"a thousandth of a huge disk is plenty", ADMISSION_DISK, 16 * GIB, 16000 * GIB, 0, 12, 40, 0,
     ADMISSION_NONE},
};

Test(admission, bounds_what_may_run)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct admission a = {0};
        struct machine_reading r = with(cases[i].part, cases[i].left, cases[i].total);
        r.stalled_permille = cases[i].stalled_permille;
        bool changed = admission_look(&a, &r, cases[i].running, cases[i].wanted);
        cr_expect_eq(changed, cases[i].limit != 0, "%s", cases[i].name);
        cr_expect_eq(a.level.limit, cases[i].limit, "%s: %u", cases[i].name, a.level.limit);
        cr_expect_eq(a.level.cause, cases[i].cause, "%s: %s", cases[i].name,
                     admission_cause_name(a.level.cause));
    }
}

Test(admission, the_scarcest_part_is_the_cause)
{
    struct admission a = {0};
    struct machine_reading r = with(ADMISSION_DESCRIPTORS, 256 + 8, 20000);

    r.of[ADMISSION_PROCESSES] = (struct machine_part){1024 + 16, 32768};
    cr_assert(admission_look(&a, &r, 12, 40));
    cr_expect_eq(a.level.limit, 16);
    cr_expect_eq(a.level.cause, ADMISSION_PROCESSES);
}

Test(admission, a_step_down_waits_for_its_effect)
{
    struct admission a = {0};
    const struct machine_reading low = with(ADMISSION_MEMORY, MIB, 64 * GIB);

    cr_assert(admission_look(&a, &low, 40, 40));
    cr_assert_eq(a.level.limit, 30);
    for (uint32_t running = 40; running > 30; running--)
        cr_assert_not(admission_look(&a, &low, running, 40), "%u still run", running);
    cr_assert(admission_look(&a, &low, 30, 40));
    cr_assert_eq(a.level.limit, 22);
}

/* Agents that end while nothing new starts must not carry the limit down with them. */
Test(admission, holding_is_no_lowering)
{
    struct admission a = {0};
    const struct machine_reading scarce = with(ADMISSION_MEMORY, GIB + MIB, 64 * GIB);

    cr_assert(admission_look(&a, &scarce, 20, 40));
    for (uint32_t running = 20; running; running--)
        cr_assert_not(admission_look(&a, &scarce, running, 40));
    cr_assert_eq(a.level.limit, 20);
}

Test(admission, rises_step_by_step)
{
    static const uint32_t steps[] = {2, 3, 5, 8, 12, 18, 27, 0};
    struct admission a = {.level = {1, ADMISSION_MEMORY}};
    const struct machine_reading fine = {0};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        cr_assert_not(admission_look(&a, &fine, a.level.limit, 40), "one look is not enough");
        cr_assert(admission_look(&a, &fine, a.level.limit, 40));
        cr_assert_eq(a.level.limit, steps[i], "%zu: %u", i, a.level.limit);
    }
    cr_assert_eq(a.level.cause, ADMISSION_NONE);
    cr_assert_not(admission_look(&a, &fine, 40, 40));
}

Test(admission, trouble_in_between_begins_the_wait_anew)
{
    struct admission a = {.level = {8, ADMISSION_MEMORY}};
    const struct machine_reading fine = {0}, scarce = with(ADMISSION_MEMORY, GIB + MIB, 64 * GIB);

    cr_assert_not(admission_look(&a, &fine, 8, 40));
    cr_assert_not(admission_look(&a, &scarce, 8, 40));
    cr_assert_not(admission_look(&a, &fine, 8, 40));
    cr_assert(admission_look(&a, &fine, 8, 40));
}

/* What fits is reached by a ramp, however many are wanted at once. */
Test(admission, a_burst_becomes_a_ramp)
{
    enum { EACH = 1 << 20, WANTED = 10000 };
    struct admission a = {0};
    uint32_t running = 0;
    unsigned looks = 0;

    for (; running < WANTED; looks++) {
        const struct machine_reading r =
            with(ADMISSION_MEMORY, 24 * GIB - (uint64_t)running * EACH, 24 * GIB);
        (void)admission_look(&a, &r, running, WANTED);
        cr_assert_lt(looks, 20);
        running = a.level.limit ? a.level.limit : WANTED;
    }
    cr_assert_gt(looks, 1, "the first look admits fewer");
}

/* Agents of 300 MiB, ten more at each look, on 24 GiB. */
Test(admission, a_burst_that_does_not_fit_stops_on_the_way)
{
    enum { WANTED = 1000 };
    struct admission a = {0};
    uint32_t running = 0;

    for (unsigned looks = 0; looks < 100; looks++) {
        uint64_t used = (uint64_t)running * 300 * MIB;
        const struct machine_reading r =
            with(ADMISSION_MEMORY, used < 24 * GIB ? 24 * GIB - used : 0, 24 * GIB);
        (void)admission_look(&a, &r, running, WANTED);
        uint32_t limit = a.level.limit ? a.level.limit : WANTED;
        if (running < limit)
            running += limit - running < 10 ? limit - running : 10;
    }
    cr_assert_leq(running, 80, "%u agents", running);
}
