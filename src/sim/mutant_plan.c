/* SPDX-License-Identifier: Apache-2.0 */
/* Mutants of what the tree is told: the plan and the settings. */
#include "sim/mutant_priv.h"

static void each_step(struct plan *p, void (*change)(struct plan_step *step))
{
    for (size_t i = 0; i < p->subtask_count; i++)
        for (size_t k = 0; k < p->subtasks[i].step_count; k++)
            change(&p->subtasks[i].steps[k]);
}

void mutant_more_slots(struct run_request *r, struct plan *p)
{
    (void)p;
    r->settings.slots = r->settings.slots ? r->settings.slots + 1 : 0;
}

static void forget_needs(struct plan_step *step)
{
    step->need_count = 0;
}

void mutant_no_needs(struct run_request *r, struct plan *p)
{
    (void)r;
    each_step(p, forget_needs);
}

static void flow(struct plan_step *step)
{
    step->settings.schedule = SCHEDULE_FLOW;
    step->level = 1;
}

void mutant_no_barriers(struct run_request *r, struct plan *p)
{
    (void)r;
    for (size_t i = 0; i < p->subtask_count; i++)
        p->subtasks[i].explicit_waves = false;
    each_step(p, flow);
}

static void generous(struct plan_step *step)
{
    step->settings.retries = 9;
}

void mutant_more_retries(struct run_request *r, struct plan *p)
{
    r->settings.retry_min = 1000;
    each_step(p, generous);
}

void mutant_no_limits(struct run_request *r, struct plan *p)
{
    (void)r;
    p->settings.limits.tokens = 0;
    p->settings.limits.usd = 0;
}

void mutant_no_subtask_limits(struct run_request *r, struct plan *p)
{
    (void)r;
    for (size_t i = 0; i < p->subtask_count; i++) {
        p->subtasks[i].settings.limits.tokens = p->settings.limits.tokens;
        p->subtasks[i].settings.limits.usd = p->settings.limits.usd;
    }
}

void mutant_no_undo(struct run_request *r, struct plan *p)
{
    (void)r;
    for (size_t i = 0; i < p->subtask_count; i++)
        p->subtasks[i].on_failure.count = 0;
}

void mutant_all_may_fail(struct run_request *r, struct plan *p)
{
    (void)r;
    for (size_t i = 0; i < p->subtask_count; i++)
        for (size_t k = 0; p->subtasks[i].explicit_waves && k < p->subtasks[i].wave_count; k++)
            p->subtasks[i].waves[k].allow_failures = 1000;
}

void mutant_no_repository(struct run_request *r, struct plan *p)
{
    (void)p;
    r->in_repository = false;
}

void mutant_no_history(struct run_request *r, struct plan *p)
{
    (void)p;
    r->history = NULL;
}

/* The tree is told that research works on a copy where it does not. */
void mutant_research_unnoticed(struct run_request *r, struct plan *p)
{
    (void)r;
    for (size_t i = 0; i < p->research_count; i++)
        p->research[i].settings.isolation = ISOLATION_CLONE;
}
