/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dice.h"

#include <criterion/criterion.h>
#include <math.h>

/* The reference implementation of Blackman and Vigna, seeded with splitmix64(0), gives these. */
Test(dice, follows_the_reference)
{
    static const uint64_t first[] = {0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0};
    struct dice d;

    dice_seed(&d, 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(dice_next(&d), first[i]);
}

Test(dice, stays_in_range_and_gets_everywhere)
{
    unsigned seen[6] = {0};
    struct dice d;

    dice_seed(&d, 7);
    for (int i = 0; i < 6000; i++)
        seen[dice_below(&d, 6)]++;
    for (int i = 0; i < 6; i++)
        cr_expect(seen[i] > 850 && seen[i] < 1150, "side %d: %u", i, seen[i]);
    for (int i = 0; i < 1000; i++) {
        uint32_t n = dice_between(&d, 3, 5);
        cr_expect(n >= 3 && n <= 5);
    }
    cr_expect_eq(dice_below(&d, 1), 0);
}

Test(dice, lognormal_has_its_median)
{
    int below = 0;
    struct dice d;

    dice_seed(&d, 3);
    for (int i = 0; i < 10000; i++) {
        double x = dice_lognormal(&d, 20, 1);
        cr_assert(isfinite(x) && x > 0);
        below += x < 20;
    }
    cr_expect(below > 4800 && below < 5200, "%d", below);
    cr_expect(fabs(dice_lognormal(&d, 20, 0) - 20) < 1e-9);
}

Test(dice, mixes_both_numbers)
{
    cr_expect_neq(dice_mix(1, 2), dice_mix(2, 1));
    cr_expect_neq(dice_mix(1, 2), dice_mix(1, 3));
    cr_expect_eq(dice_mix(1, 2), dice_mix(1, 2));
}
