/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directed graph over the nodes 0..n-1. An edge (from, to) says that `from` comes before
 * `to`. Everything is linear in nodes and edges, and nothing recurses: a chain of 100,000
 * nodes is as good as any other. Parallel edges are kept and counted.
 */
#ifndef KELP_CORE_GRAPH_H
#define KELP_CORE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

struct graph;

#define GRAPH_NONE ((size_t)-1)

struct graph *graph_new(size_t n);
void graph_free(struct graph *g);
/* Returns the number of the edge: edges count from 0 in the order they are added. */
size_t graph_add(struct graph *g, size_t from, size_t to);

size_t graph_size(const struct graph *g);
size_t graph_edges(const struct graph *g);
/* How many edges lead into `node`. */
size_t graph_needs(const struct graph *g, size_t node);
/* The edges out of `node` in the order they were added; GRAPH_NONE ends. */
size_t graph_first(const struct graph *g, size_t node);
size_t graph_next(const struct graph *g, size_t edge);
size_t graph_to(const struct graph *g, size_t edge);
size_t graph_from(const struct graph *g, size_t edge);
#define graph_each(g, node, edge) \
    for (size_t edge = graph_first(g, node); edge != GRAPH_NONE; edge = graph_next(g, edge))

/* True if there is a cycle. ret_path (room for n + 1) then holds one in the order of the edges,
 * its first node again at the end; *ret_length counts both. */
bool graph_cycle(const struct graph *g, size_t *ret_path, size_t *ret_length);
/* Nodes in an order that respects the edges: of all such orders the one with the lowest indexes
 * first, compared lexicographically. False if there is a cycle. */
bool graph_order(const struct graph *g, size_t *ret_order);

/* The next two must be given a graph without cycles. */
/* Longest path that ends in the node, in nodes: 1 for those without needs. */
void graph_levels(const struct graph *g, unsigned *ret_levels);
/* Longest path from the node to any end, in weights, itself included. */
void graph_tails(const struct graph *g, const double *weight, double *ret_tail);

#define AUTO_GRAPH __attribute__((cleanup(graph_free_pointer))) struct graph
void graph_free_pointer(struct graph **g);

#endif
