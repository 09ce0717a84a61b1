/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of one orchestrator as one graph: of a child the steps of its subtask, of a root
 * that runs in waves the steps of every unit (fan.h). Edges are either needs (if what stands
 * before fails, what stands behind is skipped) or mere order (what stands behind waits for the
 * end, whatever it is).
 *
 * Needs: `needs` of a step; a step of an explicit wave on all of the wave before, unless its
 * schedule is `flow` and it names needs of its own; and for `depends_on` each unit of the
 * later subtask on all units of the earlier one.
 * Order: a step of `steps` with `schedule: wave` behind all lower levels of its own unit; and
 * units with overlapping `writes` (the subtask's and its steps'): as depends_on orders their
 * subtasks, else by index.
 *
 * Where all of one group come before all of another, a barrier node stands between them, so that
 * the edges grow with the steps and not with their product. It takes no time. It has failed
 * if something that it needs has failed; what is only ordered before it does not count.
 */
#ifndef KELP_CORE_WORK_H
#define KELP_CORE_WORK_H

#include "core/fan.h"
#include "core/graph.h"

#define WORK_BARRIER ((size_t)-1)

struct work_step {
    size_t unit;    /* index into the units; 0 in a child; WORK_BARRIER: closes a subtask */
    size_t subtask; /* index into the plan */
    size_t step;    /* of the subtask, or WORK_BARRIER */
    unsigned level; /* of a step 1..: in a child that of the plan, in a root the steps on the
                       longest path that ends here. Of a barrier that of what stands before */
};

/* Plain data, but for the graph. */
struct work_graph {
    struct work_step *steps; /* all steps by unit, then by step; behind them the barriers */
    size_t count;            /* with barriers: the nodes of the graph */
    size_t real;             /* without: steps[0..real) are steps */
    size_t *first;           /* [unit]: index of its first step in `steps` */
    size_t units;
    struct graph *graph; /* over `steps` */
    bool *order_only;    /* [edge] */
    unsigned levels;     /* the highest level */
};

/* All units; `depends_on` must have no cycle. `known` may be NULL. */
void work_graph_root(const struct plan *plan, const struct fan_known *known,
                     struct work_graph *ret);
/* One subtask. */
void work_graph_child(const struct plan *plan, size_t subtask, struct work_graph *ret);
void work_graph_free(struct work_graph *work);
#define AUTO_WORK __attribute__((cleanup(work_graph_free))) struct work_graph

/* The globs that a unit may write: its subtask's and its steps', with its item filled in. */
struct strings work_writes(const struct plan_subtask *subtask, const char *item,
                           struct arena *arena);

#endif
