/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run with very many children weighs: memory for each child that waits, and how many events
 * the tree takes to carry all of them to the end. The world is the smallest there is: it answers
 * every job at once, with success, in the order in which they were asked for.
 */
#ifndef KELP_SIM_WEIGHT_H
#define KELP_SIM_WEIGHT_H

#include "core/plan.h"

#include <stddef.h>
#include <stdint.h>

/* Plain data. */
struct weight {
    uint32_t children;
    uint32_t running;       /* agents alive when it was weighed */
    double bytes_per_child; /* of the tree, when all children exist and as many run as may */
    uint64_t events;        /* to the end of the run */
    uint32_t done;          /* children that ended as done */
};

/* Children of three steps each, which differ in their item only; `slots` 0 is no limit. */
void weight_measure(uint32_t children, uint32_t slots, struct weight *ret);

/* The plan of such a run, in the arena; `agent` is asked to do the steps, "": they are commands. */
struct plan *weight_plan(uint32_t children, const char *agent, struct arena *arena);
/* Bytes of the heap in use. */
size_t weight_allocated(void);

#endif
