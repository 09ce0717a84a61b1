/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model that is asked to plan. What it answers is read and checked by those who ask it; here is
 * what follows:
 *
 *     a plan                 it is taken
 *     an answer that is none once more, with what was wrong (plan_trouble)
 *     rate limit             its provider pauses, then again
 *     auth, quota            its provider is frozen, then again
 *     anything else          kelp's own planner plans, and a note says why
 *
 * The phase has one job to wait for from the first question to the last answer.
 */
#include "core/tree_priv.h"

enum { WRONG_ANSWERS_MAX = 2 };

static void ask_again(struct tree *t)
{
    t->phase_jobs++;
    t->planner.waits = true;
    planner_pump(t);
}

bool planner_begin(struct tree *t)
{
    if (!t->request.planner[0])
        return false;
    ask_again(t);
    return true;
}

void planner_pump(struct tree *t)
{
    struct planner *p = &t->planner;

    if (!p->waits || t->interrupt || !provider_is_open(provider_named(t, t->request.planner)))
        return;
    struct attempt *x = attempt_open(t);
    p->waits = false;
    p->attempts++;
    x->job = job_request(
        t,
        (struct job){.kind = JOB_PLANNER, .orch = 0, .agent = AGENT_NONE, .attempt = p->attempts});
    if (p->last_attempt)
        p->last_attempt->next = x;
    else
        p->first_attempt = x;
    p->last_attempt = x;
}

void planner_started(struct tree *t)
{
    t->planner.last_attempt->started_ms = t->now_ms;
}

void planner_cancel(struct tree *t)
{
    if (!t->planner.waits)
        return;
    t->planner.waits = false;
    t->phase_jobs--;
    run_enter(t, RUN_REPORT);
}

static void pause_provider(struct tree *t, struct provider *p, const struct outcome *o,
                           const char *why)
{
    uint64_t identity = (uint64_t)t->request.number << 40 | t->planner.attempts;
    struct retry_answer answer;

    retry_decide(&(struct retry_input){.error = ERROR_RATE_LIMIT,
                                       .attempt = 1,
                                       .pauses = provider_pauses(p),
                                       .retries = RETRIES_DEFAULT,
                                       .retry_after_ms = o->retry_after_ms,
                                       .jitter = retry_jitter(identity)},
                 &answer);
    provider_pause(t, p, answer.delay_ms, why);
}

static void give_up(struct tree *t, enum attempt_error error, const char *why)
{
    t->planner.gave_up =
        arena_format(&t->arena, "%s did not plan, so kelp did: %s%s%s", t->request.planner,
                     attempt_error_name(error), why[0] ? ": " : "", why);
    run_phase_job(t, (struct job){.kind = JOB_PLAN, .agent = AGENT_NONE});
}

void planner_ended(struct tree *t, const struct job *j, const struct outcome *o)
{
    struct provider *p = provider_named(t, t->request.planner);
    enum attempt_error error = attempt_was(t, j, o);
    const char *why;

    if (error == ERROR_NONE && !o->plan)
        error = ERROR_MALFORMED;
    attempt_record(t, t->planner.last_attempt, j, o, error);
    budget_spend(t, o);
    why = t->planner.last_attempt->message;
    if (t->final)
        return;
    if (error == ERROR_NONE) {
        provider_succeeded(p);
        run_take_plan(t, o);
        return;
    }
    if (error == ERROR_MALFORMED && ++t->planner.wrong < WRONG_ANSWERS_MAX)
        t->plan_trouble = why;
    else if (error == ERROR_RATE_LIMIT)
        pause_provider(t, p, o, why);
    else if (error == ERROR_AUTH || error == ERROR_QUOTA)
        provider_freeze(t, p, why);
    else if (error != ERROR_CANCELLED || j->stop != STOP_INTERRUPT) {
        give_up(t, error, why);
        return;
    }
    ask_again(t);
}
