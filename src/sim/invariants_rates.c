/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that limit rates, or do not serve at all. */
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

/* Until when a provider pauses, and how many of its agents hold slots. */
static int64_t pause_of(const struct sight *s, const char *name, size_t *ret_running)
{
    int64_t until_ms = 0;

    *ret_running = 0;
    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            if (!serves(s, w, &w->agents.at[k], name))
                continue;
            int64_t until = paused_by(s, &w->agents.at[k]);
            until_ms = until > until_ms ? until : until_ms;
            *ret_running += w->agents.at[k].holds_slot;
        }
    }
    return until_ms;
}

static bool provider_may_start(const struct sight *s, const char *name, bool gets_slot,
                               struct text *why)
{
    size_t running, limit = 0;
    int64_t until_ms = pause_of(s, name, &running);

    for (size_t i = 0; i < s->tree->providers.count; i++)
        if (strcmp(s->tree->providers.at[i].name, name) == 0)
            limit = most_of(&s->tree->providers.at[i].rate);
    if (s->tree->now_ms >= until_ms && (!gets_slot || !limit || running <= limit))
        return true;
    text_printf(why, "'%s' runs %zu agents of %zu, %lld ms before its pause is over", name, running,
                limit, (long long)(until_ms - s->tree->now_ms));
    return false;
}

/* The attempt, if it is one of a model that was not asked for before. */
static const struct job *new_attempt(const struct sight *s, size_t command)
{
    const struct job *j = started_job(s, command, JOB_AGENT);
    const struct world_job *before = j ? world_job(s->world, s->commands[command].job) : NULL;

    return before && before->asked_in ? NULL : j;
}

static const char *provider_name(const struct sight *s, const struct job *j)
{
    const struct work *w = s->tree->orchs.at[j->orch].work;
    const struct plan_step *step = meant_step(s, &w->nodes.at[w->agents.at[j->agent].node]);

    return plan_step_is_command(step) ? NULL : step->settings.agent;
}

/* What has its slot keeps it while its copy is made, whatever the provider's limit is by then. */
static bool got_slot(const struct sight *s)
{
    if (s->event->kind != EVENT_JOB_ENDED)
        return true;
    enum job_kind kind = (enum job_kind)s->tree->jobs.at[s->event->job].kind;
    return kind != JOB_COPY && kind != JOB_SETUP && kind != JOB_RESET;
}

/* What was asked for before a crash is asked for again, whatever was learnt meanwhile. */
bool providers_paused(const struct sight *s, struct text *why)
{
    if (s->event->kind == EVENT_RESUMED)
        return true;
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = new_attempt(s, i);
        const char *name = j ? provider_name(s, j) : NULL;
        if (name && !provider_may_start(s, name, got_slot(s), why))
            return false;
    }
    return true;
}

/* An attempt of this provider ended in the present life of the engine because it does not serve. */
static bool stopped_serving(const struct sight *s, const char *name)
{
    for (uint32_t i = 0; i < s->tree->jobs.count; i++) {
        const struct job *j = &s->tree->jobs.at[i];
        const struct world_job *seen = world_job(s->world, i);
        if (j->kind != JOB_AGENT || j->state != JOB_ENDED || j->stop != STOP_NO || !seen ||
            seen->asked_in != s->world->life || seen->phase != WORLD_OVER ||
            (seen->outcome->error != ERROR_AUTH && seen->outcome->error != ERROR_QUOTA))
            continue;
        const char *its = provider_name(s, j);
        if (its && strcmp(its, name) == 0)
            return true;
    }
    return false;
}

bool providers_frozen(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = new_attempt(s, i);
        const char *name = j ? provider_name(s, j) : NULL;
        if (!name || !stopped_serving(s, name))
            continue;
        text_printf(why, "an attempt starts although '%s' does not serve", name);
        return false;
    }
    return true;
}

bool stops_with_reason(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;

    if (!t->stuck)
        return true;
    for (size_t i = 0; i < t->providers.count; i++)
        if (t->providers.at[i].frozen && tree_provider_waiting(t, i) && !tree_busy(t) &&
            tree_exit_status(t) == 4)
            return true;
    text_printf(why, "nobody waits for a frozen provider, or %u jobs are owed", t->outstanding);
    return false;
}

/* Answers that were no plan, in the world's eyes. */
bool planner_bounded(const struct sight *s, struct text *why)
{
    uint32_t wrong = 0;
    bool embedded = false;

    if (s->event->kind != EVENT_JOB_ENDED || s->tree->jobs.at[s->event->job].kind != JOB_PLANNER)
        return true;
    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        /* One that an interruption stopped is asked again, whatever it had said by then. */
        wrong += j->asked_in && j->errand.job.kind == JOB_PLANNER && j->phase == WORLD_OVER &&
                 s->tree->jobs.at[i].stop != STOP_INTERRUPT &&
                 s->tree->jobs.at[i].state == JOB_ENDED && j->outcome->error == ERROR_MALFORMED;
    }
    for (size_t i = 0; i < s->tree->jobs.count; i++)
        embedded |= s->tree->jobs.at[i].kind == JOB_PLAN;
    if (wrong < 2 || embedded || s->tree->final || s->tree->interrupt)
        return true;
    text_printf(why, "%u answers were wrong, and kelp's own planner was not asked", wrong);
    return false;
}
