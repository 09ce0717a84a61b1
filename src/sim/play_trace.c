/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/play_priv.h"

#include <string.h>

void play_trace(struct play *p, const char *format, ...)
{
    va_list args;

    if (!p->options->trace)
        return;
    text_printf(p->options->trace, "%12.3f ", (double)p->world.now_ms / 1000);
    va_start(args, format);
    text_vprintf(p->options->trace, format, args);
    va_end(args);
    text_add_char(p->options->trace, '\n');
}

static void describe_job(const struct play *p, uint32_t id, struct text *out)
{
    const struct job *j = &p->tree->jobs.at[id];
    char name[EXEC_ID_TEXT_MAX] = "-";

    if (j->orch < p->tree->orchs.count)
        exec_id_format(p->tree->orchs.at[j->orch].id, name);
    text_printf(out, "job %u %s %s", id, job_kind_name(j->kind), name);
    if (j->agent != AGENT_NONE)
        text_printf(out, " agent %u", j->agent);
    if (j->attempt)
        text_printf(out, " attempt %u", j->attempt);
    if (j->index)
        text_printf(out, " index %u", j->index);
}

void play_trace_event(struct play *p, const struct event *e)
{
    AUTO_TEXT line = {0};

    if (!p->options->trace)
        return;
    text_printf(&line, "%-16s", event_kind_name(e->kind));
    if (e->kind == EVENT_JOB_STARTED || e->kind == EVENT_JOB_ENDED || e->kind == EVENT_STALLED ||
        e->kind == EVENT_OVERDRAWN)
        describe_job(p, e->job, &line);
    if (e->kind == EVENT_JOB_ENDED && e->outcome->error != ERROR_NONE)
        text_printf(&line, ": %s", attempt_error_name(e->outcome->error));
    if (e->kind == EVENT_TIMER)
        text_printf(&line, "timer %u", e->timer);
    if (e->kind == EVENT_INTERRUPTED)
        text_printf(&line, "level %d", (int)e->level);
    if (e->kind == EVENT_RETRY_REQUESTED || e->kind == EVENT_CHILD_REQUESTED)
        text_printf(&line, "orchestrator %u", e->child);
    if (e->kind == EVENT_ADMISSION)
        text_printf(&line, "%u agents, %s", e->admission.limit,
                    admission_cause_name(e->admission.cause));
    play_trace(p, "%4zu %s", p->tape.events.count + p->turn.count, text_get(&line));
}

void play_trace_command(struct play *p, const struct command *c)
{
    static const char *const words[] = {[COMMAND_START] = "start",
                                        [COMMAND_STOP] = "stop",
                                        [COMMAND_TIMER] = "timer",
                                        [COMMAND_END] = "end"};
    AUTO_TEXT line = {0};

    if (!p->options->trace)
        return;
    if (c->kind == COMMAND_START || c->kind == COMMAND_STOP)
        describe_job(p, c->job, &line);
    if (c->kind == COMMAND_TIMER)
        text_printf(&line, "%u in %.3f s", c->timer, (double)(c->at_ms - play_clock(p)) / 1000);
    play_trace(p, "          -> %-5s %s", words[c->kind], text_get(&line));
}

/* The first line in which two dumps differ. */
const char *play_difference(struct play *p, const char *live, const char *replayed)
{
    size_t line = 0, i = 0;

    for (; live[i] && live[i] == replayed[i]; i++)
        if (live[i] == '\n')
            line = i + 1;
    return arena_format(&p->arena, "live '%.*s', replayed '%.*s'", (int)strcspn(live + line, "\n"),
                        live + line, (int)strcspn(replayed + line, "\n"), replayed + line);
}

/* Branches that conflict in pairs, or with the result of several; an agent's copy with its child's.
 */
static bool met_others(enum job_kind kind, const struct outcome *o)
{
    for (size_t i = 0; i < o->branch_count; i++)
        if (!o->branches[i].merged)
            return true;
    return o->pair_count || (kind == JOB_JOIN && o->paths.count);
}

void play_count_event(struct play *p, const struct event *e)
{
    struct play_counts *c = &p->ret->counts;

    c->events[e->kind]++;
    if (e->kind != EVENT_JOB_ENDED)
        return;
    const struct job *j = &p->tree->jobs.at[e->job];
    c->jobs[j->kind]++;
    c->stops[j->stop]++;
    c->conflicts += met_others((enum job_kind)j->kind, e->outcome);
    c->bad_results += j->kind == JOB_FINAL_CHECK && e->outcome->error != ERROR_NONE;
    if (j->kind == JOB_AGENT)
        c->errors[e->outcome->error]++;
}

void play_count_end(struct play *p)
{
    struct play_counts *c = &p->ret->counts;

    c->ends[p->tree->status]++;
    c->patterns[p->tree->decision.pattern]++;
    c->over_limits += p->tree->over_limit;
    c->landed += p->tree->landed;
    c->land_refused += p->tree->land_refused;
    c->pushed += p->tree->pushed;
    c->push_refused += p->tree->push_refused;
    for (size_t i = 0; i < p->tree->orchs.count; i++)
        if (p->tree->orchs.at[i].kind == ORCH_CHILD)
            c->statuses[p->tree->orchs.at[i].status]++;
}

void play_count_accidents(struct play *p)
{
    struct play_counts *c = &p->ret->counts;

    for (size_t i = 0; i < p->accidents.happened.list.count; i++)
        c->accidents[p->accidents.happened.list.at[i].kind]++;
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        c->troubles[i] = p->accidents.troubles[i];
    c->commits = p->commits;
    c->untold = p->world.counts.untold;
    c->undone = p->world.counts.undone;
    c->adopted = p->world.counts.adopted;
    c->bundles = p->world.repo.bundles;
    c->moves = p->world.repo.moves;
}
