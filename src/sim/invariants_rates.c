/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that limit rates. */
#include "sim/invariants_priv.h"

#include <string.h>

enum { LEAST_PAUSE_MS = 5000 }; /* half of the first backoff, where the server says nothing */

static bool serves(const struct sight *s, const struct work *w, const struct agent *a,
                   const char *name)
{
    const struct plan_step *step = meant_step(s, &w->nodes.at[a->node]);

    return !plan_step_is_command(step) && strcmp(step->settings.agent, name) == 0;
}

/* Until when the attempts of an agent keep all of its provider waiting. */
static int64_t paused_by(const struct sight *s, const struct agent *a)
{
    int64_t until_ms = 0;

    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        const struct world_job *j = world_job(s->world, x->job);
        if (x->error != ERROR_RATE_LIMIT || !j || j->phase != WORLD_OVER)
            continue;
        int64_t said = j->outcome->retry_after_ms;
        int64_t end_ms = x->ended_ms + (said ? said : LEAST_PAUSE_MS);
        until_ms = end_ms > until_ms ? end_ms : until_ms;
    }
    return until_ms;
}

/* Fewer than ran when it was slowed down, until it is no more. 0: any number. */
static size_t most_of(const struct aimd *rate)
{
    size_t below_peak = rate->peak > 1 ? rate->peak - 1 : 1;

    return rate->peak && (!rate->limit || rate->limit > below_peak) ? below_peak : rate->limit;
}

static bool provider_may_start(const struct sight *s, const char *name, struct text *why)
{
    int64_t until_ms = 0;
    size_t running = 0, limit = 0;

    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            if (!serves(s, w, &w->agents.at[k], name))
                continue;
            int64_t until = paused_by(s, &w->agents.at[k]);
            until_ms = until > until_ms ? until : until_ms;
            running += w->agents.at[k].holds_slot;
        }
    }
    for (size_t i = 0; i < s->tree->providers.count; i++)
        if (strcmp(s->tree->providers.at[i].name, name) == 0)
            limit = most_of(&s->tree->providers.at[i].rate);
    if (s->tree->now_ms >= until_ms && (!limit || running <= limit))
        return true;
    text_printf(why, "'%s' runs %zu agents of %zu, %lld ms before its pause is over", name, running,
                limit, (long long)(until_ms - s->tree->now_ms));
    return false;
}

/* What had its slot when a pause began goes on: only who gets one now is looked at. */
bool providers_paused(const struct sight *s, struct text *why)
{
    if (s->event->kind == EVENT_RESUMED)
        return true;
    if (s->event->kind == EVENT_JOB_ENDED) {
        enum job_kind kind = (enum job_kind)s->tree->jobs.at[s->event->job].kind;
        if (kind == JOB_COPY || kind == JOB_SETUP || kind == JOB_RESET)
            return true;
    }
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j)
            continue;
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct plan_step *step = meant_step(s, &w->nodes.at[w->agents.at[j->agent].node]);
        if (!plan_step_is_command(step) && !provider_may_start(s, step->settings.agent, why))
            return false;
    }
    return true;
}
