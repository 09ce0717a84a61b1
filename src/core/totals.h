/* SPDX-License-Identifier: Apache-2.0 */
/* Sums for the report: metrics by name, and the figures of timing. */
#ifndef KELP_CORE_TOTALS_H
#define KELP_CORE_TOTALS_H

#include "base/arena.h"
#include "core/event.h"
#include "core/graph.h"

#include <stddef.h>
#include <stdint.h>

/* Sorted by name (bytes); names live in the arena. Zeroed is empty. `struct metrics` of an event is
 * a borrowed view of one: {sums.at, sums.count}. */
struct metric_sums {
    struct metric *at;
    size_t count;
    size_t capacity;
};

/* Metrics of the same name add up. A value that is not finite is left out: false. */
bool metric_sums_add(struct metric_sums *sums, struct arena *arena, const char *name, double value);
void metric_sums_merge(struct metric_sums *sums, struct arena *arena, const struct metrics *from);
/* NULL if there is none. */
const double *metric_sums_find(const struct metric_sums *sums, const char *name);

/* One agent that ran, first attempt to last. Times are milliseconds of one clock. */
struct timed_agent {
    int64_t started_ms, ended_ms;
    int64_t busy_ms; /* in attempts; less than the span where it waited between two */
    int64_t last_ms; /* in its last attempt */
};

/* All that comes from what was measured; nothing is estimated. */
struct timing {
    double makespan_s;      /* from the start of the run to its end, without idle_ms */
    double busy_s;          /* sum of all attempts, those that failed included */
    double sequential_s;    /* the agents one after the other, each at its first try: the sum of
                               their last attempts */
    double critical_path_s; /* longest chain of needs, in busy time */
    double speedup;         /* sequential / makespan; 0 for a run of no length */
    double efficiency;      /* max(critical path, busy / slots) / makespan, at most 1; 0 likewise */
    double overhead_s;      /* the part of the makespan in which no agent ran */
};

struct timing_input {
    const struct timed_agent *agents;
    size_t count;
    const struct graph *needs;    /* over the agents; NULL: none */
    int64_t started_ms, ended_ms; /* of the run */
    int64_t idle_ms; /* of that, in which the run had ended before it was taken up again */
    size_t slots;    /* 0: no limit */
};

void timing_compute(const struct timing_input *input, struct timing *ret);

#endif
