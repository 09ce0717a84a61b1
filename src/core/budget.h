/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger of reservations. Accounts form a tree: the run's is 0, each orchestrator has one.
 * Before an agent starts, what it may use is reserved from its account and from every
 * account above; when it ends, the reservation is returned and what it used is spent. So
 * the accounts of one level together can never promise more than the one above has.
 * All amounts are integers; BUDGET_NO_LIMIT as a limit bounds nothing.
 */
#ifndef KELP_CORE_BUDGET_H
#define KELP_CORE_BUDGET_H

#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_UNITS_LIST(X)  \
    X(TOKENS, "tokens")       \
    X(MICRO_USD, "micro-USD") \
    X(MS, "milliseconds")

enum budget_unit {
#define BUDGET_ENUM(name, word) BUDGET_##name,
    BUDGET_UNITS_LIST(BUDGET_ENUM)
#undef BUDGET_ENUM
        BUDGET_UNITS
};

#define BUDGET_NO_LIMIT INT64_MAX
/* As a used amount: nobody knows. Counts as 0 and is counted in `unknown`. */
#define BUDGET_UNKNOWN ((int64_t)-1)

struct budget_amount {
    int64_t of[BUDGET_UNITS];
};

struct budget_account {
    size_t parent; /* its own index for the run's */
    struct budget_amount limit;
    struct budget_amount spent;
    struct budget_amount held;
    size_t unknown[BUDGET_UNITS]; /* agents whose use is not known */
};

struct budget;

struct budget *budget_new(const struct budget_amount *limit);
void budget_free(struct budget *b);
/* A new account below `parent`; returns its number. */
size_t budget_open(struct budget *b, size_t parent, const struct budget_amount *limit);
/* All or nothing. FAULT_LIMIT names the unit and what is left; `want` has no negatives. */
int budget_reserve(struct budget *b, size_t account, const struct budget_amount *want,
                   struct fault *f) MUST_CHECK;
/* Returns what was reserved and books what was used, which may be more: an agent that
 * overshot is booked truly, and nothing more is promised until there is room. */
void budget_settle(struct budget *b, size_t account, const struct budget_amount *reserved,
                   const struct budget_amount *used);
/* What could be reserved now: the least of the account and those above, never below 0. */
int64_t budget_left(const struct budget *b, size_t account, enum budget_unit unit);
const struct budget_account *budget_account(const struct budget *b, size_t account);

#endif
