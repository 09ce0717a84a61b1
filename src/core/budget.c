/* SPDX-License-Identifier: Apache-2.0 */
#include "core/budget.h"

#include "base/vector.h"

static const char *const unit_words[BUDGET_UNITS] = {
#define BUDGET_WORD(name, word) [BUDGET_##name] = word,
    BUDGET_UNITS_LIST(BUDGET_WORD)
#undef BUDGET_WORD
};

struct budget {
    VECTOR(struct budget_account) accounts; /* a parent stands before its children */
};

static size_t add_account(struct budget *b, size_t parent, const struct budget_amount *limit)
{
    vector_push(&b->accounts, (struct budget_account){.parent = parent, .limit = *limit});
    return b->accounts.count - 1;
}

struct budget *budget_new(const struct budget_amount *limit)
{
    struct budget *b = MEM_NEW(struct budget);

    (void)add_account(b, 0, limit); /* it is number 0 */
    return b;
}

void budget_free(struct budget *b)
{
    if (!b)
        return;
    vector_free(&b->accounts);
    free(b);
}

const struct budget_account *budget_account(const struct budget *b, size_t account)
{
    if (account >= b->accounts.count)
        bug("there is no account %zu", account);
    return &b->accounts.at[account];
}

size_t budget_open(struct budget *b, size_t parent, const struct budget_amount *limit)
{
    (void)budget_account(b, parent); /* only checks the number */
    return add_account(b, parent, limit);
}

/* Sums stay below the largest number: an amount that would pass it is as good as no limit. */
static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t left_here(const struct budget_account *a, enum budget_unit unit)
{
    int64_t used = add(a->spent.of[unit], a->held.of[unit]);

    if (a->limit.of[unit] == BUDGET_NO_LIMIT)
        return BUDGET_NO_LIMIT;
    return a->limit.of[unit] > used ? a->limit.of[unit] - used : 0;
}

int64_t budget_left(const struct budget *b, size_t account, enum budget_unit unit)
{
    int64_t least = left_here(budget_account(b, account), unit);

    while (account) {
        account = b->accounts.at[account].parent;
        int64_t left = left_here(&b->accounts.at[account], unit);
        if (left < least)
            least = left;
    }
    return least;
}

/* Walks from the account up to the run's. */
static void hold(struct budget *b, size_t account, const struct budget_amount *want, int sign)
{
    for (;;) {
        struct budget_account *a = &b->accounts.at[account];
        for (int u = 0; u < BUDGET_UNITS; u++) {
            a->held.of[u] = add(a->held.of[u], sign * want->of[u]);
            if (a->held.of[u] < 0)
                bug("more %s returned than were reserved", unit_words[u]);
        }
        if (!account)
            return;
        account = a->parent;
    }
}

int budget_reserve(struct budget *b, size_t account, const struct budget_amount *want,
                   struct fault *f)
{
    for (int u = 0; u < BUDGET_UNITS; u++) {
        int64_t left = budget_left(b, account, (enum budget_unit)u);
        if (want->of[u] < 0)
            bug("%lld %s to reserve", (long long)want->of[u], unit_words[u]);
        if (want->of[u] > left)
            return fault_set(f, FAULT_LIMIT, "%lld %s are wanted and %lld are left",
                             (long long)want->of[u], unit_words[u], (long long)left);
    }
    hold(b, account, want, 1);
    return 0;
}

static void spend(struct budget_account *a, const struct budget_amount *used)
{
    for (int u = 0; u < BUDGET_UNITS; u++) {
        if (used->of[u] == BUDGET_UNKNOWN)
            a->unknown[u]++;
        else
            a->spent.of[u] = add(a->spent.of[u], used->of[u]);
    }
}

void budget_settle(struct budget *b, size_t account, const struct budget_amount *reserved,
                   const struct budget_amount *used)
{
    hold(b, account, reserved, -1);
    for (;;) {
        spend(&b->accounts.at[account], used);
        if (!account)
            return;
        account = b->accounts.at[account].parent;
    }
}
