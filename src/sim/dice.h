/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness that is a value: the state is in the struct, so that a seed is a whole history. The
 * generator is xoshiro256**, seeded by splitmix64 (Blackman and Vigna, "Scrambled Linear
 * Pseudorandom Number Generators", 2021). Not for secrets.
 */
#ifndef KELP_SIM_DICE_H
#define KELP_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state[4];
};

void dice_seed(struct dice *d, uint64_t seed);
uint64_t dice_next(struct dice *d);
/* 0 .. sides - 1; `sides` is at least 1. */
uint32_t dice_below(struct dice *d, uint32_t sides);
/* low .. high, both included. */
uint32_t dice_between(struct dice *d, uint32_t low, uint32_t high);
/* 0 <= x < 1. */
double dice_unit(struct dice *d);
bool dice_chance(struct dice *d, double probability);
/* A lognormal number: exp(ln(median) + spread * N(0, 1)). */
double dice_lognormal(struct dice *d, double median, double spread);
/* Mixes two numbers into a seed, so that each thing of a world has dice of its own and none depends
 * on the order in which others were rolled. */
uint64_t dice_mix(uint64_t a, uint64_t b);

#endif
