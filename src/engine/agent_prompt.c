/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent that a model drives is told: the values for the texts in recipes/prompts. */
#include "engine/agent.h"

#include "agent/findings.h"
#include "agent/prompt.h"
#include "base/os.h"
#include "plan/role.h"

#include <string.h>

enum {
    RESULTS_MAX_BYTES = 16 * 1024, /* of all earlier results together */
    RESULT_MAX_BYTES = 2000,       /* of one of them */
    TEAM_MAX = 24,                 /* names */
    FINDINGS_FILE_MAX = 64 * 1024 * 1024,
    TOKEN_BYTES = 4,               /* a fair guess, see core/session.h */
    PROMPT_FRAME_BYTES = 8 * 1024, /* of a prompt without task and mission, about */
};

struct told {
    struct agent_call *c;
    const struct orch *o;
    const struct agent *agent;
    const struct unit *unit;            /* NULL: research */
    const struct plan_subtask *subtask; /* NULL: research */
};

static void told_init(struct told *t, struct agent_call *c)
{
    const struct tree *tree = c->start.e->tree;
    const struct orch *o = &tree->orchs.at[c->start.j->orch];
    const struct agent *a = &o->work->agents.at[c->start.j->agent];
    const struct node *n = &o->work->nodes.at[a->node];

    *t = (struct told){.c = c, .o = o, .agent = a, .subtask = tree_node_subtask(tree, n)};
    if (n->unit != UNIT_NONE)
        t->unit = &tree->units.at[n->unit];
}

/* With its variables filled in; as it stands where they can't be. */
static const char *expanded(const struct told *t, const char *text, bool command)
{
    const struct start *s = &t->c->start;
    AUTO_TEXT out = {0};
    AUTO_FAULT ignored = {0};

    if (variables_expand(s->e, &(struct expansion){s->j, text, command}, &out, &ignored) < 0)
        return text;
    return arena_string(s->a, text_get(&out));
}

static const char *keep(const struct told *t, const struct text *text)
{
    return arena_string(t->c->start.a, text_get(text));
}

static void add_cut(struct text *out, const char *s, size_t most)
{
    size_t length = strlen(s);

    text_add_n(out, s, length > most ? text_utf8_valid(s, most) : length);
    if (length > most)
        text_add(out, " [...]");
}

static const char *lines_of(const struct told *t, const struct strings *list)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; i < list->count; i++)
        text_printf(&out, "%s- %s", i ? "\n" : "", expanded(t, list->at[i], false));
    return keep(t, &out);
}

static const char *checks_of(const struct told *t)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; t->subtask && i < t->subtask->success.count; i++)
        text_printf(&out, "%s    %s", i ? "\n" : "",
                    expanded(t, t->subtask->success.at[i].run, true));
    return keep(t, &out);
}

/* Who works in the same wave, and is not over. */
static const char *team_of(const struct told *t)
{
    const struct work *w = t->o->work;
    AUTO_TEXT out = {0};
    size_t count = 0;

    for (size_t i = 0; i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        char name[16];
        if (a == t->agent || a->wave != t->agent->wave || a->state == AGENT_STATE_ENDED)
            continue;
        tree_agent_name(a, name);
        if (name[0] == '-') /* not placed yet */
            continue;
        if (count++ < TEAM_MAX)
            text_printf(&out, "%s%s %s", count > 1 ? ", " : "", name,
                        tree_agent_step(t->c->start.e->tree, t->o, a)->role);
    }
    if (count > TEAM_MAX)
        text_printf(&out, " and %zu more", count - TEAM_MAX);
    return keep(t, &out);
}

/* Marks the nodes that lead to `node` over needs, through barriers, which say nothing themselves.
 */
static void mark_inputs(const struct work *w, uint32_t node, bool *marked)
{
    bool more = true;

    for (marked[node] = true; more;) {
        more = false;
        for (uint32_t i = 0; i < w->nodes.count; i++) {
            const struct node *n = &w->nodes.at[i];
            for (uint32_t k = 0; !marked[i] && k < n->out_count; k++) {
                const struct edge *edge = &w->edges.at[n->first_out + k];
                bool through = edge->to == node || w->nodes.at[edge->to].step == STEP_BARRIER;
                if (!edge->order_only && marked[edge->to] && through)
                    marked[i] = more = true;
            }
        }
    }
    marked[node] = false;
}

static void add_result(const struct told *t, const struct agent *a, struct text *out)
{
    char name[16];

    if (!a->result || !a->result->summary || !a->result->summary[0])
        return;
    tree_agent_name(a, name);
    text_printf(out, "%s- %s %s: ", out->length ? "\n" : "", name,
                tree_agent_step(t->c->start.e->tree, t->o, a)->role);
    add_cut(out, a->result->summary, RESULT_MAX_BYTES);
}

static const char *results_of(const struct told *t)
{
    const struct work *w = t->o->work;
    AUTO_FREE bool *marked = mem_zero((w->nodes.count + 1) * sizeof *marked);
    AUTO_TEXT out = {0};

    mark_inputs(w, t->agent->node, marked);
    for (size_t i = 0; i < w->agents.count && out.length < RESULTS_MAX_BYTES; i++)
        if (marked[w->agents.at[i].node])
            add_result(t, &w->agents.at[i], &out);
    return keep(t, &out);
}

/* What the research found, read once: nothing is added to it later. */
const char *agent_findings(struct engine *e)
{
    AUTO_FREE char *path = path_in_run(e, "context/findings.json");
    AUTO_TEXT digest = {0};
    AUTO_FAULT ignored = {0};
    json_t *all = NULL;

    if (e->findings)
        return e->findings;
    if ((os_exists(path) || context_findings(e, &ignored) == 0) &&
        json_read_file(path, FINDINGS_FILE_MAX, &all, &ignored) == 0)
        findings_digest(all, FINDINGS_PROMPT_BYTES, &digest);
    json_decref(all);
    e->findings = arena_string(&e->arena, text_get(&digest));
    return e->findings;
}

/* Read once, too. A broken file was told of before the run began. */
const struct roles *agent_roles(struct engine *e)
{
    AUTO_FAULT ignored = {0};

    if (!e->roles) {
        e->roles = ARENA_NEW(&e->arena, struct roles);
        (void)!roles_load(e->options.repo, &e->arena, e->roles, &ignored);
    }
    return e->roles;
}

static const char *role_prompt(struct engine *e, const char *name)
{
    const struct role *role = roles_find(agent_roles(e), name);

    return role ? role->prompt : "";
}

/* Why the attempt before this one failed; "" at the first. */
static const char *problem_of(const struct agent *a)
{
    for (const struct attempt *x = a->first_attempt; x && x->next; x = x->next)
        if (x->next == a->last_attempt)
            return x->message[0] ? x->message : attempt_error_name(x->error);
    return "";
}

static const char *reads_only(const struct told *t)
{
    const struct plan_step *step = t->c->start.step;

    if (!t->subtask)
        return "this is research";
    return step->writes_given && !step->writes.count ? "its `writes` is empty" : "";
}

static const char *writes_of(const struct told *t)
{
    const struct plan_step *step = t->c->start.step;
    bool own = step->writes_given || !t->subtask;

    return lines_of(t, own ? &step->writes : &t->subtask->writes);
}

static void fill_place(const struct told *t, struct prompt_values *v)
{
    const struct start *s = &t->c->start;
    char id[EXEC_ID_TEXT_MAX], name[16];

    exec_id_format(t->o->id, id);
    tree_agent_name(t->agent, name);
    v->exec_id = arena_string(s->a, id);
    v->instance = arena_string(s->a, name);
    v->title = t->unit ? t->unit->title : s->step->title;
    v->role = s->step->role;
    v->role_prompt = role_prompt(s->e, s->step->role);
    v->wave = arena_format(s->a, "%u", t->agent->wave);
    v->waves = arena_format(s->a, "%u", t->o->work->waves);
    v->attempt = s->j->attempt > 1 ? arena_format(s->a, "%u", s->j->attempt) : "";
    v->problem = s->j->attempt > 1 ? problem_of(t->agent) : "";
    v->team = team_of(t);
    v->folder = s->work;
    v->result_file = arena_format(s->a, "%s/result.json", s->dir);
}

static void fill_task(const struct told *t, struct prompt_values *v)
{
    const struct start *s = &t->c->start;
    const struct plan_subtask *subtask = t->subtask;

    v->work = t->c->task;
    v->context = subtask ? expanded(t, subtask->context, false) : "";
    v->mission = subtask ? expanded(t, subtask->mission, false) : "";
    v->criteria = subtask ? lines_of(t, &subtask->criteria) : "";
    v->checks = checks_of(t);
    v->writes = writes_of(t);
    v->reads_only = reads_only(t);
    v->findings = subtask ? agent_findings(s->e) : "";
    if (v->findings[0])
        v->findings_file = arena_format(s->a, "%s/context/findings.json", s->e->options.run_dir);
    v->results = results_of(t);
    if (v->results[0])
        v->results_dir = arena_format(s->a, "%s/context/results", s->e->options.run_dir);
}

/* What the sessions before had reported. */
static const char *summaries_of(const struct told *t)
{
    const struct session_choice *choice = &t->c->session;
    AUTO_TEXT out = {0};

    for (size_t i = 0; i < choice->agent_count; i++)
        add_result(t, &t->o->work->agents.at[choice->agents[i]], &out);
    return keep(t, &out);
}

/* Not the size of the prompt as it will be, but one that the tree alone gives, so that the choice
 * is the same when the attempt has ended. */
static int64_t prompt_tokens(const struct told *t)
{
    size_t bytes = PROMPT_FRAME_BYTES + strlen(t->c->task);

    if (t->subtask)
        bytes += strlen(t->subtask->mission) + strlen(t->subtask->context);
    return (int64_t)(bytes / TOKEN_BYTES);
}

int agent_call_choose(struct agent_call *c, struct fault *f)
{
    const struct start *s = &c->start;
    AUTO_TEXT task = {0};
    struct told t;

    if (s->j->kind == JOB_PLANNER) {
        planner_choose(c);
        return 0;
    }
    const struct expansion prompt = {.job = s->j, .text = s->step->prompt};
    int r = variables_expand(s->e, &prompt, &task, f);
    if (r < 0)
        return r;
    told_init(&t, c);
    c->task = keep(&t, &task);
    const struct session_need need = {
        .prompt_tokens = prompt_tokens(&t),
        .in_place = c->entry->driver->can & DRIVER_IN_PLACE,
    };
    if (c->entry->driver->can & DRIVER_SESSIONS)
        session_choose(s->e->tree, s->j->orch, s->j->agent, &need, s->a, &c->session);
    c->request.session = c->session.session;
    return 0;
}

int agent_call_prompt(struct agent_call *c, struct fault *f)
{
    const struct engine *e = c->start.e;
    AUTO_FREE char *user = prompt_user_folder();
    const struct prompt_folders folders = {
        .repository = e->options.repo, .user = user, .recipes = e->options.recipes};
    struct prompt_values v = {0};
    AUTO_TEXT handover = {0};
    AUTO_TEXT prompt = {0};
    struct told t;
    int r = 0;

    if (c->start.j->kind == JOB_PLANNER)
        return planner_prompt(c, f);
    told_init(&t, c);
    fill_place(&t, &v);
    fill_task(&t, &v);
    if (c->session.way == SESSION_HANDOVER) {
        v.summaries = summaries_of(&t);
        r = prompt_render(&folders, "handover", &v, &handover, f);
        v.handover = text_get(&handover);
    }
    if (r == 0)
        r = prompt_render(&folders, c->session.continues ? "continue" : "agent", &v, &prompt, f);
    if (r == 0)
        c->request.prompt = keep(&t, &prompt);
    return r;
}
