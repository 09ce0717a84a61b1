/* SPDX-License-Identifier: Apache-2.0 */
#include "core/graph.h"

#include "base/vector.h"
#include "core/heap.h"

#include <string.h>

struct graph_node {
    size_t first, last; /* edges out of it */
    size_t needs;
};

struct graph_edge {
    size_t from, to;
    size_t next; /* out of the same node */
};

struct graph {
    size_t n;
    struct graph_node *nodes;
    VECTOR(struct graph_edge) edges;
};

struct graph *graph_new(size_t n)
{
    struct graph *g = MEM_NEW(struct graph);

    g->n = n;
    g->nodes = mem_resize(NULL, n, sizeof *g->nodes);
    for (size_t i = 0; i < n; i++)
        g->nodes[i] = (struct graph_node){.first = GRAPH_NONE, .last = GRAPH_NONE};
    return g;
}

void graph_free(struct graph *g)
{
    if (!g)
        return;
    vector_free(&g->edges);
    free(g->nodes);
    free(g);
}

void graph_free_pointer(struct graph **g)
{
    graph_free(*g);
}

size_t graph_add(struct graph *g, size_t from, size_t to)
{
    size_t edge = g->edges.count;

    if (from >= g->n || to >= g->n)
        bug("edge %zu -> %zu in a graph of %zu nodes", from, to, g->n);
    vector_push(&g->edges, (struct graph_edge){.from = from, .to = to, .next = GRAPH_NONE});
    if (g->nodes[from].first == GRAPH_NONE)
        g->nodes[from].first = edge;
    else
        g->edges.at[g->nodes[from].last].next = edge;
    g->nodes[from].last = edge;
    g->nodes[to].needs++;
    return edge;
}

size_t graph_size(const struct graph *g)
{
    return g->n;
}

size_t graph_edges(const struct graph *g)
{
    return g->edges.count;
}

size_t graph_needs(const struct graph *g, size_t node)
{
    return g->nodes[node].needs;
}

size_t graph_first(const struct graph *g, size_t node)
{
    return g->nodes[node].first;
}

size_t graph_next(const struct graph *g, size_t edge)
{
    return g->edges.at[edge].next;
}

size_t graph_to(const struct graph *g, size_t edge)
{
    return g->edges.at[edge].to;
}

size_t graph_from(const struct graph *g, size_t edge)
{
    return g->edges.at[edge].from;
}

enum colour { WHITE, GREY, BLACK };

/* A walk in depth, with the path as an explicit stack. */
struct walk {
    const struct graph *g;
    unsigned char *colour; /* [node] */
    size_t *path;          /* grey nodes, from the root of the walk */
    size_t *edge;          /* [depth]: the next edge to follow */
    size_t depth;
};

static void walk_enter(struct walk *w, size_t node)
{
    w->colour[node] = GREY;
    w->path[w->depth] = node;
    w->edge[w->depth++] = graph_first(w->g, node);
}

/* Goes on until everything below `root` is seen, or an edge closes a cycle: then its end, which is
 * on the path; else GRAPH_NONE. */
static size_t walk_from(struct walk *w, size_t root)
{
    walk_enter(w, root);
    while (w->depth) {
        size_t edge = w->edge[w->depth - 1];
        if (edge == GRAPH_NONE) {
            w->colour[w->path[--w->depth]] = BLACK;
            continue;
        }
        w->edge[w->depth - 1] = graph_next(w->g, edge);
        size_t to = graph_to(w->g, edge);
        if (w->colour[to] == GREY)
            return to;
        if (w->colour[to] == WHITE)
            walk_enter(w, to);
    }
    return GRAPH_NONE;
}

bool graph_cycle(const struct graph *g, size_t *ret_path, size_t *ret_length)
{
    AUTO_FREE unsigned char *colour = mem_zero(g->n);
    AUTO_FREE size_t *path = mem_resize(NULL, g->n, sizeof *path);
    AUTO_FREE size_t *edge = mem_resize(NULL, g->n, sizeof *edge);
    struct walk w = {.g = g, .colour = colour, .path = path, .edge = edge};
    size_t end = GRAPH_NONE;

    for (size_t i = 0; i < g->n && end == GRAPH_NONE; i++)
        if (colour[i] == WHITE)
            end = walk_from(&w, i);
    if (end == GRAPH_NONE)
        return false;
    size_t start = w.depth - 1;
    while (path[start] != end)
        start--;
    size_t length = w.depth - start;
    memcpy(ret_path, path + start, length * sizeof *path);
    ret_path[length] = end;
    *ret_length = length + 1;
    return true;
}

static size_t *count_needs(const struct graph *g)
{
    size_t *left = mem_resize(NULL, g->n, sizeof *left);

    for (size_t i = 0; i < g->n; i++)
        left[i] = g->nodes[i].needs;
    return left;
}

static bool lower(const void *context UNUSED, size_t a, size_t b)
{
    return a < b;
}

bool graph_order(const struct graph *g, size_t *ret_order)
{
    AUTO_FREE size_t *left = count_needs(g);
    AUTO_HEAP ready = {.before = lower};
    size_t count = 0;

    for (size_t i = 0; i < g->n; i++)
        if (!left[i])
            heap_push(&ready, i);
    while (!heap_empty(&ready)) {
        size_t node = heap_pop(&ready);
        ret_order[count++] = node;
        graph_each (g, node, edge)
            if (--left[graph_to(g, edge)] == 0)
                heap_push(&ready, graph_to(g, edge));
    }
    return count == g->n;
}

/* Some order that respects the edges, in linear time; stops at cycles. Returns its length. */
static size_t any_order(const struct graph *g, size_t *ret_order)
{
    AUTO_FREE size_t *left = count_needs(g);
    size_t count = 0;

    for (size_t i = 0; i < g->n; i++)
        if (!left[i])
            ret_order[count++] = i;
    for (size_t done = 0; done < count; done++)
        graph_each (g, ret_order[done], edge)
            if (--left[graph_to(g, edge)] == 0)
                ret_order[count++] = graph_to(g, edge);
    return count;
}

static size_t *whole_order(const struct graph *g)
{
    size_t *order = mem_resize(NULL, g->n, sizeof *order);

    if (any_order(g, order) != g->n)
        bug("a graph with a cycle has no levels");
    return order;
}

void graph_levels(const struct graph *g, unsigned *ret_levels)
{
    AUTO_FREE size_t *order = whole_order(g);

    for (size_t i = 0; i < g->n; i++)
        ret_levels[i] = 1;
    for (size_t i = 0; i < g->n; i++)
        graph_each (g, order[i], edge) {
            unsigned *level = &ret_levels[graph_to(g, edge)];
            if (*level <= ret_levels[order[i]])
                *level = ret_levels[order[i]] + 1;
        }
}

void graph_tails(const struct graph *g, const double *weight, double *ret_tail)
{
    AUTO_FREE size_t *order = whole_order(g);

    for (size_t i = g->n; i-- > 0;) {
        double longest = 0;
        graph_each (g, order[i], edge)
            if (ret_tail[graph_to(g, edge)] > longest)
                longest = ret_tail[graph_to(g, edge)];
        ret_tail[order[i]] = weight[order[i]] + longest;
    }
}
