/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets a free slot: whoever has the longest path before it, by the plan and by what earlier
 * runs took. The paths are measured here once more, from the plan as it was meant. */
#include "sim/invariants_priv.h"

#include <math.h>
#include <string.h>

/* The nodes of one orchestrator's graph, each with the minutes from its start to the end of all
 * that follows; below 0: not measured yet. */
struct paths {
    const struct sight *s;
    const struct work *w;
    struct estimate_options options;
    struct step_estimate *steps; /* of the subtask measured last */
    uint32_t subtask;
    double *minutes;
};

static const struct plan *plan_of(const struct sight *s, uint32_t subtask)
{
    /* What agents asked for stands behind what was planned. */
    return subtask < s->plan->subtask_count ? s->plan : s->tree->plan;
}

static double node_minutes(struct paths *p, const struct node *n)
{
    uint32_t subtask = p->s->tree->units.at[n->unit].subtask;
    const struct plan *plan = plan_of(p->s, subtask);

    if (!p->steps || p->subtask != subtask) {
        p->subtask = subtask;
        p->steps = mem_resize(p->steps, plan->subtasks[subtask].step_count + 1, sizeof *p->steps);
        estimate_steps(plan, subtask, &p->options, p->steps);
    }
    return p->steps[n->step].minutes;
}

static double path_from(struct paths *p, size_t node)
{
    const struct node *n = &p->w->nodes.at[node];
    double longest = 0;

    if (p->minutes[node] >= 0)
        return p->minutes[node];
    for (uint32_t i = 0; i < n->out_count; i++)
        longest = fmax(longest, path_from(p, p->w->edges.at[n->first_out + i].to));
    p->minutes[node] = longest + (n->step == STEP_BARRIER ? 0 : node_minutes(p, n));
    return p->minutes[node];
}

/* The least urgent of what started, and the most urgent of what waits. */
struct extremes {
    double least_started, most_waiting;
    uint32_t started;
};

static bool starts_now(const struct sight *s, uint32_t job)
{
    for (size_t i = 0; i < s->command_count; i++)
        if (s->commands[i].kind == COMMAND_START && s->commands[i].job == job)
            return true;
    return false;
}

/* It may wait for a provider, and is passed by others then. */
static bool is_slowed(const struct sight *s, const struct node *n)
{
    for (size_t i = 0; i < s->tree->providers.count; i++) {
        const struct provider *p = &s->tree->providers.at[i];
        if ((p->paused_until_ms || p->frozen || p->rate.peak) &&
            !plan_step_is_command(meant_step(s, n)) &&
            strcmp(p->name, meant_step(s, n)->settings.agent) == 0)
            return true;
    }
    return false;
}

/* It may wait for a budget that is not everybody's, and is passed by others then. */
static bool has_budget(const struct sight *s, const struct node *n)
{
    const struct plan_limits *own = &meant_step(s, n)->settings.limits;
    const struct plan_limits *subtask = &meant_subtask(s, n->unit)->settings.limits;
    const struct plan_limits *all = &s->plan->settings.limits;

    return own->tokens != all->tokens || subtask->tokens != all->tokens ||
           fabs(own->usd - all->usd) > 0 || fabs(subtask->usd - all->usd) > 0;
}

/* What became ready just now may have come when others had begun. */
static bool waited(const struct sight *s, const struct work *w, const struct agent *a)
{
    return a->state == AGENT_STATE_READY && a->ready_ms < s->tree->now_ms &&
           !has_budget(s, &w->nodes.at[a->node]) && !is_slowed(s, &w->nodes.at[a->node]);
}

static void look_at_agents(const struct sight *s, const struct estimate_options *options,
                           const struct work *w, struct extremes *ret)
{
    struct paths p = {.s = s, .w = w, .options = *options};

    p.minutes = mem_alloc((w->nodes.count + 1) * sizeof *p.minutes);
    for (size_t i = 0; i < w->nodes.count; i++)
        p.minutes[i] = -1;
    for (size_t i = 0; i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        bool started = a->state == AGENT_STATE_RUNNING && starts_now(s, a->job);
        if (w->nodes.at[a->node].unit == UNIT_NONE || (!started && !waited(s, w, a)))
            continue;
        double minutes = path_from(&p, a->node);
        if (started && minutes < ret->least_started) {
            ret->least_started = minutes;
            ret->started = a->job;
        }
        if (!started)
            ret->most_waiting = fmax(ret->most_waiting, minutes);
    }
    free(p.minutes);
    free(p.steps);
}

/* An agent whose copy has become ready got its slot when others waited. */
static bool slots_were_given(const struct sight *s)
{
    bool any = false;

    if (s->event->kind == EVENT_RESUMED || s->tree->phase != RUN_EXECUTE)
        return false;
    if (s->event->kind == EVENT_JOB_ENDED) {
        enum job_kind kind = (enum job_kind)s->tree->jobs.at[s->event->job].kind;
        if (kind == JOB_COPY || kind == JOB_SETUP || kind == JOB_RESET)
            return false;
    }
    for (size_t i = 0; i < s->command_count; i++)
        any |= started_job(s, i, JOB_AGENT) != NULL;
    return any && s->tree->ready.count;
}

bool longest_first(const struct sight *s, struct text *why)
{
    const struct fan_known known = {.subtasks = s->tree->expanded};
    const struct estimate_options options = request_estimates(s->request, &known);
    struct extremes found = {.least_started = INFINITY, .most_waiting = -INFINITY};

    if (!slots_were_given(s))
        return true;
    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct orch *o = &s->tree->orchs.at[i];
        uint32_t subtask = o->unit_count ? s->tree->units.at[o->unit_first].subtask : 0;
        if (o->work)
            look_at_agents(s, &options, o->work, &found);
        else if (o->kind == ORCH_CHILD && o->state == ORCH_STATE_WAITING && !o->generation)
            found.most_waiting =
                fmax(found.most_waiting, estimate_subtask(plan_of(s, subtask), subtask, &options));
    }
    if (found.least_started >= found.most_waiting - 1e-9)
        return true;
    text_printf(why,
                "job %u, %.2f minutes from the end, starts before what is %.2f minutes from it",
                found.started, found.least_started, found.most_waiting);
    return false;
}
