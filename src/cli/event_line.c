/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_line.h"

#include "ui/admission.h"
#include "ui/providers.h"

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

static void put_job(json_t *line, const struct tree *t, uint32_t job)
{
    const struct job *j = &t->jobs.at[job];
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(t->orchs.at[j->orch].id, id);
    put(line, "job", json_integer(job));
    put(line, "kind", json_string(job_kind_name(j->kind)));
    put(line, "exec_id", json_string(id));
    if (j->agent != AGENT_NONE)
        put_agent(line, t, j);
}

static json_t *new_line(const struct tree *t, const char *event, int64_t at_ms)
{
    return json_pack("{s:i, s:s, s:I, s:s}", "version", 1, "event", event, "at_ms",
                     (json_int_t)at_ms, "phase", run_phase_name(t->phase));
}

json_t *event_line_activity(const struct tree *t, uint32_t job, const struct activity *a,
                            int64_t at_ms)
{
    json_t *line = new_line(t, "activity", at_ms);

    put_job(line, t, job);
    put(line, "text", json_text_or_null(a->text));
    put(line, "tokens", json_integer(a->tokens));
    put(line, "limited", json_boolean(a->limited));
    return line;
}

json_t *event_line_provider(const struct tree *t, size_t i, int64_t at_ms)
{
    json_t *line = new_line(t, "provider", at_ms);
    json_auto_t *provider = provider_json(t, i);

    json_object_update(line, provider);
    return line;
}

json_t *event_line(const struct tree *t, const struct event *e)
{
    bool of_job = e->kind == EVENT_JOB_STARTED || e->kind == EVENT_JOB_ENDED ||
                  e->kind == EVENT_STALLED || e->kind == EVENT_OVERDRAWN;
    json_t *line = new_line(t, event_kind_name(e->kind), e->at_ms);

    if (of_job && e->job < t->jobs.count)
        put_job(line, t, e->job);
    if (e->kind == EVENT_JOB_ENDED) {
        put(line, "exit", json_integer(e->outcome->exit_code));
        put(line, "error", json_string(attempt_error_name(e->outcome->error)));
        put(line, "message", json_text_or_null(e->outcome->message));
    }
    if (e->kind == EVENT_INTERRUPTED)
        put(line, "level", json_integer(e->level));
    if (e->kind == EVENT_ADMISSION)
        put(line, "admission", admission_json(t));
    return line;
}
