/* SPDX-License-Identifier: Apache-2.0 */
/* Who there is, who may run, and when. */
#include "sim/invariants_priv.h"

bool ids_depth(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;

    for (uint32_t i = 1; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        const struct orch *parent = &t->orchs.at[o->parent];
        bool grown = o->kind == ORCH_CLEANUP || (o->kind == ORCH_CHILD && o->parent == 0);
        if (o->parent < i && grown && o->id.depth == parent->id.depth + 1 &&
            o->id.depth <= EXEC_DEPTH_MAX)
            continue;
        text_printf(why, "orchestrator %u has depth %u", i, o->id.depth);
        return false;
    }
    return true;
}

bool ids_numbered(const struct sight *s, struct text *why)
{
    const struct tree *t = s->tree;

    for (uint32_t i = 1; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        uint32_t number = 1;
        for (uint32_t k = 1; k < i && o->parent != 0; k++)
            number += t->orchs.at[k].parent == o->parent;
        /* The root's are many and stand in order: each follows the last one before it. */
        for (uint32_t k = i; o->parent == 0 && k-- > 1;) {
            if (t->orchs.at[k].parent != 0)
                continue;
            number = t->orchs.at[k].id.part[0] + 1;
            break;
        }
        if (o->id.part[o->id.depth - 1] == number)
            continue;
        text_printf(why, "orchestrator %u has number %u, and %u would follow", i,
                    o->id.part[o->id.depth - 1], number);
        return false;
    }
    return true;
}

bool slots_bounded(const struct sight *s, struct text *why)
{
    uint32_t slots = s->request->settings.slots;

    if (slots && (s->tree->running > slots || s->world->running > slots)) {
        text_printf(why, "%u agents counted and %u alive with %u slots", s->tree->running,
                    s->world->running, slots);
        return false;
    }
    if (s->world->running <= s->tree->running)
        return true;
    text_printf(why, "%u agents are alive and %u are counted", s->world->running, s->tree->running);
    return false;
}

static bool needs_slot(enum agent_state state)
{
    return state == AGENT_STATE_COPYING || state == AGENT_STATE_SETTING_UP ||
           state == AGENT_STATE_RUNNING || state == AGENT_STATE_RESETTING;
}

/* The agent that the event is about has given its slot back. */
static bool released(const struct sight *s)
{
    const struct job *j = s->held_before ? &s->tree->jobs.at[s->event->job] : NULL;
    const struct work *w = j ? s->tree->orchs.at[j->orch].work : NULL;

    return w && j->agent < w->agents.count && !w->agents.at[j->agent].holds_slot;
}

/* Agents that run already go on, so more may run than are admitted; none is added to them. */
bool admission_kept(const struct sight *s, struct text *why)
{
    uint32_t limit = s->bears.limit, now = s->tree->running;
    uint32_t left = s->running_before - released(s);

    if (!limit || now <= limit || now <= left)
        return true;
    text_printf(why, "%u agents run after %u did, and the machine bears %u", now, left, limit);
    return false;
}

bool slots_counted(const struct sight *s, struct text *why)
{
    uint32_t held = 0;

    for (size_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            const struct agent *a = &w->agents.at[k];
            held += a->holds_slot;
            if (a->holds_slot == needs_slot((enum agent_state)a->state))
                continue;
            text_printf(why, "agent %zu of orchestrator %zu is %s and %s a slot", k, i,
                        agent_state_name((enum agent_state)a->state),
                        a->holds_slot ? "holds" : "has not");
            return false;
        }
    }
    if (held == s->tree->running)
        return true;
    text_printf(why, "%u are held, %u are counted", held, s->tree->running);
    return false;
}

/* Calls a check for each agent that starts with this event. */
static bool for_each_start(const struct sight *s, struct text *why,
                           bool (*holds)(const struct sight *s, const struct work *w,
                                         const struct node *n, struct text *why))
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j)
            continue;
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct node *n = &w->nodes.at[w->agents.at[j->agent].node];
        if (n->unit != UNIT_NONE && !holds(s, w, n, why))
            return false;
    }
    return true;
}

static bool node_over(const struct work *w, const struct node *n)
{
    for (uint32_t i = 0; i < n->agent_count; i++)
        if (w->agents.at[n->first_agent + i].state != AGENT_STATE_ENDED)
            return false;
    return n->ended;
}

static bool wave_may_start(const struct sight *s, const struct work *w, const struct node *n,
                           struct text *why)
{
    const struct plan_subtask *sub = meant_subtask(s, n->unit);

    if (plan_step_schedule(sub, meant_step(s, n)) != SCHEDULE_WAVE)
        return true;
    for (size_t i = 0; i < w->nodes.count; i++) {
        const struct node *other = &w->nodes.at[i];
        if (other->step == STEP_BARRIER || other->unit != n->unit ||
            sub->steps[other->step].level >= sub->steps[n->step].level || node_over(w, other))
            continue;
        text_printf(why, "'%s' starts while '%s' of a wave before has not ended",
                    sub->steps[n->step].id, sub->steps[other->step].id);
        return false;
    }
    return true;
}

bool waves_in_order(const struct sight *s, struct text *why)
{
    return for_each_start(s, why, wave_may_start);
}

static const struct node *node_of_step(const struct work *w, uint32_t unit, size_t step)
{
    for (size_t i = 0; i < w->nodes.count; i++)
        if (w->nodes.at[i].unit == unit && w->nodes.at[i].step == step)
            return &w->nodes.at[i];
    return NULL;
}

uint32_t not_done(const struct work *w, const struct node *n)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n->agent_count; i++)
        count += w->agents.at[n->first_agent + i].status != END_DONE;
    return count;
}

/* How many agents of an explicit wave did not end as done; the rest of its failures are no agents.
 */
uint32_t wave_failures(const struct work *w, const struct plan_subtask *sub, uint32_t unit,
                       unsigned level)
{
    uint32_t count = 0;

    for (size_t i = 0; i < sub->step_count; i++) {
        const struct node *n = node_of_step(w, unit, i);
        if (n && sub->steps[i].level == level)
            count += not_done(w, n);
    }
    return count;
}

static bool inputs_done(const struct sight *s, const struct work *w, const struct node *n,
                        struct text *why)
{
    const struct plan_subtask *sub = meant_subtask(s, n->unit);
    const struct plan_step *step = &sub->steps[n->step];

    for (size_t i = 0; i < step->need_count; i++) {
        const struct node *input = node_of_step(w, n->unit, step->needs[i]);
        if (input && node_over(w, input) && !not_done(w, input) && !input->blocked)
            continue;
        text_printf(why, "'%s' starts and '%s', which it needs, is not done", step->id,
                    sub->steps[step->needs[i]].id);
        return false;
    }
    bool waits = sub->explicit_waves && plan_step_schedule(sub, step) == SCHEDULE_WAVE;
    for (unsigned level = 1; waits && level < step->level; level++) {
        uint32_t failures = wave_failures(w, sub, n->unit, level);
        if (failures <= sub->waves[level - 1].allow_failures)
            continue;
        text_printf(why, "'%s' starts after %u failures in wave %u, where %u may fail", step->id,
                    failures, level, sub->waves[level - 1].allow_failures);
        return false;
    }
    return true;
}

bool needs_met(const struct sight *s, struct text *why)
{
    return for_each_start(s, why, inputs_done);
}

bool instances_exclusive(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_AGENT);
        if (!j)
            continue;
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct agent *a = &w->agents.at[j->agent];
        for (size_t k = 0; k < w->agents.count; k++) {
            const struct agent *b = &w->agents.at[k];
            if (b == a || !b->holds_slot || b->instance != a->instance ||
                (b->wave == 0) != (a->wave == 0))
                continue;
            text_printf(why, "agents %u and %zu are both I%u", j->agent, k, a->instance);
            return false;
        }
    }
    return true;
}

bool quiet_when_interrupted(const struct sight *s, struct text *why)
{
    for (size_t i = 0; s->tree->interrupt && i < s->command_count; i++) {
        if (s->commands[i].kind != COMMAND_START)
            continue;
        text_printf(why, "job %u starts", s->commands[i].job);
        return false;
    }
    return true;
}

bool no_agent_when_final(const struct sight *s, struct text *why)
{
    for (size_t i = 0; s->tree->final && i < s->command_count; i++) {
        /* A new engine asks for what ran before it died. */
        if (!started_job(s, i, JOB_AGENT) || s->event->kind == EVENT_RESUMED)
            continue;
        text_printf(why, "job %u starts", s->commands[i].job);
        return false;
    }
    return true;
}

static bool backed_up(const struct sight *s)
{
    for (uint32_t i = 0; i < s->tree->jobs.count; i++) {
        const struct world_job *j = world_job(s->world, i);
        if (s->tree->jobs.at[i].kind == JOB_BACKUP && s->tree->jobs.at[i].state == JOB_ENDED && j &&
            j->phase == WORLD_OVER && j->outcome->error == ERROR_NONE)
            return true;
    }
    return false;
}

/* Research in the throw-away copy writes nothing that the user has, nor does what only reads. */
static bool may_write(const struct sight *s, uint32_t job)
{
    const struct job *j = &s->tree->jobs.at[job];
    enum job_kind kind = (enum job_kind)j->kind;

    if (kind == JOB_AGENT) {
        const struct work *w = s->tree->orchs.at[j->orch].work;
        const struct node *n = &w->nodes.at[w->agents.at[j->agent].node];
        return n->unit != UNIT_NONE || meant_step(s, n)->settings.isolation == ISOLATION_NONE;
    }
    return job_kind_way(kind) != JOB_WAY_INTERNAL && kind != JOB_SNAPSHOT && kind != JOB_BACKUP &&
           kind != JOB_DISCARD;
}

bool backup_first(const struct sight *s, struct text *why)
{
    if (!s->request->in_repository)
        return true;
    for (size_t i = 0; i < s->command_count; i++) {
        if (s->commands[i].kind != COMMAND_START || !may_write(s, s->commands[i].job))
            continue;
        if (backed_up(s))
            return true;
        text_printf(why, "job %u starts", s->commands[i].job);
        return false;
    }
    return true;
}

bool time_goes_on(const struct sight *s, struct text *why)
{
    if (s->tree->now_ms >= s->now_before_ms)
        return true;
    text_printf(why, "from %lld to %lld ms", (long long)s->now_before_ms,
                (long long)s->tree->now_ms);
    return false;
}
