/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of one orchestrator as one graph of steps: of a child the steps of its subtask,
 * of a root that runs in waves the steps of every subtask. Edges are either needs (if what
 * stands before fails, what stands behind is skipped) or mere order (a barrier of
 * `schedule: wave`, or two subtasks that may write the same path: what stands behind waits
 * for the end, whatever it is).
 *
 * Needs: `needs` of a step; each step of an explicit wave on all of the wave before; and for
 * `depends_on` each first step of the later subtask on each last step of the earlier one.
 * Order: each step with `schedule: wave` behind all lower levels of its own subtask; and
 * subtasks with overlapping `writes` by index (or as depends_on already orders them).
 * A subtask without steps passes on what it depends on.
 */
#ifndef KELP_CORE_WORK_H
#define KELP_CORE_WORK_H

#include "core/graph.h"
#include "core/plan.h"

struct work_step {
    size_t subtask, step; /* indexes into the plan */
    unsigned level;       /* 1..: a child's are those of the plan, a root's the graph's */
};

/* Plain data, but for the graph. */
struct work_graph {
    struct work_step *steps; /* by subtask, then by step */
    size_t count;
    size_t *first;       /* [subtask]: index of its first step in `steps` */
    struct graph *graph; /* over `steps` */
    bool *order_only;    /* [edge] */
    unsigned levels;     /* the highest level */
};

/* All subtasks. `depends_on` must have no cycle. A for_each on a subtask is not expanded: expand
 * the plan first. */
void work_graph_root(const struct plan *plan, struct work_graph *ret);
/* One subtask; work_step.subtask is `subtask`. `first` then has one entry only, first[0]. */
void work_graph_child(const struct plan *plan, size_t subtask, struct work_graph *ret);
void work_graph_free(struct work_graph *work);
#define AUTO_WORK __attribute__((cleanup(work_graph_free))) struct work_graph

#endif
