/* SPDX-License-Identifier: Apache-2.0 */
/* How a run is brought to an end before its time, what it is judged to be, and what it leaves. */
#include "core/tree_priv.h"

/* What it committed is not part of the result; its clone is still needed. */
static bool is_left_out(const struct orch *o)
{
    return o->commits && !o->merged;
}

bool tree_keeps_clone(const struct tree *t, uint32_t orch)
{
    const struct orch *o = &t->orchs.at[orch];

    switch ((enum orch_kind)o->kind) {
    case ORCH_ROOT:
        return t->decision.pattern == PATTERN_WAVES && (!t->landed || o->unsettled);
    case ORCH_CHILD:
        return o->status != END_DONE || o->copy_failed || is_left_out(o) || o->unsettled;
    case ORCH_CLEANUP:
        break;
    }
    return o->copy_failed || o->unsettled || (o->commits && !o->fetched);
}

enum run_status run_judge(const struct tree *t)
{
    bool meta = t->decision.pattern == PATTERN_META;
    size_t good = 0;

    if (t->refused || (t->final && !t->over_limit))
        return RUN_STATUS_CANCELLED;
    if (t->failure[0])
        return RUN_STATUS_FAILED;
    for (size_t i = 0; i < t->units.count; i++)
        good += t->units.at[i].status == END_DONE && !(meta && is_left_out(&t->orchs.at[i + 1]));
    if (good == t->units.count)
        return RUN_STATUS_DONE;
    return good ? RUN_STATUS_PARTIAL : RUN_STATUS_FAILED;
}

int tree_exit_status(const struct tree *t)
{
    static const int statuses[] = {[RUN_STATUS_NONE] = 130,
                                   [RUN_STATUS_DONE] = 0,
                                   [RUN_STATUS_PARTIAL] = 3,
                                   [RUN_STATUS_FAILED] = 1,
                                   [RUN_STATUS_CANCELLED] = 130};

    if (t->stuck)
        return 4;
    if (t->refused)
        return 1;
    if (t->status == RUN_STATUS_DONE && (t->land_refused || t->push_refused))
        return 3;
    return statuses[t->status];
}

static bool agent_waits(const struct agent *a)
{
    return a->state == AGENT_STATE_READY || a->state == AGENT_STATE_BACKOFF;
}

/* What has not started, or waits to start again, ends as it is. */
static void end_waiting(struct tree *t)
{
    for (uint32_t o = 0; o < t->orchs.count; o++) {
        struct work *w = t->orchs.at[o].work;
        if (t->orchs.at[o].kind == ORCH_CHILD && t->orchs.at[o].state == ORCH_STATE_WAITING)
            orch_cancel_waiting(t, o);
        for (uint32_t a = 0; w && a < w->agents.count; a++)
            if (agent_waits(&w->agents.at[a]))
                agent_end_waiting(t, o, a);
    }
}

/* Nothing starts any more; what runs is stopped, what waits is ended. */
void run_cancel(struct tree *t, bool over_limit)
{
    if (t->final || t->phase == RUN_ENDED || t->phase == RUN_NEW)
        return;
    /* The run is judged and nothing is left but to write it down. */
    if (t->phase == RUN_REPORT) {
        t->interrupt = 0;
        job_release_held(t);
        return;
    }
    t->final = true;
    t->over_limit = over_limit;
    t->interrupt = 0;
    t->stuck = false;
    job_release_held(t);
    job_stop_all(t, STOP_CANCEL);
    end_waiting(t);
    planner_cancel(t);
}

/* A timer of a run that had ended before it was taken up again never comes. */
static bool is_awaited(const struct tree *t, const struct timer *timer)
{
    if (timer->over)
        return false;
    if (timer->kind == TIMER_PROVIDER)
        return t->providers.at[timer->orch].paused_until_ms == timer->at_ms;
    if (timer->kind != TIMER_BACKOFF)
        return false;
    const struct work *w = t->orchs.at[timer->orch].work;
    return w && timer->agent < w->agents.count &&
           w->agents.at[timer->agent].state == AGENT_STATE_BACKOFF;
}

/* A pause ends by itself, and so does a wait before a retry. */
static bool something_will_happen(const struct tree *t)
{
    for (size_t i = 0; i < t->timers.count; i++)
        if (is_awaited(t, &t->timers.at[i]))
            return true;
    return false;
}

static bool somebody_is_frozen(const struct tree *t)
{
    for (size_t i = 0; i < t->providers.count; i++)
        if (t->providers.at[i].frozen && tree_provider_waiting(t, i))
            return true;
    return false;
}

/* It stops as it does when it is asked to let what runs end: what waits is asked for again when the
 * run is resumed. */
void run_check_stuck(struct tree *t)
{
    if (t->interrupt || t->outstanding || t->phase == RUN_ENDED || !somebody_is_frozen(t) ||
        something_will_happen(t))
        return;
    t->stuck = true;
    t->interrupt = INTERRUPT_DRAIN;
}

void run_note_spent(struct tree *t, const struct outcome *o)
{
    t->tokens += o->tokens;
    t->counts.input += o->counts.input;
    t->counts.cached += o->counts.cached;
    t->counts.output += o->counts.output;
    t->counts.reasoning += o->counts.reasoning;
    if (o->usd >= 0)
        t->usd += o->usd;
    else
        t->usd_unknown |= o->tokens > 0;
}

/* Running agents may end: what they were paid for is not thrown away. After research the run goes
 * on, to show what it does not begin. */
void run_check_spent(struct tree *t)
{
    bool agents_start = t->phase == RUN_RESEARCH || t->phase == RUN_EXECUTE;

    if (t->final || !agents_start || !budget_is_spent(t))
        return;
    t->over_limit = true;
    t->final = t->phase == RUN_EXECUTE;
    end_waiting(t);
}
