/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_line.h"

static void put(json_t *line, const char *key, json_t *value)
{
    json_object_set_new(line, key, value);
}

static void put_agent(json_t *line, const struct tree *t, const struct job *j)
{
    const struct orch *o = &t->orchs.at[j->orch];
    const struct agent *a;
    char name[16];

    /* A child that is done again has other agents than the event's. */
    if (!o->work || j->agent >= o->work->agents.count)
        return;
    a = &o->work->agents.at[j->agent];
    tree_agent_name(a, name);
    put(line, "wave", json_integer(a->wave));
    put(line, "instance", json_string(name));
    put(line, "role", json_text_or_null(tree_agent_step(t, o, a)->role));
    put(line, "attempt", json_integer(j->attempt));
    put(line, "state", json_string(agent_state_name(a->state)));
    put(line, "status", json_string(end_status_name(a->status)));
}

static void put_job(json_t *line, const struct tree *t, const struct event *e)
{
    const struct job *j = &t->jobs.at[e->job];
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(t->orchs.at[j->orch].id, id);
    put(line, "job", json_integer(e->job));
    put(line, "kind", json_string(job_kind_name(j->kind)));
    put(line, "exec_id", json_string(id));
    if (j->agent != AGENT_NONE)
        put_agent(line, t, j);
}

json_t *event_line(const struct tree *t, const struct event *e)
{
    bool of_job =
        e->kind == EVENT_JOB_STARTED || e->kind == EVENT_JOB_ENDED || e->kind == EVENT_STALLED;
    json_t *line =
        json_pack("{s:i, s:s, s:I, s:s}", "version", 1, "event", event_kind_name(e->kind), "at_ms",
                  (json_int_t)e->at_ms, "phase", run_phase_name(t->phase));

    if (of_job && e->job < t->jobs.count)
        put_job(line, t, e);
    if (e->kind == EVENT_JOB_ENDED) {
        put(line, "exit", json_integer(e->outcome->exit_code));
        put(line, "error", json_string(attempt_error_name(e->outcome->error)));
        put(line, "message", json_text_or_null(e->outcome->message));
    }
    if (e->kind == EVENT_INTERRUPTED)
        put(line, "level", json_integer(e->level));
    return line;
}
