/* SPDX-License-Identifier: Apache-2.0 */
#include "core/budget.h"

#include "make.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

static struct budget_amount amount(int64_t tokens, int64_t usd, int64_t ms)
{
    return (struct budget_amount){{tokens, usd, ms}};
}

static const struct budget_amount unlimited = {{BUDGET_NO_LIMIT, BUDGET_NO_LIMIT, BUDGET_NO_LIMIT}};

static int reserve(struct budget *b, size_t account, int64_t tokens)
{
    struct budget_amount want = amount(tokens, 0, 0);
    AUTO_FAULT f = {0};

    return budget_reserve(b, account, &want, &f);
}

Test(budget, children_share_what_their_parent_has)
{
    struct budget_amount limit = amount(100, BUDGET_NO_LIMIT, BUDGET_NO_LIMIT);
    struct budget *b = budget_new(&limit);
    size_t one = budget_open(b, 0, &unlimited);
    size_t two = budget_open(b, 0, &(struct budget_amount){{30, BUDGET_NO_LIMIT, 5}});

    cr_assert_eq(reserve(b, one, 60), 0);
    cr_assert_eq(budget_left(b, two, BUDGET_TOKENS), 30);
    cr_assert_eq(reserve(b, two, 31), -FAULT_LIMIT);
    cr_assert_eq(reserve(b, two, 30), 0);
    cr_assert_eq(budget_left(b, 0, BUDGET_TOKENS), 10);
    cr_assert_eq(reserve(b, one, 11), -FAULT_LIMIT);
    cr_assert_eq(reserve(b, one, 10), 0);
    cr_assert_eq(budget_left(b, one, BUDGET_TOKENS), 0);
    cr_assert_eq(budget_left(b, one, BUDGET_MICRO_USD), BUDGET_NO_LIMIT);
    cr_assert_eq(budget_left(b, two, BUDGET_MS), 5);
    budget_free(b);
    budget_free(NULL);
}

Test(budget, what_is_not_used_comes_back)
{
    struct budget_amount limit = amount(100, 1000, BUDGET_NO_LIMIT);
    struct budget *b = budget_new(&limit);
    size_t child = budget_open(b, 0, &unlimited);
    struct budget_amount want = amount(80, 500, 60000);
    struct budget_amount used = amount(20, 100, 1000);
    AUTO_FAULT f = {0};

    cr_assert_eq(budget_reserve(b, child, &want, &f), 0);
    cr_assert_eq(budget_account(b, 0)->held.of[BUDGET_MS], 60000);
    budget_settle(b, child, &want, &used);
    cr_assert_eq(budget_left(b, child, BUDGET_TOKENS), 80);
    cr_assert_eq(budget_left(b, child, BUDGET_MICRO_USD), 900);
    cr_assert_eq(budget_account(b, 0)->spent.of[BUDGET_MS], 1000);
    cr_assert_eq(budget_account(b, child)->spent.of[BUDGET_TOKENS], 20);
    cr_assert_eq(budget_account(b, child)->held.of[BUDGET_TOKENS], 0);
    budget_free(b);
}

Test(budget, all_units_or_none)
{
    struct budget_amount limit = amount(100, 10, BUDGET_NO_LIMIT);
    struct budget *b = budget_new(&limit);
    struct budget_amount want = amount(50, 11, 0);
    AUTO_FAULT f = {0};

    cr_assert_eq(budget_reserve(b, 0, &want, &f), -FAULT_LIMIT);
    cr_assert_str_eq(f.message, "11 micro-USD are wanted and 10 are left");
    cr_assert_eq(budget_left(b, 0, BUDGET_TOKENS), 100);
    budget_free(b);
}

Test(budget, an_agent_that_overshot_is_booked_truly)
{
    struct budget_amount limit = amount(100, 0, BUDGET_NO_LIMIT);
    struct budget *b = budget_new(&limit);
    struct budget_amount reserved = amount(50, 0, 0);
    struct budget_amount used = amount(170, 0, 0);

    cr_assert_eq(reserve(b, 0, 50), 0);
    budget_settle(b, 0, &reserved, &used);
    cr_assert_eq(budget_account(b, 0)->spent.of[BUDGET_TOKENS], 170);
    cr_assert_eq(budget_left(b, 0, BUDGET_TOKENS), 0);
    cr_assert_eq(reserve(b, 0, 1), -FAULT_LIMIT);
    cr_assert_eq(reserve(b, 0, 0), 0, "what costs nothing may go on");
    budget_free(b);
}

Test(budget, an_unknown_price_is_counted_and_not_guessed)
{
    struct budget *b = budget_new(&unlimited);
    size_t child = budget_open(b, 0, &unlimited);
    struct budget_amount nothing = {{0}};
    struct budget_amount used = amount(10, BUDGET_UNKNOWN, 5);

    budget_settle(b, child, &nothing, &used);
    budget_settle(b, child, &nothing, &used);
    cr_assert_eq(budget_account(b, 0)->unknown[BUDGET_MICRO_USD], 2);
    cr_assert_eq(budget_account(b, child)->unknown[BUDGET_MICRO_USD], 2);
    cr_assert_eq(budget_account(b, 0)->unknown[BUDGET_TOKENS], 0);
    cr_assert_eq(budget_account(b, 0)->spent.of[BUDGET_MICRO_USD], 0);
    cr_assert_eq(budget_account(b, 0)->spent.of[BUDGET_TOKENS], 20);
    budget_free(b);
}

Test(budget, sums_do_not_overflow)
{
    struct budget *b = budget_new(&unlimited);
    struct budget_amount nothing = {{0}};
    struct budget_amount used = amount(INT64_MAX - 1, 0, 0);

    budget_settle(b, 0, &nothing, &used);
    budget_settle(b, 0, &nothing, &used);
    cr_assert_eq(budget_account(b, 0)->spent.of[BUDGET_TOKENS], INT64_MAX);
    budget_free(b);
}

Test(budget, no_sequence_promises_more_than_there_is)
{
    struct random r = {.state = 9};

    for (int run = 0; run < 100; run++) {
        struct budget_amount limit = amount(1000, 1000, 1000);
        struct budget *b = budget_new(&limit);
        struct {
            size_t account;
            struct budget_amount want;
        } open[64];
        size_t count = 0;
        for (size_t i = 1; i < 6; i++) {
            limit = amount((int64_t)random_below(&r, 800), 1000, BUDGET_NO_LIMIT);
            budget_open(b, random_below(&r, i), &limit);
        }
        for (int step = 0; step < 60; step++) {
            AUTO_FAULT f = {0};
            open[count].account = random_below(&r, 6);
            open[count].want = amount((int64_t)random_below(&r, 300), 1, 1);
            if (budget_reserve(b, open[count].account, &open[count].want, &f) == 0)
                count++;
            if (count && random_below(&r, 3) == 0) {
                count--;
                budget_settle(b, open[count].account, &open[count].want, &open[count].want);
            }
            for (size_t i = 0; i < 6; i++) {
                const struct budget_account *a = budget_account(b, i);
                cr_expect_leq(a->spent.of[0] + a->held.of[0], a->limit.of[0]);
            }
        }
        budget_free(b);
    }
}

Test(budget, a_negative_wish_is_a_bug, .signal = SIGABRT)
{
    (void)reserve(budget_new(&unlimited), 0, -1);
}

Test(budget, an_unknown_account_is_a_bug, .signal = SIGABRT)
{
    (void)reserve(budget_new(&unlimited), 1, 1);
}

Test(budget, returning_too_much_is_a_bug, .signal = SIGABRT)
{
    struct budget_amount much = amount(1, 0, 0);

    budget_settle(budget_new(&unlimited), 0, &much, &much);
}
