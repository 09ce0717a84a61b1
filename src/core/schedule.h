/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List scheduling, simulated: whenever a slot is free, the ready task with the longest
 * remaining path starts (ties: the lower index). Any such schedule takes at most 2 - 1/slots
 * times the best one (Graham 1969). Times are in whatever unit `minutes` is.
 */
#ifndef KELP_CORE_SCHEDULE_H
#define KELP_CORE_SCHEDULE_H

#include "core/graph.h"
#include "core/plan.h"

/* Plain data, one for each node of the graph. */
struct schedule_task {
    double minutes; /* 0 or more */
    double tail;    /* priority: the longest remaining path; schedule_weigh fills it */
    unsigned level; /* 1.., higher than what it needs; what a barrier counts; schedule_weigh
                       fills it where it is 0 */
    bool barrier;   /* waits until every task of a lower level has ended */
};

struct schedule_result {
    double makespan;
    double *start; /* the caller's, one for each task; NULL if not wanted */
};

struct schedule_replay {
    double wave;  /* makespan with a barrier after each level */
    double flow;  /* makespan when only needs hold a task back */
    double loss;  /* wave / flow; 1 if nothing took any time */
    double bound; /* no schedule can be shorter */
};

/* Fills tails from minutes, and levels that are 0 from the graph. */
void schedule_weigh(struct schedule_task *tasks, const struct graph *g);
/* WAVE: every task has a barrier; FLOW: none has; DEFAULT: as each task says.
 * slots 0 is no limit. */
void schedule_run(const struct schedule_task *tasks, const struct graph *g, size_t slots,
                  enum plan_schedule schedule, struct schedule_result *ret);
/* max(critical path, work / slots); needs the tails. */
double schedule_bound(const struct schedule_task *tasks, const struct graph *g, size_t slots);
/* What a barrier cost, or would have cost, with these (recorded) durations. */
void schedule_replay(const struct schedule_task *tasks, const struct graph *g, size_t slots,
                     struct schedule_replay *ret);

#endif
