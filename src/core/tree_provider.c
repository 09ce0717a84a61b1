/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers of models. One that limits rates is paused for all its agents, as long as the server
 * asks for; after each pause half as many of them run at once, and one more with each round of
 * successes (aimd in core/stepdown.h). One that does not accept the key, or whose quota is used up,
 * is frozen until the run is resumed. Agents that wait for their provider stand aside, so that
 * those of others get the slots; attempts that run go on.
 */
#include "core/tree_priv.h"

#include <string.h>

struct provider *provider_named(struct tree *t, const char *name)
{
    for (size_t i = 0; i < t->providers.count; i++)
        if (strcmp(t->providers.at[i].name, name) == 0)
            return &t->providers.at[i];
    struct provider p = {.name = keep_string(t, name), .trouble = ""};
    aimd_init(&p.rate, t->settings.slots);
    vector_push(&t->providers, p);
    return &t->providers.at[t->providers.count - 1];
}

struct provider *provider_of(struct tree *t, uint32_t orch, uint32_t agent)
{
    const struct orch *o = &t->orchs.at[orch];
    const struct plan_step *step = tree_agent_step(t, o, &o->work->agents.at[agent]);

    if (plan_step_is_command(step))
        return NULL;
    return provider_named(t, step->settings.agent);
}

bool provider_is_open(const struct provider *p)
{
    return !p->frozen && !p->paused_until_ms;
}

bool provider_has_room(const struct provider *p)
{
    return provider_is_open(p) && (!p->rate.limit || p->running < p->rate.limit);
}

bool provider_park(struct tree *t, struct ready r)
{
    struct provider *p = provider_of(t, r.orch, r.agent);

    if (!p || provider_has_room(p))
        return false;
    ready_heap_push(&p->parked, r);
    return true;
}

void provider_began(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct provider *p = provider_of(t, orch, agent);

    if (p)
        p->running++;
}

void provider_ended(struct tree *t, uint32_t orch, uint32_t agent)
{
    struct provider *p = provider_of(t, orch, agent);

    if (p)
        p->running--;
}

unsigned provider_pauses(const struct provider *p)
{
    return p->pauses && p->paused_until_ms ? p->pauses - 1 : p->pauses;
}

static void await_end_of_pause(struct tree *t, const struct provider *p)
{
    timer_set(t, (struct timer){.kind = TIMER_PROVIDER,
                                .orch = (uint32_t)(p - t->providers.at),
                                .agent = AGENT_NONE,
                                .job = JOB_NONE,
                                .at_ms = p->paused_until_ms});
}

void providers_take_up(struct tree *t)
{
    for (size_t i = 0; i < t->providers.count; i++)
        if (t->providers.at[i].paused_until_ms)
            await_end_of_pause(t, &t->providers.at[i]);
}

void provider_pause(struct tree *t, struct provider *p, int64_t delay_ms, const char *why)
{
    int64_t until_ms = t->now_ms + delay_ms;

    p->trouble = keep_string(t, why);
    if (!p->paused_until_ms) {
        aimd_limited(&p->rate, p->running ? p->running : 1); /* 1: the planner holds no slot */
        p->pauses++;
    }
    if (until_ms <= p->paused_until_ms)
        return;
    p->paused_until_ms = until_ms;
    await_end_of_pause(t, p);
}

/* The first trouble is the one to mend. */
void provider_freeze(struct tree *t, struct provider *p, const char *why)
{
    if (!p->frozen)
        p->trouble = keep_string(t, why);
    p->frozen = true;
}

void providers_thaw(struct tree *t)
{
    for (size_t i = 0; i < t->providers.count; i++)
        t->providers.at[i].frozen = false;
}

size_t tree_provider_waiting(const struct tree *t, size_t i)
{
    const struct provider *p = &t->providers.at[i];
    size_t n = t->planner.waits && strcmp(t->request.planner, p->name) == 0;

    for (size_t k = 0; k < p->parked.count; k++)
        n += ready_is_valid(t, p->parked.at[k]);
    return n;
}

void provider_succeeded(struct provider *p)
{
    if (!p)
        return;
    p->pauses = 0;
    (void)aimd_ok(&p->rate); /* whether there is more room is seen when slots are given */
}

/* A pause that was made longer has another timer. */
void provider_timer(struct tree *t, const struct timer *timer)
{
    struct provider *p = &t->providers.at[timer->orch];

    if (p->paused_until_ms == timer->at_ms)
        p->paused_until_ms = 0;
}

void providers_free(struct tree *t)
{
    for (size_t i = 0; i < t->providers.count; i++)
        vector_free(&t->providers.at[i].parked);
    vector_free(&t->providers);
}
