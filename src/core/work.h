/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of one orchestrator as one graph: of a child the steps of its subtask, of a root
 * that runs in waves the steps of every unit (fan.h). Edges are either needs (if what stands
 * before fails, what stands behind is skipped) or mere order (what stands behind waits for the
 * end, whatever it is).
 *
 * Needs: `needs` of a step; each step of an explicit wave on all of the wave before; and for
 * `depends_on` each unit of the later subtask on all units of the earlier one.
 * Order: a step with `schedule: wave` behind all lower levels of its own unit, and units with
 * overlapping `writes`: those that depends_on does not order already, by index.
 *
 * Where all of one group come before all of another, a barrier node stands between them, so that
 * the edges grow with the steps and not with their product. It takes no time; it has failed
 * if anything it needs has (not: if anything has that is only ordered before it).
 */
#ifndef KELP_CORE_WORK_H
#define KELP_CORE_WORK_H

#include "core/fan.h"
#include "core/graph.h"

#define WORK_BARRIER ((size_t)-1)

struct work_step {
    size_t unit;    /* index into the units; 0 in a child */
    size_t subtask; /* index into the plan */
    size_t step;    /* of the subtask, or WORK_BARRIER */
    unsigned level; /* 1..: a child's is that of the plan, a root's counts the steps of the
                       longest path that ends here; a barrier's is that of what stands before */
};

/* Plain data, but for the graph. */
struct work_graph {
    struct work_step *steps; /* all steps by unit, then by step; behind them the barriers */
    size_t count;            /* with barriers: the nodes of the graph */
    size_t real;             /* without: steps[0..real) are steps */
    size_t *first;           /* [unit]: index of its first step in `steps` */
    size_t units;
    struct graph *graph;     /* over `steps` */
    bool *order_only;        /* [edge] */
    unsigned levels;         /* the highest level */
};

/* All units; `depends_on` must have no cycle. `known` may be NULL. */
void work_graph_root(const struct plan *plan, const struct fan_known *known,
                     struct work_graph *ret);
/* One subtask. */
void work_graph_child(const struct plan *plan, size_t subtask, struct work_graph *ret);
void work_graph_free(struct work_graph *work);
#define AUTO_WORK __attribute__((cleanup(work_graph_free))) struct work_graph

#endif
