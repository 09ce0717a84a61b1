/* SPDX-License-Identifier: Apache-2.0 */
/* Whether agents, subtasks and the result were judged rightly: from the facts, once more. */
#include "sim/invariants_priv.h"

#include <math.h>
#include <string.h>

/* Its provider did not serve at some time; it may have been thawed since. */
static bool was_unserved(const struct sight *s, const struct work *w, const struct agent *a)
{
    const char *name = meant_step(s, &w->nodes.at[a->node])->settings.agent;

    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        if (j->phase == WORLD_OVER && j->errand.job.kind == JOB_AGENT &&
            strcmp(j->errand.agent, name) == 0 &&
            (j->outcome->error == ERROR_QUOTA || j->outcome->error == ERROR_AUTH))
            return true;
    }
    return false;
}

static bool agent_judged(const struct sight *s, const struct work *w, const struct agent *a)
{
    const struct attempt *last = a->last_attempt;

    switch ((enum end_status)a->status) {
    case END_DONE:
        return last && last->error == ERROR_NONE;
    case END_UNVERIFIED:
        return last && last->error == ERROR_NONE;
    case END_SKIPPED:
        return !last;
    case END_REFUSED:
        return last && last->error == ERROR_REFUSED;
    case END_BLOCKED:
        return last && last->error == ERROR_BLOCKED;
    case END_QUOTA:
        return was_unserved(s, w, a);
    case END_NONE:
        return false;
    case END_FAILED:
    case END_TIMEOUT:
    case END_CANCELLED:
    case END_STATUS_COUNT:
        break;
    }
    return true;
}

bool end_agents_judged(const struct sight *s, struct text *why)
{
    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            const struct agent *a = &w->agents.at[k];
            if (agent_judged(s, w, a))
                continue;
            text_printf(why, "agent %zu of orchestrator %u is %s after '%s'", k, i,
                        end_status_name((enum end_status)a->status),
                        a->last_attempt ? attempt_error_name(a->last_attempt->error)
                                        : "no attempt");
            return false;
        }
    }
    return true;
}

/* What was seen of its last attempt, and of those that it goes on with. */
struct seen {
    bool worked, used_tools, changed;
};

static struct seen what_was_seen(const struct sight *s, const struct agent *a)
{
    struct seen seen = {0};

    for (const struct attempt *x = a->first_attempt; x; x = x->next) {
        const struct world_job *j = world_job(s->world, x->job);
        if (!j || !j->errand.continues)
            seen = (struct seen){0};
        if (!j)
            continue;
        seen.worked |= j->outcome->worked;
        seen.used_tools |= j->outcome->tool_calls > 0;
        seen.changed |= j->errand.copy.orch != ORCH_NONE && j->errand.writes && !j->fate.idle;
    }
    return seen;
}

/* Text or a tool; and where it was to change something, a tool or a change. */
static bool observed(const struct sight *s, uint32_t orch, const struct agent *a)
{
    const struct node *n = &s->tree->orchs.at[orch].work->nodes.at[a->node];
    const struct seen seen = what_was_seen(s, a);

    if (plan_step_is_command(meant_step(s, n)) || seen.used_tools)
        return true;
    return seen.worked && (seen.changed || !tree_node_writes(s->tree, n));
}

bool end_observed(const struct sight *s, struct text *why)
{
    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct work *w = s->tree->orchs.at[i].work;
        for (size_t k = 0; w && k < w->agents.count; k++) {
            if (w->agents.at[k].status != END_DONE || observed(s, i, &w->agents.at[k]))
                continue;
            text_printf(why, "agent %zu of orchestrator %u only says so", k, i);
            return false;
        }
    }
    return true;
}

static bool steps_done(const struct sight *s, const struct work *w, uint32_t unit)
{
    const struct plan_subtask *sub = meant_subtask(s, unit);

    for (size_t i = 0; i < w->nodes.count; i++) {
        const struct node *n = &w->nodes.at[i];
        if (n->unit != unit || n->step == STEP_BARRIER)
            continue;
        uint32_t level = sub->steps[n->step].level;
        if (n->blocked || (n->failed && !n->agent_count))
            return false;
        uint32_t bad = sub->explicit_waves ? wave_failures(w, sub, unit, level) : not_done(w, n);
        if (bad > (sub->explicit_waves ? sub->waves[level - 1].allow_failures : 0))
            return false;
    }
    return true;
}

static bool checks_passed(const struct sight *s, const struct orch *o, uint32_t unit)
{
    size_t passed = 0;

    for (size_t i = 0; i < o->checks.count; i++) {
        const struct check_result *c = &o->checks.at[i];
        passed += c->unit == unit && !c->final && c->error == ERROR_NONE;
    }
    return passed == meant_subtask(s, unit)->success.count;
}

bool is_doubted(const struct sight *s, const struct orch *o, uint32_t unit)
{
    bool failed = false;

    for (size_t i = 0; i < o->checks.count; i++)
        failed |= o->checks.at[i].unit == unit && o->checks.at[i].final &&
                  o->checks.at[i].error != ERROR_NONE;
    return failed && o->merged && s->tree->units.at[unit].status == END_UNVERIFIED;
}

bool end_units_judged(const struct sight *s, struct text *why)
{
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct orch *o = &s->tree->orchs.at[i];
        for (uint32_t u = o->unit_first; o->work && u < o->unit_first + o->unit_count; u++) {
            bool done = steps_done(s, o->work, u) && checks_passed(s, o, u);
            if (done == (s->tree->units.at[u].status == END_DONE) || (done && is_doubted(s, o, u)))
                continue;
            text_printf(why, "subtask %u of %s is %s", u, orch_text(s->tree, i, name),
                        end_status_name((enum end_status)s->tree->units.at[u].status));
            return false;
        }
    }
    return true;
}

/* What the root's cleanup was given to work on; NULL if it was given nothing. */
static const char *result_handed_on(const struct sight *s)
{
    const char *commit = NULL;

    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        if (j->asked_in && j->errand.job.kind == JOB_COPY && j->errand.job.agent == AGENT_NONE &&
            j->errand.job.orch == s->tree->root_cleanup)
            commit = j->errand.commit;
    }
    return commit;
}

/* It is part of the result, and nothing is said against it. */
static bool is_held_good(const struct sight *s, uint32_t orch)
{
    const struct orch *o = &s->tree->orchs.at[orch];

    return o->merged && s->tree->units.at[o->unit_first].status == END_DONE;
}

/* Checks ran on several results when branches had to be left out; what counts is the one that the
 * run went on with. */
bool end_checks_pass(const struct sight *s, struct text *why)
{
    const char *commit = result_handed_on(s);

    for (uint32_t i = 0; commit && !s->tree->failure[0] && i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        if (j->phase != WORLD_OVER || j->errand.job.kind != JOB_FINAL_CHECK ||
            j->outcome->error != ERROR_FAILED || strcmp(j->errand.commit, commit) != 0 ||
            !is_held_good(s, j->errand.job.orch))
            continue;
        text_printf(why, "job %u failed on %s", i, commit);
        return false;
    }
    return true;
}

static bool a_final_check_failed(const struct world *w)
{
    for (uint32_t i = 0; i < w->jobs.count; i++) {
        const struct world_job *j = &w->jobs.at[i];
        enum job_kind kind = (enum job_kind)j->errand.job.kind;
        if (j->phase == WORLD_OVER && (kind == JOB_FINAL_CHECK || kind == JOB_VERIFY_SETUP) &&
            j->outcome->error != ERROR_NONE)
            return true;
    }
    return false;
}

/* That the machine could not give a check its copy of the result is nobody's fault. */
bool end_blame_earned(const struct sight *s, struct text *why)
{
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct orch *o = &s->tree->orchs.at[i];
        if (!o->reason || !strstr(o->reason, "fails on the result") ||
            a_final_check_failed(s->world))
            continue;
        text_printf(why, "%s: %s", orch_text(s->tree, i, name), o->reason);
        return false;
    }
    return true;
}

bool end_spent_counted(const struct sight *s, struct text *why)
{
    int64_t tokens = 0;
    double usd = 0;

    for (uint32_t i = 0; i < s->world->jobs.count; i++) {
        const struct world_job *j = &s->world->jobs.at[i];
        if (j->phase != WORLD_OVER ||
            job_kind_way((enum job_kind)j->errand.job.kind) != JOB_WAY_AGENT)
            continue;
        tokens += j->outcome->tokens;
        usd += j->outcome->usd > 0 ? j->outcome->usd : 0;
    }
    /* Sums of the same amounts in another order, some of them lies of many digits. */
    double tolerance = 1e-6 + usd * 1e-9;
    if (tokens == s->tree->tokens && fabs(usd - s->tree->usd) < tolerance)
        return true;
    text_printf(why, "%lld tokens and %.4f USD, not %lld and %.4f", (long long)tokens, usd,
                (long long)s->tree->tokens, s->tree->usd);
    return false;
}
