/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for {{...}} in the commands and prompts of one job. */
#include "engine/engine_priv.h"

#include "core/template.h"
#include "core/variables.h"

#include <stdio.h>
#include <string.h>

struct scope {
    struct engine *e;
    const struct job *j;
    struct arena arena;
};

static const struct orch *orch_of(const struct scope *s)
{
    return &s->e->tree->orchs.at[s->j->orch];
}

static const struct agent *agent_of(const struct scope *s)
{
    return s->j->agent == AGENT_NONE ? NULL : &orch_of(s)->work->agents.at[s->j->agent];
}

/* The unit that a job works for; NULL for research and for the run's own cleanup. */
static const struct unit *unit_of(const struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;
    const struct orch *o = &t->orchs.at[j->orch];
    uint32_t unit = UNIT_NONE;

    if (j->agent != AGENT_NONE)
        unit = o->work->nodes.at[o->work->agents.at[j->agent].node].unit;
    else if (j->kind == JOB_CHECK || j->kind == JOB_FINAL_CHECK || j->kind == JOB_ON_FAILURE ||
             j->kind == JOB_CLEANUP)
        (void)tree_job_command(t, j, &unit);
    else if (j->kind == JOB_EXPAND && t->phase != RUN_EXPAND)
        unit = o->work->nodes.at[j->index].unit;
    else if (o->unit_count == 1)
        unit = o->unit_first;
    return unit == UNIT_NONE ? NULL : &t->units.at[unit];
}

const char *variables_item(const struct engine *e, const struct job *j, struct arena *a)
{
    const struct unit *u = unit_of(e, j);
    AUTO_TEXT items = {0};

    if (j->agent != AGENT_NONE) {
        const struct work *w = e->tree->orchs.at[j->orch].work;
        const struct agent *agent = &w->agents.at[j->agent];
        for (uint32_t i = 0; i < agent->item_count; i++) {
            if (i)
                text_add_char(&items, '\n');
            text_add(&items, w->nodes.at[agent->node].items.at[agent->item_first + i]);
        }
        if (agent->item_count)
            return arena_string(a, text_get(&items));
    }
    return u ? u->item : "";
}

static const char *value_item(struct scope *s)
{
    return variables_item(s->e, s->j, &s->arena);
}

static const char *value_index(struct scope *s)
{
    const struct agent *a = agent_of(s);

    return arena_format(&s->arena, "%u", a ? a->ordinal + 1 : s->j->index + 1);
}

static const char *value_exec_id(struct scope *s)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(orch_of(s)->id, id);
    return arena_string(&s->arena, id);
}

static const char *value_run(struct scope *s)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(s->e->tree->orchs.at[0].id, id);
    return arena_string(&s->arena, id);
}

static const char *value_task(struct scope *s)
{
    return s->e->tree->plan->task;
}

static const char *value_title(struct scope *s)
{
    const struct unit *u = unit_of(s->e, s->j);

    return u ? u->title : s->e->tree->plan->task;
}

static const char *value_mission(struct scope *s)
{
    const struct unit *u = unit_of(s->e, s->j);

    return u ? s->e->tree->plan->subtasks[u->subtask].mission : "";
}

static const char *value_role(struct scope *s)
{
    const struct agent *a = agent_of(s);

    return a ? tree_agent_step(s->e->tree, orch_of(s), a)->role : "";
}

static const char *value_wave(struct scope *s)
{
    const struct agent *a = agent_of(s);

    return arena_format(&s->arena, "%u", a ? a->wave : 0);
}

static const char *value_instance(struct scope *s)
{
    const struct agent *a = agent_of(s);
    char name[16] = "";

    if (a)
        tree_agent_name(a, name);
    return arena_string(&s->arena, name);
}

static const char *value_attempt(struct scope *s)
{
    return arena_format(&s->arena, "%u", s->j->attempt);
}

static const char *value_recipes(struct scope *s)
{
    return s->e->options.recipes;
}

static const char *value_context(struct scope *s)
{
    return arena_format(&s->arena, "%s/context", s->e->options.run_dir);
}

static const char *value_findings(struct scope *s)
{
    return arena_format(&s->arena, "%s/context/findings.json", s->e->options.run_dir);
}

static const char *value_items(struct scope *s)
{
    return value_item(s);
}

static const struct {
    const char *name;
    const char *(*value)(struct scope *s);
} plain[] = {
#define PLAIN(name, use) {#name, value_##name},
    VARIABLES(PLAIN)
#undef PLAIN
};

static void add_summary(struct text *out, const struct agent *a)
{
    if (!a->result || !a->result->summary[0])
        return;
    if (out->length)
        text_add_char(out, '\n');
    text_add(out, a->result->summary);
}

/* "waves.2.summary": what the agents of that wave of the same unit said, a line each. */
static const char *wave_summary(struct scope *s, const char *number)
{
    const struct work *w = orch_of(s)->work;
    const struct unit *u = unit_of(s->e, s->j);
    AUTO_TEXT out = {0};
    char *end;
    unsigned long wave = strtoul(number, &end, 10);

    for (size_t i = 0; w && u && i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        uint32_t unit = w->nodes.at[a->node].unit;
        if (a->wave == wave && unit != UNIT_NONE && &s->e->tree->units.at[unit] == u)
            add_summary(&out, a);
    }
    return arena_string(&s->arena, text_get(&out));
}

static const char *step_summary(struct scope *s, const char *id, size_t length)
{
    const struct work *w = orch_of(s)->work;
    const struct unit *u = unit_of(s->e, s->j);
    AUTO_TEXT out = {0};

    for (size_t i = 0; w && u && i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        const struct node *n = &w->nodes.at[a->node];
        if (n->unit == UNIT_NONE || &s->e->tree->units.at[n->unit] != u)
            continue;
        const char *step = tree_agent_step(s->e->tree, orch_of(s), a)->id;
        if (strlen(step) == length && memcmp(step, id, length) == 0)
            add_summary(&out, a);
    }
    return arena_string(&s->arena, text_get(&out));
}

static const char *lookup(void *context, const char *name)
{
    struct scope *s = context;
    size_t length = strlen(name);

    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (strcmp(name, plain[i].name) == 0)
            return plain[i].value(s);
    if (!text_ends(name, ".summary"))
        return NULL;
    if (text_starts(name, "waves."))
        return wave_summary(s, name + strlen("waves."));
    if (text_starts(name, "steps."))
        return step_summary(s, name + strlen("steps."),
                            length - strlen("steps.") - strlen(".summary"));
    return NULL;
}

int variables_expand(struct engine *e, const struct expansion *x, struct text *out, struct fault *f)
{
    struct scope scope = {.e = e, .j = x->job};
    struct template_values values = {.lookup = lookup, .context = &scope, .command = x->command};
    int r = template_expand(x->text, &values, out, f);

    arena_free(&scope.arena);
    return r;
}
