/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan will probably come to: the run is played many times in virtual time, by the same tree
 * that would run it, with durations and failures drawn by chance, and the results are sorted.
 *
 * The duration of an agent is lognormal: its median is the estimate (core/estimate.h: the plan,
 * else history, else 5 minutes for a prompt and 1 for a command), its spread is `spread`. Set-up
 * commands, checks and cleanups have a median of `command_seconds`, kelp's own git work one of
 * 50 ms. A for_each that was not expanded counts as one item, and `unknown` says so.
 */
#ifndef KELP_SIM_FORECAST_H
#define KELP_SIM_FORECAST_H

#include "core/event.h"
#include "core/fan.h"
#include "core/history.h"

/* Right when zeroed but for the request; 0 is the default of each. */
struct forecast_options {
    const struct run_request *request; /* planned; with its history */
    const struct fan_known *known;     /* NULL: no for_each was expanded */
    uint64_t seed;
    uint32_t trials; /* 400; fewer, but 20 at least, for plans of over 1,000 agents */
    double spread;   /* sigma of the logarithm; 0.5: one in six takes 1.65 times the median */
    double command_seconds; /* 10 */
    double failing;         /* chance that an attempt fails for good, 0..1 */
    double flaky;           /* chance that an attempt fails and may be retried, 0..1 */
};

struct forecast_range {
    double p10, p50, p90;
};

/* A child, or a subtask where there are no children. */
struct forecast_part {
    const char *title;
    uint32_t number;               /* 1.. */
    struct forecast_range minutes; /* from the start of the run to its end */
    double last;                   /* share of the trials in which it ended last */
    double done;                   /* share of the trials in which it ended as done */
};

/* All of it lives in the arena. */
struct forecast {
    uint32_t trials;
    bool unknown;
    bool children; /* the parts are child orchestrators */
    struct forecast_range makespan_minutes;
    struct forecast_range attempts;
    struct forecast_range failures; /* parts that did not end as done */
    struct forecast_range slots;    /* most agents alive at a time */
    double done;                    /* share of the trials in which all of it was done */
    struct forecast_part *parts;
    size_t part_count;
};

void forecast_run(const struct forecast_options *options, struct arena *arena,
                  struct forecast *ret);

#endif
