/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a plan should take. In minutes, from the plan, the history and these rules:
 *
 *   an agent    its `minutes` (with a for_each: of one item, times the items of its batch); else
 *               an even share of its subtask's: what the levels whose agents all have `minutes`
 *               leave, by the number of the other levels (if they leave nothing: the
 *               subtask's minutes by the number of all its levels); else its history; else
 *               5 for a prompt and 1 for a command
 *   a subtask   its `minutes`; else the longest path through its steps (explicit waves: the sum of
 *               the longest agents of the waves)
 *   sequential  the sum of all agents
 *   waves       one orchestrator: the sum, over all levels of all subtasks, of the longest agent
 *   meta        the longest subtask + coordination for each child
 *   speedup     waves / meta
 *
 * Coordination is the engine's own time for a child, 1 ms unless it is given: children are
 * prepared while others already work. The printed figures are rounded to hundredths of a
 * minute, and the speedup is the quotient of the rounded ones, so that what is shown agrees
 * with itself: seven bugs of 15 minutes are 105 against 15, 7; a hundred services of 10
 * minutes are 1000 against 10, 100.
 *
 * A for_each on a subtask multiplies it; one whose count is not known counts once and is
 * noted in `unknown`.
 */
#ifndef KELP_CORE_ESTIMATE_H
#define KELP_CORE_ESTIMATE_H

#include "core/fan.h"
#include "core/history.h"
#include "core/plan.h"
#include "core/scale.h"

#define ESTIMATE_PROMPT_MINUTES 5.0
#define ESTIMATE_COMMAND_MINUTES 1.0
#define ESTIMATE_COORDINATION_S 0.001

/* Right when zeroed; every pointer may be NULL. */
struct estimate_options {
    const struct history *history;
    const struct fan_known *known;
    struct scale_machine machine; /* for `batch: auto` */
    double coordination_minutes;  /* for each child; 0: ESTIMATE_COORDINATION_S */
};

struct estimate {
    double sequential_minutes;
    double waves_minutes;
    double meta_minutes;
    double speedup;
    size_t children; /* subtasks, fanned out */
    size_t agents;   /* wave 0 not counted */
    bool unknown;    /* some for_each was counted once */
};

/* What one step comes to. */
struct step_estimate {
    double minutes; /* of its longest agent */
    double total;   /* of all its agents */
    size_t agents;  /* count times batches; 0 for an empty for_each */
    size_t items;   /* 1 without a for_each; FAN_UNKNOWN */
    size_t batch;   /* items for each agent */
};

/* `ret` has one entry for each step of the subtask. */
void estimate_steps(const struct plan *plan, size_t subtask, const struct estimate_options *options,
                    struct step_estimate *ret);
double estimate_subtask(const struct plan *plan, size_t subtask,
                        const struct estimate_options *options);
void estimate_plan(const struct plan *plan, const struct estimate_options *options,
                   struct estimate *ret);
/* waves / meta of rounded figures; 1 if there is nothing to do. */
double estimate_speedup(double waves_minutes, double meta_minutes);
/* To hundredths of a minute. */
double estimate_round(double minutes);

#endif
