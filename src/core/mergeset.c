/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mergeset.h"

#include "base/vector.h"
#include "core/graph.h"
#include "core/heap.h"

#include <stdint.h>
#include <string.h>

struct chooser {
    struct graph *graph; /* each conflict as an edge both ways */
    size_t *scratch;     /* [branch]: its place in its group; in a greedy choice the number of its
                            conflicts with branches that are still open */
    bool *closed;        /* [branch]: chosen, or in conflict with one that is */
    bool *in;            /* [branch]: the answer */
};

/* A conflict group: its branches in ascending order. */
struct group {
    size_t *members;
    size_t count;
};

static int compare_pairs(const void *left, const void *right)
{
    const struct mergeset_pair *a = left;
    const struct mergeset_pair *b = right;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static struct graph *conflict_graph(size_t n, const struct mergeset_pair *pairs, size_t count)
{
    struct graph *g = graph_new(n);
    AUTO_FREE struct mergeset_pair *sorted = mem_resize(NULL, count, sizeof *sorted);

    for (size_t i = 0; i < count; i++) {
        bool swapped = pairs[i].a > pairs[i].b;
        sorted[i].a = swapped ? pairs[i].b : pairs[i].a;
        sorted[i].b = swapped ? pairs[i].a : pairs[i].b;
    }
    qsort(sorted, count, sizeof *sorted, compare_pairs);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].a == sorted[i].b || (i && compare_pairs(&sorted[i], &sorted[i - 1]) == 0))
            continue;
        graph_add(g, sorted[i].a, sorted[i].b);
        graph_add(g, sorted[i].b, sorted[i].a);
    }
    return g;
}

/* The search for a maximum independent set of one group. */
struct search {
    uint32_t conflicts[MERGESET_EXACT]; /* [member]: a bit for each member it conflicts with */
    uint32_t best;
};

static int size_of(uint32_t set)
{
    return __builtin_popcount(set);
}

/*
 * Depth first; the lowest open member is taken before it is left out, so that sets come in
 * lexicographic order: only a larger one replaces the best so far, and so the lowest of
 * the largest stays. The recursion is as deep as the group is large.
 */
static void search_from(struct search *s, uint32_t in, uint32_t open)
{
    if (size_of(in) + size_of(open) <= size_of(s->best))
        return;
    if (!open) {
        s->best = in;
        return;
    }
    int member = __builtin_ctz(open);
    uint32_t bit = UINT32_C(1) << member;
    search_from(s, in | bit, open & ~bit & ~s->conflicts[member]);
    /* Leaving out a member without open conflicts can't win. */
    if (open & s->conflicts[member])
        search_from(s, in, open & ~bit);
}

static void choose_exactly(struct chooser *c, const struct group *group)
{
    struct search s = {{0}, 0};

    for (size_t i = 0; i < group->count; i++)
        c->scratch[group->members[i]] = i;
    for (size_t i = 0; i < group->count; i++)
        graph_each (c->graph, group->members[i], edge) {
            s.conflicts[i] |= UINT32_C(1) << c->scratch[graph_to(c->graph, edge)];
        }
    search_from(&s, 0, (UINT32_C(1) << group->count) - 1);
    for (size_t i = 0; i < group->count; i++)
        c->in[group->members[i]] = s.best >> i & 1;
}

/* An entry of the heap is conflicts * n + branch, so that the numbers themselves are the order. */
static bool is_less(const void *context UNUSED, size_t a, size_t b)
{
    return a < b;
}

static void close_branch(struct chooser *c, struct heap *heap, size_t branch)
{
    c->closed[branch] = true;
    graph_each (c->graph, branch, edge) {
        size_t other = graph_to(c->graph, edge);
        if (!c->closed[other])
            heap_push(heap, --c->scratch[other] * graph_size(c->graph) + other);
    }
}

static void choose_greedily(struct chooser *c, const struct group *group)
{
    size_t n = graph_size(c->graph);
    AUTO_HEAP heap = {.before = is_less};

    for (size_t i = 0; i < group->count; i++) {
        size_t branch = group->members[i];
        c->scratch[branch] = graph_needs(c->graph, branch);
        heap_push(&heap, c->scratch[branch] * n + branch);
    }
    while (!heap_empty(&heap)) {
        size_t branch = heap_pop(&heap) % n;
        /* A branch whose count went down has newer entries, which come out first. */
        if (c->closed[branch])
            continue;
        c->in[branch] = true;
        close_branch(c, &heap, branch);
        graph_each (c->graph, branch, edge) {
            if (!c->closed[graph_to(c->graph, edge)])
                close_branch(c, &heap, graph_to(c->graph, edge));
        }
    }
}

static int compare_sizes(const void *left, const void *right)
{
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;

    return (a > b) - (a < b);
}

/* All that conflicts with `first`, or with one of those, and so on. */
static void find_group(const struct graph *g, size_t first, bool *seen, struct group *ret)
{
    ret->members[0] = first;
    ret->count = 1;
    seen[first] = true;
    for (size_t done = 0; done < ret->count; done++)
        graph_each (g, ret->members[done], edge) {
            size_t other = graph_to(g, edge);
            if (seen[other])
                continue;
            seen[other] = true;
            ret->members[ret->count++] = other;
        }
    qsort(ret->members, ret->count, sizeof *ret->members, compare_sizes);
}

size_t mergeset_choose(size_t n, const struct mergeset_pair *pairs, size_t pair_count, bool *ret_in)
{
    AUTO_GRAPH *graph = conflict_graph(n, pairs, pair_count);
    AUTO_FREE size_t *scratch = mem_zero(n * sizeof *scratch);
    AUTO_FREE size_t *members = mem_zero(n * sizeof *members);
    AUTO_FREE bool *closed = mem_zero(n);
    AUTO_FREE bool *seen = mem_zero(n);
    struct chooser c = {.graph = graph, .scratch = scratch, .closed = closed, .in = ret_in};
    size_t count = 0;

    memset(ret_in, 0, n);
    for (size_t i = 0; i < n; i++) {
        struct group group = {.members = members};
        if (seen[i])
            continue;
        find_group(graph, i, seen, &group);
        if (group.count <= MERGESET_EXACT)
            choose_exactly(&c, &group);
        else
            choose_greedily(&c, &group);
    }
    for (size_t i = 0; i < n; i++)
        count += ret_in[i];
    return count;
}
