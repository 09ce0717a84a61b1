/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mergeset.h"

#include "base/memory.h"
#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

/* Pairs as "ab bc"; expected as letters. */
static const struct {
    const char *name;
    size_t n;
    const char *pairs, *expected;
} cases[] = {
    {"nothing", 0, "", ""},
    {"no conflict", 3, "", "abc"},
    {"two: the lower one", 2, "ba", "a"},
    {"a path of three: the ends", 3, "ab bc", "ac"},
    {"a star: all but the middle", 5, "ab ac ad ae", "bcde"},
    {"a triangle: the lowest", 3, "ab bc ca", "a"},
    {"a path of four: the lowest of three", 4, "ab bc cd", "ac"},
    {"a ring of five", 5, "ab bc cd de ea", "ac"},
    {"two groups", 5, "ab de", "acd"},
    {"pairs twice and with themselves", 3, "ab ba ab cc", "ac"},
};

static size_t read_pairs(const char *text, struct mergeset_pair *pairs)
{
    size_t count = 0;

    for (; *text; text += 2 + (text[2] == ' '))
        pairs[count++] = (struct mergeset_pair){(size_t)(text[0] - 'a'), (size_t)(text[1] - 'a')};
    return count;
}

Test(mergeset, keeps_the_most)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mergeset_pair pairs[16];
        bool in[8];
        char found[9] = "";
        size_t count = read_pairs(cases[i].pairs, pairs);
        size_t chosen = mergeset_choose(cases[i].n, pairs, count, in);
        for (size_t k = 0; k < cases[i].n; k++)
            if (in[k])
                strncat(found, &"abcdefgh"[k], 1);
        cr_expect_str_eq(found, cases[i].expected, "%s: %s", cases[i].name, found);
        cr_expect_eq(chosen, strlen(found));
    }
}

/* The lowest of the largest sets, by looking at every subset. */
static unsigned brute_force(size_t n, const struct mergeset_pair *pairs, size_t count)
{
    unsigned best = 0;

    for (unsigned set = 0; set < 1u << n; set++) {
        bool ok = true;
        for (size_t i = 0; i < count && ok; i++)
            ok = pairs[i].a == pairs[i].b || !(set >> pairs[i].a & set >> pairs[i].b & 1);
        int more = __builtin_popcount(set) - __builtin_popcount(best);
        unsigned differ = set ^ best;
        bool lower = differ && set & (differ & -differ);
        if (ok && (more > 0 || (more == 0 && lower)))
            best = set;
    }
    return best;
}

Test(mergeset, agrees_with_trying_every_subset, .timeout = 60)
{
    struct random r = {.state = 2};

    for (int run = 0; run < 400; run++) {
        struct mergeset_pair pairs[40];
        bool in[11];
        size_t n = 1 + random_below(&r, 11);
        size_t count = random_below(&r, 3 * n);
        unsigned found = 0;
        for (size_t i = 0; i < count; i++)
            pairs[i] = (struct mergeset_pair){random_below(&r, n), random_below(&r, n)};
        mergeset_choose(n, pairs, count, in);
        for (size_t i = 0; i < n; i++)
            found |= (unsigned)in[i] << i;
        cr_expect_eq(found, brute_force(n, pairs, count), "run %d: %x", run, found);
    }
}

Test(mergeset, twenty_in_one_group_are_exact)
{
    struct mergeset_pair pairs[20];
    bool in[20];

    /* A ring of 20: the greedy rule and the exact one agree on the number. */
    for (size_t i = 0; i < 20; i++)
        pairs[i] = (struct mergeset_pair){i, (i + 1) % 20};
    cr_assert_eq(mergeset_choose(20, pairs, 20, in), 10);
    for (size_t i = 0; i < 20; i++)
        cr_expect_eq(in[i], i % 2 == 0);
}

Test(mergeset, larger_groups_take_the_fewest_conflicts_first)
{
    struct mergeset_pair pairs[24];
    bool in[25];

    /* A star of 25: the middle has the most conflicts. */
    for (size_t i = 0; i < 24; i++)
        pairs[i] = (struct mergeset_pair){0, i + 1};
    cr_assert_eq(mergeset_choose(25, pairs, 24, in), 24);
    cr_assert_not(in[0]);
}

Test(mergeset, the_greedy_choice_is_the_documented_one, .timeout = 60)
{
    struct random r = {.state = 8};

    for (int run = 0; run < 60; run++) {
        enum { N = 30 };
        struct mergeset_pair pairs[200];
        bool in[N], closed[N] = {false}, met[N][N] = {{false}}, expected[N] = {false};
        size_t count = 0;
        /* One path through all makes one group. */
        for (size_t i = 0; i + 1 < N; i++)
            pairs[count++] = (struct mergeset_pair){i, i + 1};
        while (count < 29 + random_below(&r, 150))
            pairs[count++] = (struct mergeset_pair){random_below(&r, N), random_below(&r, N)};
        for (size_t i = 0; i < count; i++)
            if (pairs[i].a != pairs[i].b)
                met[pairs[i].a][pairs[i].b] = met[pairs[i].b][pairs[i].a] = true;
        for (;;) {
            size_t best = N, fewest = N + 1;
            for (size_t i = 0; i < N; i++) {
                size_t conflicts = 0;
                for (size_t k = 0; k < N; k++)
                    conflicts += met[i][k] && !closed[k];
                if (!closed[i] && conflicts < fewest) {
                    best = i;
                    fewest = conflicts;
                }
            }
            if (best == N)
                break;
            expected[best] = closed[best] = true;
            for (size_t k = 0; k < N; k++)
                closed[k] = closed[k] || met[best][k];
        }
        mergeset_choose(N, pairs, count, in);
        cr_expect_arr_eq(in, expected, sizeof in, "run %d", run);
    }
}

Test(mergeset, many_branches_are_no_trouble, .timeout = 20)
{
    enum { N = 50000 };
    AUTO_FREE struct mergeset_pair *pairs = mem_zero(N * sizeof *pairs);
    AUTO_FREE bool *in = mem_zero(N);

    for (size_t i = 0; i + 1 < N; i++)
        pairs[i] = (struct mergeset_pair){i, i + 1};
    cr_assert_eq(mergeset_choose(N, pairs, N - 1, in), N / 2);
}
