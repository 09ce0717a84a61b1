/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model that is asked to plan: what it is told, and what becomes of its answer. It looks and
 * changes nothing. An answer that is no plan goes back to it once, with the place of what is wrong.
 */
#include "engine/agent.h"

#include "agent/brief.h"
#include "agent/findings.h"
#include "agent/prompt.h"
#include "base/os.h"
#include "plan/answer.h"
#include "plan/defaults.h"
#include "plan/role.h"

#include <string.h>

enum { SCHEMA_MAX_BYTES = 1024 * 1024 };

/* The answer that was no plan, as it is shown to the planner. */
static const struct attempt *wrong_attempt(const struct tree *t)
{
    const struct attempt *last = NULL;

    for (const struct attempt *x = t->planner.first_attempt; x; x = x->next)
        if (x->error == ERROR_MALFORMED && x != t->planner.last_attempt)
            last = x;
    return t->plan_trouble && t->plan_trouble[0] ? last : NULL;
}

/* It goes on with the session in which the wrong answer was given. */
void planner_choose(struct agent_call *c)
{
    const struct tree *t = c->start.e->tree;
    const struct attempt *wrong = wrong_attempt(t);

    c->task = t->plan->task;
    if (!wrong || !wrong->session[0] || !(c->entry->driver->can & DRIVER_SESSIONS))
        return;
    c->session.way = SESSION_RESUMED;
    c->session.session = c->request.session = wrong->session;
    session_add_use(t->planner.first_attempt, wrong->session, &c->session.use);
}

static const char *keep(const struct agent_call *c, const struct text *text)
{
    return arena_string(c->start.a, text_get(text));
}

/* What kelp's own planner makes of the task, in short; it may not know what to do with it. */
static const char *embedded_lines(const struct agent_call *c)
{
    const struct engine_hooks *hooks = &c->start.e->options.hooks;
    struct outcome own = {0};
    AUTO_FAULT ignored = {0};
    AUTO_TEXT out = {0};

    if (!hooks->planner ||
        hooks->planner(hooks->ctx, c->start.e->tree, c->start.a, &own, &ignored) < 0)
        return "";
    for (size_t i = 0; i < own.plan->subtask_count; i++)
        text_printf(&out, "- %s (%zu steps)\n", own.plan->subtasks[i].title,
                    plan_subtask_steps(&own.plan->subtasks[i]));
    return keep(c, &out);
}

static int read_schema(const struct agent_call *c, const char **ret, struct fault *f)
{
    AUTO_FREE char *path = os_path(c->start.e->options.recipes, "prompts/plan.schema.json");
    AUTO_TEXT schema = {0};
    int r = os_read_file(path, SCHEMA_MAX_BYTES, &schema, f);

    if (r == 0)
        *ret = keep(c, &schema);
    return r;
}

static void fill(const struct agent_call *c, struct prompt_values *v)
{
    struct engine *e = c->start.e;
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(e->tree->orchs.at[0].id, id);
    v->exec_id = arena_string(c->start.a, id);
    v->task = c->task;
    v->findings = agent_findings(e);
    if (v->findings[0])
        v->findings_file = arena_format(c->start.a, "%s/context/findings.json", e->options.run_dir);
    if (e->tree->settings.slots_asked)
        v->agents = arena_format(c->start.a, "%u", e->tree->settings.slots_asked);
    v->drivers = brief_drivers(e->options.roster, c->start.a);
    v->roles = brief_roles(agent_roles(e), c->start.a);
    v->history = brief_history(e->tree->request.history, c->start.a);
    v->embedded = embedded_lines(c);
}

static const char *answer_path(const struct agent_call *c, uint32_t job)
{
    AUTO_FREE char *dir = path_attempt(c->start.e, job);

    return arena_format(c->start.a, "%s/answer.json", dir);
}

/* The wrong answer, and where it is wrong. Where its session goes on the request is known. */
static int fill_correction(const struct agent_call *c, const struct attempt *wrong,
                           const char *request, struct prompt_values *v, struct fault *f)
{
    const char *path = answer_path(c, wrong->job);
    AUTO_TEXT answer = {0};
    int r = 0;

    if (os_exists(path)) /* a program may have found out by itself, and then there is none */
        r = os_read_file(path, ANSWER_BYTES_MAX, &answer, f);
    v->request = c->session.session[0] ? "" : request;
    v->error = c->start.e->tree->plan_trouble;
    v->answer = keep(c, &answer);
    return r;
}

int planner_prompt(struct agent_call *c, struct fault *f)
{
    const struct engine *e = c->start.e;
    const struct attempt *wrong = wrong_attempt(e->tree);
    AUTO_FREE char *user = prompt_user_folder();
    const struct prompt_folders folders = {
        .repository = e->options.repo, .user = user, .recipes = e->options.recipes};
    struct prompt_values v = {0};
    AUTO_TEXT request = {0};
    AUTO_TEXT correction = {0};

    int r = read_schema(c, &v.schema, f);
    if (r < 0)
        return r;
    fill(c, &v);
    r = prompt_render(&folders, "planner", &v, &request, f);
    if (r == 0 && wrong)
        r = fill_correction(c, wrong, text_get(&request), &v, f);
    if (r == 0 && wrong)
        r = prompt_render(&folders, "correction", &v, &correction, f);
    if (r < 0)
        return r;
    c->request.prompt = keep(c, wrong ? &correction : &request);
    if (c->entry->driver->can & DRIVER_SCHEMA)
        c->request.schema = v.schema;
    return 0;
}

/* Kept beside the stream: a correction quotes it, with lines as the fault counts them. */
static int lay_out(const struct agent_call *c, const struct reading *r, const char **ret,
                   struct fault *f)
{
    if (r->answer) {
        *ret = answer_layout(r->answer, c->start.a);
        return 0;
    }
    *ret = text_get(&r->text);
    return answer_find(text_get(&r->text), r->text.length, c->start.a, ret, f);
}

static int read_plan(const struct agent_call *c, const char *json, struct outcome *ret,
                     struct fault *f)
{
    struct engine *e = c->start.e;
    const struct roster *roster = e->options.roster;
    struct planner_result made;
    const struct answer_context context = {.request = e->tree->plan,
                                           .drivers = brief_names(roster, c->start.a),
                                           .history = e->tree->request.history,
                                           .config = e->options.config};
    int r = plan_answer_read(json, &context, &e->plans, &made, f);
    if (r == 0)
        r = plan_check_agents(made.plan, roster->names, roster->count, f);
    if (r != 0)
        return r;
    roles_fill_models(agent_roles(e), made.plan);
    ret->plan = made.plan;
    ret->notes = made.notes;
    return 0;
}

void planner_read(const struct agent_call *c, uint32_t job, const struct reading *reading,
                  struct outcome *ret)
{
    AUTO_FAULT f = {0}, unkept = {0};
    const char *json = "";

    if (ret->error != ERROR_NONE)
        return;
    int r = lay_out(c, reading, &json, &f);
    if (os_write_file(answer_path(c, job), json, strlen(json), 0600, &unkept) < 0)
        log_write(c->start.e->options.log, LOG_LEVEL_WARNING, "%s", unkept.message);
    if (r == 0)
        r = read_plan(c, json, ret, &f);
    if (r == 0)
        return;
    AUTO_FREE char *text = fault_text(&f);
    ret->error = ERROR_MALFORMED;
    ret->message =
        f.hint ? arena_format(c->start.a, "%s (%s)", text, f.hint) : arena_string(c->start.a, text);
}
