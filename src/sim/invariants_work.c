/* SPDX-License-Identifier: Apache-2.0 */
/* Branches, and what becomes of work. */
#include "sim/invariants_priv.h"

bool only_done_merged(const struct sight *s, struct text *why)
{
    char name[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < s->tree->orchs.count; i++) {
        const struct orch *o = &s->tree->orchs.at[i];
        if (!o->merged || (o->kind == ORCH_CHILD && o->status == END_DONE))
            continue;
        text_printf(why, "%s is %s and merged", orch_text(s->tree, i, name),
                    end_status_name((enum end_status)o->status));
        return false;
    }
    return true;
}

bool branches_fetched(const struct sight *s, struct text *why)
{
    if (s->world->breaches.unfetched == JOB_NONE)
        return true;
    text_printf(why, "job %u merges what is only in a private clone", s->world->breaches.unfetched);
    return false;
}

bool result_at_home(const struct sight *s, struct text *why)
{
    if (s->world->breaches.unknown == JOB_NONE)
        return true;
    text_printf(why, "job %u lands what is only in a private clone", s->world->breaches.unknown);
    return false;
}

bool work_not_lost(const struct sight *s, struct text *why)
{
    if (!s->world->repo.lost)
        return true;
    text_printf(why, "the work of %u attempts is nowhere any more", s->world->repo.lost);
    return false;
}

/* An earlier job of the same command for the same life of the child. */
static uint32_t same_before(const struct sight *s, uint32_t job)
{
    const struct job *j = &s->tree->jobs.at[job];
    uint32_t generation = s->tree->orchs.at[j->orch].generation;

    for (uint32_t i = 0; i < job; i++) {
        const struct job *other = &s->tree->jobs.at[i];
        const struct world_job *seen = world_job(s->world, i);
        bool same = other->kind == j->kind && other->orch == j->orch && other->index == j->index;
        /* One that an interruption stopped is run again. */
        if (same && seen && seen->asked_in && seen->errand.generation == generation &&
            other->stop != STOP_INTERRUPT)
            return i;
    }
    return JOB_NONE;
}

bool undo_once(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        if (!started_job(s, i, JOB_ON_FAILURE))
            continue;
        uint32_t before = same_before(s, s->commands[i].job);
        if (before == JOB_NONE)
            continue;
        text_printf(why, "job %u does what job %u did", s->commands[i].job, before);
        return false;
    }
    return true;
}

bool undo_after_attempts(const struct sight *s, struct text *why)
{
    for (size_t i = 0; i < s->command_count; i++) {
        const struct job *j = started_job(s, i, JOB_ON_FAILURE);
        if (!j)
            continue;
        const struct orch *o = &s->tree->orchs.at[j->orch];
        for (size_t k = 0; o->work && k < o->work->agents.count; k++) {
            if (o->work->agents.at[k].state == AGENT_STATE_ENDED)
                continue;
            text_printf(why, "agent %zu has not ended", k);
            return false;
        }
        if (o->cleanup == ORCH_NONE || s->tree->orchs.at[o->cleanup].state == ORCH_STATE_WAITING)
            continue;
        text_add(why, "its cleanup has begun");
        return false;
    }
    return true;
}

static uint32_t times(const struct sight *s, enum job_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->tree->jobs.count; i++) {
        const struct world_job *j = world_job(s->world, i);
        n += s->tree->jobs.at[i].kind == kind && j && j->phase == WORLD_OVER && j->outcome->yes;
    }
    return n;
}

bool landed_once(const struct sight *s, struct text *why)
{
    if (s->event->kind != EVENT_JOB_ENDED)
        return true;
    enum job_kind kind = (enum job_kind)s->tree->jobs.at[s->event->job].kind;
    if (kind != JOB_LAND && kind != JOB_PUSH)
        return true;
    uint32_t n = times(s, kind);
    if (n <= s->rounds)
        return true;
    text_printf(why, "%s was done %u times in %u rounds", job_kind_name(kind), n, s->rounds);
    return false;
}
