/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of tokens and money: of the run, of a subtask, of an agent. */
#include "sim/invariants_priv.h"

/* Tokens or USD; 0: no limit. */
enum spending { SPENT_TOKENS, SPENT_USD, SPENDINGS };

static const char *const unit_words[] = {[SPENT_TOKENS] = "tokens", [SPENT_USD] = "USD"};

static double limit_of(const struct plan_limits *l, enum spending unit)
{
    return unit == SPENT_TOKENS ? (double)l->tokens : l->usd;
}

bool limits_stop_agents(const struct sight *s, struct text *why)
{
    const struct plan_limits *l = &s->plan->settings.limits;
    /* Who asks for more after the end may spend as much again. */
    int64_t tokens = s->tree->tokens - s->tokens_before;
    double usd = s->tree->usd - s->usd_before;
    bool spent = (l->tokens && tokens >= l->tokens) || (l->usd > 0 && usd >= l->usd);

    for (size_t i = 0; spent && i < s->command_count; i++) {
        /* A new engine asks for what ran before it died. */
        if (!started_job(s, i, JOB_AGENT) || s->event->kind == EVENT_RESUMED)
            continue;
        text_printf(why, "job %u starts, %lld tokens and %.2f USD are spent", s->commands[i].job,
                    (long long)s->tree->tokens, s->tree->usd);
        return false;
    }
    return true;
}

/* What an agent says for itself that it may use; 0: nothing. */
static double own_limit(const struct sight *s, const struct node *n, enum spending unit)
{
    const struct plan_settings *above =
        n->unit == UNIT_NONE ? &s->request->plan->settings : &meant_subtask(s, n->unit)->settings;
    double own = limit_of(&meant_step(s, n)->settings.limits, unit);

    return own == limit_of(&above->limits, unit) ? 0 : own; /* the same number, handed down */
}

static double spent_by(const struct agent *a, enum spending unit)
{
    double sum = 0;

    for (const struct attempt *x = a->first_attempt; x; x = x->next)
        sum += unit == SPENT_TOKENS ? (double)x->tokens : x->usd > 0 ? x->usd : 0;
    return sum;
}

/* What the agents of a unit, or of all with UNIT_NONE, have spent and what those that hold a slot
 * may still use. */
static void add_up(const struct sight *s, uint32_t of, enum spending unit, double *spent,
                   double *promised)
{
    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            const struct agent *a = &w->agents.at[k];
            const struct node *n = &w->nodes.at[a->node];
            if (of != UNIT_NONE && n->unit != of)
                continue;
            *spent += spent_by(a, unit);
            *promised += a->holds_slot ? own_limit(s, n, unit) : 0;
        }
    }
}

static bool within(const struct sight *s, const struct node *n, uint32_t of,
                   const struct plan_limits *limits, struct text *why)
{
    for (int unit = 0; unit < SPENDINGS; unit++) {
        double limit = limit_of(limits, (enum spending)unit), spent = 0, promised = 0;
        if (!(limit > 0))
            continue;
        add_up(s, of, (enum spending)unit, &spent, &promised);
        bool too_much = own_limit(s, n, (enum spending)unit) > 0 && spent + promised > limit + 1e-6;
        if (!too_much && spent < limit)
            continue;
        text_printf(why, "%.2f %s are spent, %.2f promised, of %.2f", spent, unit_words[unit],
                    promised, limit);
        return false;
    }
    return true;
}

/* What started later than it got its slot may find that others used more than they might. */
static bool got_slot_now(const struct sight *s)
{
    if (s->event->kind == EVENT_JOB_ENDED) {
        enum job_kind kind = (enum job_kind)s->tree->jobs.at[s->event->job].kind;
        return kind != JOB_COPY && kind != JOB_SETUP && kind != JOB_RESET;
    }
    return s->event->kind != EVENT_RESUMED;
}

/* A new round has its limits again, and attempts of the one before are still there. */
bool budgets_kept(const struct sight *s, struct text *why)
{
    for (size_t i = 0; s->rounds == 1 && got_slot_now(s) && i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j)
            continue;
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct node *n = &w->nodes.at[w->agents.at[j->agent].node];
        if (!within(s, n, UNIT_NONE, &s->plan->settings.limits, why))
            return false;
        if (n->unit != UNIT_NONE &&
            !within(s, n, n->unit, &meant_subtask(s, n->unit)->settings.limits, why))
            return false;
    }
    return true;
}

bool overdrafts_end(const struct sight *s, struct text *why)
{
    const struct job *j =
        s->event->kind == EVENT_OVERDRAWN ? &s->tree->jobs.at[s->event->job] : NULL;

    if (!j || j->state != JOB_RUNNING || j->stop != STOP_NO || !tree_token_limit(s->tree, j) ||
        tree_token_limit(s->tree, j) >= s->event->outcome->tokens)
        return true;
    text_printf(why, "job %u goes on with %lld tokens of %lld", s->event->job,
                (long long)s->event->outcome->tokens, (long long)tree_token_limit(s->tree, j));
    return false;
}
