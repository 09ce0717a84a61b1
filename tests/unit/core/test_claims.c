/* SPDX-License-Identifier: Apache-2.0 */
#include "core/claims.h"

#include "base/memory.h"
#include "base/text.h"
#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const pool_of_globs[] = {
    "a",  "a/**", "a/b",    "a/*", "a/b/*.c", "b/**",  "b/x",
    "**", "*",    "c/[xy]", "c/x", "c/[z]",   "[z-a]",
};

static size_t random_claims(struct random *r, struct glob_claim *claims, size_t owners)
{
    size_t count = 1 + random_below(r, 10);

    for (size_t i = 0; i < count; i++) {
        claims[i].glob = pool_of_globs[random_below(r, COUNT_OF(pool_of_globs))];
        claims[i].owner = random_below(r, owners);
    }
    return count;
}

static bool do_meet(const struct glob_claim *claims, size_t count, size_t a, size_t b)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if (claims[i].owner == a && claims[k].owner == b &&
                globs_overlap(claims[i].glob, claims[k].glob))
                return true;
    return false;
}

Test(claims, the_first_pair_is_the_lowest)
{
    struct random r = {.state = 3};
    size_t met = 0;

    for (int run = 0; run < 500; run++) {
        struct glob_claim claims[10], copy[10];
        struct glob_claim_pair pair;
        size_t count = random_claims(&r, claims, 6);
        size_t a = 0, b = 0;
        bool found = false;
        memcpy(copy, claims, sizeof copy);
        for (a = 0; a < 6 && !found; a++)
            for (b = a + 1; b < 6 && !found; b++)
                found = do_meet(copy, count, a, b);
        bool meet = claims_meet(claims, count, &pair);
        cr_expect_eq(meet, found, "run %d", run);
        if (!meet)
            continue;
        met++;
        cr_expect(pair.a.owner == a - 1 && pair.b.owner == b - 1, "run %d: %zu and %zu", run,
                  pair.a.owner, pair.b.owner);
        cr_expect(globs_overlap(pair.a.glob, pair.b.glob));
    }
    cr_expect(met > 100 && met < 480, "%zu", met);
}

/* Which owners stand before which, closed under following. */
struct before {
    bool is[6][6];
};

static void note(void *context, size_t before, size_t after)
{
    struct before *b = context;

    cr_expect_lt(before, after);
    b->is[before][after] = true;
}

Test(claims, every_two_that_meet_are_ordered)
{
    struct random r = {.state = 4};

    for (int run = 0; run < 500; run++) {
        struct glob_claim claims[10];
        struct before b = {{{false}}};
        size_t count = random_claims(&r, claims, 6);
        claims_order(claims, count, note, &b);
        for (size_t k = 0; k < 6; k++)
            for (size_t i = 0; i < 6; i++)
                for (size_t j = 0; j < 6; j++)
                    b.is[i][j] = b.is[i][j] || (b.is[i][k] && b.is[k][j]);
        for (size_t i = 0; i < 6; i++)
            for (size_t j = i + 1; j < 6; j++)
                if (do_meet(claims, count, i, j))
                    cr_expect(b.is[i][j], "run %d: %zu and %zu", run, i, j);
    }
}

static void count_pair(void *context, size_t before UNUSED, size_t after UNUSED)
{
    ++*(size_t *)context;
}

Test(claims, many_owners_cost_few_pairs, .timeout = 20)
{
    enum { N = 20000 };
    AUTO_FREE struct glob_claim *claims = mem_zero(N * sizeof *claims);
    struct glob_claim_pair pair;
    size_t pairs = 0;

    for (size_t i = 0; i < N; i++)
        claims[i] = (struct glob_claim){.glob = "src/**", .owner = i};
    claims_order(claims, N, count_pair, &pairs);
    cr_assert_eq(pairs, N - 1, "%zu", pairs);
    cr_assert(claims_meet(claims, N, &pair));
    cr_assert(pair.a.owner == 0 && pair.b.owner == 1);
}

Test(claims, folders_of_their_own_are_not_compared, .timeout = 20)
{
    enum { N = 20000 };
    AUTO_ARENA arena = {0};
    AUTO_FREE struct glob_claim *claims = mem_zero(N * sizeof *claims);
    struct glob_claim_pair pair;
    size_t pairs = 0;

    for (size_t i = 0; i < N; i++)
        claims[i] =
            (struct glob_claim){.glob = arena_format(&arena, "services/%zu/**", i), .owner = i};
    cr_assert_not(claims_meet(claims, N, &pair));
    claims_order(claims, N, count_pair, &pairs);
    cr_assert_eq(pairs, 0);
}
