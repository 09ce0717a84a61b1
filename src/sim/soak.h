/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hours of work in virtual time: a run whose agents start, fail, crash, are turned away by their
 * provider and are tried again without a pause, and what its tree weighs meanwhile. Nothing but
 * what it keeps of each attempt may grow, and in the second half as slowly as in the first.
 */
#ifndef KELP_SIM_SOAK_H
#define KELP_SIM_SOAK_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data. */
struct soak_result {
    uint64_t events;
    uint32_t attempts, failed, crashed, limited; /* how they ended */
    uint32_t running_most;                       /* agents at once */
    uint32_t outstanding_most;                   /* jobs at once */
    double bytes_per_attempt[2]; /* in the two halves of the time, once it is warm */
    bool ended;                  /* cancelled at the end, the run ends and owes nothing */
};

void soak_measure(uint32_t hours, uint32_t slots, struct soak_result *ret);

#endif
