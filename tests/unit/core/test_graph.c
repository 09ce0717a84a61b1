/* SPDX-License-Identifier: Apache-2.0 */
#include "core/graph.h"

#include "base/memory.h"
#include "make.h"

#include <criterion/criterion.h>
#include <signal.h>

enum { DEEP = 100000 };

/*   0 -> 1 -> 3
 *   0 -> 2 -> 3    4 alone */
static struct graph *diamond(void)
{
    struct graph *g = graph_new(5);

    graph_add(g, 0, 2);
    graph_add(g, 0, 1);
    graph_add(g, 1, 3);
    graph_add(g, 2, 3);
    return g;
}

Test(graph, keeps_edges_in_order)
{
    AUTO_GRAPH *g = diamond();

    cr_assert_eq(graph_size(g), 5);
    cr_assert_eq(graph_edges(g), 4);
    cr_assert_eq(graph_to(g, graph_first(g, 0)), 2);
    cr_assert_eq(graph_first(g, 4), GRAPH_NONE);
    cr_assert_eq(graph_needs(g, 3), 2);
    cr_assert_eq(graph_from(g, 2), 1);
    cr_assert_eq(graph_to(g, 2), 3);
}

Test(graph, levels_are_longest_paths)
{
    AUTO_GRAPH *g = diamond();
    static const unsigned expected[] = {1, 2, 2, 4, 1};
    unsigned levels[5];

    graph_add(g, 1, 2);
    graph_levels(g, levels);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(levels[i], i == 2 ? 3 : expected[i], "%zu: %u", i, levels[i]);
}

Test(graph, tails_are_longest_remaining_paths)
{
    AUTO_GRAPH *g = diamond();
    static const double weight[] = {1, 5, 2, 4, 3};
    static const double expected[] = {10, 9, 6, 4, 3};
    double tails[5];

    graph_tails(g, weight, tails);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(tails[i], expected[i], "%zu: %g", i, tails[i]);
}

Test(graph, the_order_is_the_lowest_one)
{
    AUTO_GRAPH *g = graph_new(4);
    static const size_t expected[] = {1, 2, 3, 0};
    size_t order[4];

    graph_add(g, 3, 0);
    cr_assert(graph_order(g, order));
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(order[i], expected[i]);
    graph_add(g, 0, 3);
    cr_assert_not(graph_order(g, order));
}

Test(graph, a_cycle_is_given_as_a_path)
{
    AUTO_GRAPH *g = diamond();
    size_t path[6], length;

    cr_assert_not(graph_cycle(g, path, &length));
    graph_add(g, 3, 1);
    cr_assert(graph_cycle(g, path, &length));
    cr_assert_eq(length, 3);
    cr_expect_eq(path[0], 3);
    cr_expect_eq(path[1], 1);
    cr_expect_eq(path[2], 3);
}

Test(graph, a_node_can_be_its_own_cycle)
{
    AUTO_GRAPH *g = graph_new(2);
    size_t path[3], length;

    graph_add(g, 1, 1);
    cr_assert(graph_cycle(g, path, &length));
    cr_assert(length == 2 && path[0] == 1 && path[1] == 1);
}

Test(graph, any_cycle_found_is_one)
{
    struct random r = {.state = 1};
    size_t found = 0;

    for (int run = 0; run < 300; run++) {
        size_t n = 2 + random_below(&r, 8);
        AUTO_GRAPH *g = graph_new(n);
        size_t path[11], order[10], length;
        for (size_t e = random_below(&r, 2 * n); e > 0; e--)
            graph_add(g, random_below(&r, n), random_below(&r, n));
        bool cycle = graph_cycle(g, path, &length);
        cr_expect_neq(cycle, graph_order(g, order));
        if (!cycle)
            continue;
        found++;
        cr_expect_eq(path[0], path[length - 1]);
        for (size_t i = 0; i + 1 < length; i++) {
            bool there = false;
            graph_each (g, path[i], edge)
                there = there || graph_to(g, edge) == path[i + 1];
            cr_expect(there, "%zu -> %zu", path[i], path[i + 1]);
        }
    }
    cr_expect(found > 50 && found < 250, "%zu", found);
}

Test(graph, a_chain_may_be_very_deep, .timeout = 20)
{
    AUTO_GRAPH *g = graph_new(DEEP);
    AUTO_FREE size_t *path = mem_resize(NULL, DEEP + 1, sizeof *path);
    AUTO_FREE unsigned *levels = mem_resize(NULL, DEEP, sizeof *levels);
    AUTO_FREE double *weight = mem_resize(NULL, DEEP, sizeof *weight);
    AUTO_FREE double *tails = mem_resize(NULL, DEEP, sizeof *tails);
    size_t length;

    for (size_t i = 0; i < DEEP; i++)
        weight[i] = 1;
    for (size_t i = 0; i + 1 < DEEP; i++)
        graph_add(g, i, i + 1);
    cr_assert_not(graph_cycle(g, path, &length));
    graph_levels(g, levels);
    graph_tails(g, weight, tails);
    cr_assert_eq(levels[DEEP - 1], DEEP);
    cr_assert_eq(tails[0], DEEP);
    graph_add(g, DEEP - 1, 0);
    cr_assert(graph_cycle(g, path, &length));
    cr_assert_eq(length, DEEP + 1);
}

Test(graph, an_empty_graph_is_one)
{
    AUTO_GRAPH *g = graph_new(0);
    size_t path[1], length;

    cr_assert_not(graph_cycle(g, path, &length));
    cr_assert(graph_order(g, path));
    graph_free(NULL);
}

Test(graph, an_edge_needs_both_ends, .signal = SIGABRT)
{
    graph_add(graph_new(2), 0, 2);
}

Test(graph, an_edge_needs_a_beginning, .signal = SIGABRT)
{
    graph_add(graph_new(2), 2, 0);
}

Test(graph, a_cycle_has_no_levels, .signal = SIGABRT)
{
    struct graph *g = graph_new(1);
    unsigned level;

    graph_add(g, 0, 0);
    graph_levels(g, &level);
}
