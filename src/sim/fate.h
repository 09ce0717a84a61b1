/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a job: when it starts, how long it takes, how it ends. A fate is drawn once,
 * when the world first carries the job out, from dice that belong to this job alone, so that a
 * crash of the engine changes no fate.
 */
#ifndef KELP_SIM_FATE_H
#define KELP_SIM_FATE_H

#include "sim/accident.h"
#include "sim/errand.h"
#include "sim/shape.h"

#define FATE_NEVER INT64_MAX

struct fate {
    int64_t delay_ms; /* until it has started */
    int64_t runs_ms;  /* FATE_NEVER: until it is stopped */
    bool idle;        /* an agent that leaves nothing behind */
    bool untold;      /* it is done as its outcome says, and that never comes: a crash is told */
    struct outcome outcome;
};

/* Where fates come from; the first member of a struct that says how. */
struct fate_source {
    /* `nth`: how many attempts of the same agent the world has started before. Strings may live in
     * the arena. */
    void (*draw)(const struct fate_source *source, const struct errand *errand, uint32_t nth,
                 struct arena *arena, struct fate *ret);
};

/* Fates of the fault search: everything that the shape allows, more or less of each by seed. */
struct search_fates {
    struct fate_source source;
    struct shape shape;
    double odds[SIM_FAULT_COUNT]; /* how much more or less than usual; 0: never */
    struct accidents *accidents;  /* of which each job's troubles are one; NULL: nobody asks */
};

void search_fates_init(struct search_fates *fates, const struct shape *shape);

#endif
