/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and money (core/budget.h). The run has an account and each unit one below it, with the
 * limits of its subtask. What an agent may use is reserved when it gets a slot and returned when
 * its attempt has ended; what it used is spent then.
 *
 * An agent with a limit of its own may use as much: it does not start while less is left. To the
 * others goes an even share of each account above them, or what is left of it.
 */
#include "core/tree_priv.h"

#include <math.h>

enum { RUN_ACCOUNT };

static const enum budget_unit units[] = {BUDGET_TOKENS, BUDGET_MICRO_USD};

static int64_t micro_usd(double usd)
{
    return (int64_t)llround(usd * 1e6);
}

/* 0: it says nothing. */
static int64_t limit_in(const struct plan_limits *l, enum budget_unit unit)
{
    return unit == BUDGET_TOKENS ? l->tokens : micro_usd(l->usd);
}

static struct budget_amount limits_of(const struct plan_limits *l)
{
    struct budget_amount a = {
        .of = {[BUDGET_TOKENS] = BUDGET_NO_LIMIT, BUDGET_NO_LIMIT, BUDGET_NO_LIMIT}};

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (limit_in(l, units[i]))
            a.of[units[i]] = limit_in(l, units[i]);
    return a;
}

/* The nearest limit wins: one that is that of the level above is no limit of its own. */
static bool differ(const struct plan_limits *a, const struct plan_limits *above)
{
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (limit_in(a, units[i]) && limit_in(a, units[i]) != limit_in(above, units[i]))
            return true;
    return false;
}

static bool units_have_limits(const struct tree *t)
{
    for (size_t i = 0; i < t->plan->subtask_count; i++)
        if (differ(&t->plan->subtasks[i].settings.limits, &t->plan->settings.limits))
            return true;
    return false;
}

void budgets_open(struct tree *t)
{
    struct budget_amount limit = limits_of(&t->plan->settings.limits);

    budget_free(t->budget);
    t->budget = budget_new(&limit);
    t->unit_accounts = false;
    budgets_open_units(t);
}

void budgets_open_units(struct tree *t)
{
    if (!t->units.count || !units_have_limits(t))
        return;
    t->unit_accounts = true;
    for (size_t i = 0; i < t->units.count; i++) {
        struct budget_amount limit =
            limits_of(&t->plan->subtasks[t->units.at[i].subtask].settings.limits);
        (void)budget_open(t->budget, RUN_ACCOUNT, &limit); /* i + 1, see account_of */
    }
}

static size_t account_of(const struct tree *t, uint32_t unit)
{
    return unit == UNIT_NONE || !t->unit_accounts ? RUN_ACCOUNT : (size_t)unit + 1;
}

/* How many agents share an account. */
static int64_t sharers(const struct tree *t, const struct work *w, size_t account)
{
    uint32_t n = 0;

    if (account == RUN_ACCOUNT && t->phase == RUN_EXECUTE)
        return (int64_t)t->decision.estimate.agents;
    for (size_t i = 0; i < w->nodes.count; i++)
        if (account == RUN_ACCOUNT || w->nodes.at[i].unit + 1 == account)
            n += w->nodes.at[i].agent_count;
    return n;
}

static int64_t share(const struct tree *t, const struct work *w, size_t account,
                     enum budget_unit unit)
{
    const struct budget_account *a = budget_account(t->budget, account);
    int64_t n = sharers(t, w, account);
    int64_t of_run = account ? share(t, w, RUN_ACCOUNT, unit) : BUDGET_NO_LIMIT;

    if (a->limit.of[unit] == BUDGET_NO_LIMIT)
        return of_run;
    int64_t own = a->limit.of[unit] / (n > 0 ? n : 1);
    own = own > 0 ? own : 1;
    return own < of_run ? own : of_run;
}

/* What an agent says that it may use; 0: nothing. */
static int64_t own_limit(const struct tree *t, const struct node *n, enum budget_unit unit)
{
    const struct plan_subtask *s = tree_node_subtask(t, n);
    const struct plan_settings *above = s ? &s->settings : &t->request.plan->settings;
    const struct plan_step *step = s ? &s->steps[n->step] : &t->request.plan->research[n->step];
    int64_t own = limit_in(&step->settings.limits, unit);

    return own == limit_in(&above->limits, unit) ? 0 : own;
}

/* Whether an account that has too little left will get some back. */
static bool some_is_held(const struct tree *t, size_t account, enum budget_unit unit, int64_t need)
{
    for (;; account = RUN_ACCOUNT) {
        const struct budget_account *a = budget_account(t->budget, account);
        bool limited = a->limit.of[unit] != BUDGET_NO_LIMIT;
        if (limited && a->limit.of[unit] - a->spent.of[unit] < need && !a->held.of[unit])
            return false;
        if (account == RUN_ACCOUNT)
            return true;
    }
}

enum budget_answer budget_take(struct tree *t, uint32_t orch, uint32_t agent)
{
    const struct work *w = t->orchs.at[orch].work;
    struct agent *a = &t->orchs.at[orch].work->agents.at[agent];
    const struct node *n = &w->nodes.at[a->node];
    size_t account = account_of(t, n->unit);
    struct budget_amount want = {0};
    AUTO_FAULT f = {0};

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        enum budget_unit unit = units[i];
        int64_t left = budget_left(t->budget, account, unit), own = own_limit(t, n, unit);
        int64_t need = own ? own : 1;
        if (left == BUDGET_NO_LIMIT)
            continue;
        if (left < need)
            return some_is_held(t, account, unit, need) ? BUDGET_WAIT : BUDGET_SPENT;
        want.of[unit] = own ? own : share(t, w, account, unit);
        want.of[unit] = want.of[unit] < left ? want.of[unit] : left;
    }
    if (!want.of[BUDGET_TOKENS] && !want.of[BUDGET_MICRO_USD])
        return BUDGET_TAKEN;
    if (budget_reserve(t->budget, account, &want, &f) < 0)
        bug("what is left of a budget can't be reserved: %s", f.message);
    a->held = arena_copy(&t->arena, &want, sizeof want);
    return BUDGET_TAKEN;
}

int64_t tree_token_limit(const struct tree *t, const struct job *j)
{
    const struct work *w = t->orchs.at[j->orch].work;

    if (j->kind != JOB_AGENT || !w->agents.at[j->agent].held)
        return 0;
    return w->agents.at[j->agent].held->of[BUDGET_TOKENS];
}

/* Another share, so that it does not have to be asked for again at once. */
bool budget_extend(struct tree *t, uint32_t orch, uint32_t agent, int64_t tokens)
{
    const struct work *w = t->orchs.at[orch].work;
    struct agent *a = &t->orchs.at[orch].work->agents.at[agent];
    const struct node *n = &w->nodes.at[a->node];
    size_t account = account_of(t, n->unit);
    int64_t held = a->held ? a->held->of[BUDGET_TOKENS] : 0;
    int64_t left = budget_left(t->budget, account, BUDGET_TOKENS), over = tokens - held;
    AUTO_FAULT f = {0};

    if (!held || over <= 0)
        return true;
    if (own_limit(t, n, BUDGET_TOKENS) || left < over)
        return false;
    int64_t more = share(t, w, account, BUDGET_TOKENS);
    more = more > over ? more : over;
    struct budget_amount want = {.of = {[BUDGET_TOKENS] = more < left ? more : left}};
    if (budget_reserve(t->budget, account, &want, &f) < 0)
        bug("what is left of a budget can't be reserved: %s", f.message);
    a->held->of[BUDGET_TOKENS] += want.of[BUDGET_TOKENS];
    return true;
}

static struct budget_amount used_by(const struct outcome *o)
{
    bool unknown = o->usd < 0 && o->tokens > 0;
    struct budget_amount used = {.of = {[BUDGET_TOKENS] = o->tokens}};

    used.of[BUDGET_MICRO_USD] = unknown ? BUDGET_UNKNOWN : o->usd > 0 ? micro_usd(o->usd) : 0;
    return used;
}

void budget_spend(struct tree *t, const struct outcome *o)
{
    const struct budget_amount none = {0}, used = used_by(o);

    budget_settle(t->budget, RUN_ACCOUNT, &none, &used);
}

void budget_return(struct tree *t, uint32_t orch, uint32_t agent, const struct outcome *o)
{
    struct work *w = t->orchs.at[orch].work;
    struct agent *a = &w->agents.at[agent];
    const struct budget_amount none = {0};
    const struct budget_amount used = o ? used_by(o) : none;

    if (o || a->held)
        budget_settle(t->budget, account_of(t, w->nodes.at[a->node].unit),
                      a->held ? a->held : &none, &used);
    a->held = NULL;
}

bool budget_is_spent(const struct tree *t)
{
    const struct budget_account *run = budget_account(t->budget, RUN_ACCOUNT);

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (run->spent.of[units[i]] >= run->limit.of[units[i]])
            return true;
    return false;
}

bool budget_is_full(const struct tree *t)
{
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (budget_left(t->budget, RUN_ACCOUNT, units[i]) == 0 &&
            budget_account(t->budget, RUN_ACCOUNT)->held.of[units[i]])
            return true;
    return false;
}
