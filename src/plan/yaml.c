/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/yaml.h"

#include "plan/link.h"
#include "plan/settings.h"
#include "plan/step.h"
#include "plan/subtask.h"
#include "plan/variables.h"

#include <string.h>

enum { PLAN_VERSION = 1, AGENTS_MAX = 1000 * 1000 * 1000 };

struct plan_draft {
    struct scope scope; /* first: settings_fields writes here */
    struct plan plan;
    const struct node *research, *subtasks, *setup, *land, *push;
};

static const struct field_range agents_range = {1, AGENTS_MAX};

static int read_version(struct reader *r, const struct field *field, const struct node *value,
                        void *slot)
{
    static const struct field_range range = {1, 1e6};
    const struct field plain = {.key = field->key, .rule = &range};
    int code = field_int(r, &plain, value, slot);

    if (code < 0 || *(int *)slot == PLAN_VERSION)
        return code;
    code = fault_set(r->fault, FAULT_NEWER, "version %d of plans is newer than this kelp",
                     *(int *)slot);
    fault_hint(r->fault, "install a newer kelp, or write 'version: %d'", PLAN_VERSION);
    fault_place(r->fault, r->file, value->place.line, value->place.column);
    return code;
}

#define AT(member) offsetof(struct plan_draft, member)
static const struct field plan_rows[] = {
    {"version", read_version, AT(plan.version), NULL},
    {"task", field_text, AT(plan.task), NULL},
    {"agents", field_count, AT(plan.agents), &agents_range},
    {"research", field_node, AT(research), NULL},
    {"subtasks", field_node, AT(subtasks), NULL},
    {"cleanup", field_commands, AT(plan.cleanup), NULL},
    {"setup", field_node, AT(setup), NULL},
    {"land", field_node, AT(land), NULL},
    {"push", field_node, AT(push), NULL},
    {"environment", field_environment, AT(plan.environment), NULL},
};
static const struct field_table plan_fields = {"a plan", plan_rows, COUNT_OF(plan_rows),
                                               &settings_fields};

static int read_research(struct reader *r, struct plan_draft *d)
{
    static const struct step_rules rules = {.prefix = "r"};
    struct step_list list = {0};
    unsigned levels;

    if (!d->research)
        return 0;
    int code = field_need_list(r, "research", d->research);
    if (code == 0)
        code = steps_read(r, d->research, &d->scope, &rules, &list);
    if (code == 0)
        code = link_steps(r, &list, &levels);
    if (code == 0)
        code = steps_check_variables(r, &list, NULL);
    for (size_t i = 0; i < list.count; i++)
        list.at[i].step.level = 0;
    d->plan.research_given = true;
    d->plan.research = steps_take(r, &list);
    d->plan.research_count = list.count;
    return code;
}

/* "plans/fix-bugs.yaml" is the task "fix-bugs". */
static const char *task_from_name(struct arena *a, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');

    return arena_string_n(a, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

/* Whether they are written matters: else the user's configuration may say. */
static int read_endings(struct reader *r, struct plan_draft *d)
{
    static const struct field land = {"land", field_choice, 0, &land_words};
    static const struct field push = {"push", field_choice, 0, &push_words};
    int code = 0;

    d->plan.land_given |= d->land != NULL;
    d->plan.push_given |= d->push != NULL;
    if (d->land)
        code = field_choice(r, &land, d->land, &d->plan.land);
    if (code == 0 && d->push)
        code = field_choice(r, &push, d->push, &d->plan.push);
    return code;
}

/* The commands that belong to no subtask. */
static int read_commands(struct reader *r, struct plan_draft *d)
{
    const struct variables scope = {0};
    int code = 0;

    if (d->setup)
        code = field_read_text(r, "setup", d->setup, &d->plan.setup);
    if (code == 0 && d->setup)
        code = variables_check_command(r, d->plan.setup, d->setup->place, &scope);
    return code < 0 ? code : variables_check_commands(r, &d->plan.cleanup, &scope);
}

static int read_plan(struct reader *r, const struct node *root, struct plan_draft *d)
{
    struct plan *plan = &d->plan;
    int code = fields_read(r, root, &plan_fields, d);

    if (code == 0)
        code = read_endings(r, d);
    if (code == 0 && !d->subtasks)
        return reader_fail(r, root, "list the jobs under 'subtasks'", "a plan without subtasks");
    if (code == 0)
        code = read_commands(r, d);
    if (code == 0)
        code = read_research(r, d);
    if (code == 0)
        code = subtasks_read(r, d->subtasks, &d->scope, plan);
    if (code < 0)
        return code;
    if (!plan->task)
        plan->task = task_from_name(r->arena, r->file);
    plan->settings = d->scope.settings;
    return 0;
}

static void begin(struct plan_draft *d, const struct reader *r, const struct plan *request)
{
    d->scope = scope_default();
    if (request) {
        d->plan = *request;
        d->plan.subtasks = NULL;
        d->plan.subtask_count = 0;
        d->scope.settings = request->settings;
    }
    d->plan.version = PLAN_VERSION;
    d->plan.file = r->file;
    if (!d->plan.setup)
        d->plan.setup = "";
}

int plan_read_node(struct reader *r, const struct node *root, const struct plan *request,
                   struct plan **ret)
{
    struct plan_draft d = {.plan = {0}};

    begin(&d, r, request);
    if (!root) {
        static const struct node start = {.place = {1, 1}};
        return reader_fail(r, &start, "write at least 'task' and 'subtasks'", "the plan is empty");
    }
    int code = read_plan(r, root, &d);
    if (code == 0)
        *ret = arena_copy(r->arena, &d.plan, sizeof d.plan);
    return code;
}

int plan_read_yaml(const struct source *source, struct arena *a, struct plan **ret, struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct reader r = {.arena = a, .file = arena_string(a, source->name), .fault = f};
    struct node *root = NULL;
    int code = node_read_yaml(source, &nodes, &root, f);

    return code < 0 ? code : plan_read_node(&r, root, NULL, ret);
}

int plan_read_file(const char *path, struct arena *a, struct plan **ret, struct fault *f)
{
    AUTO_TEXT text = {0};
    int code = source_read(path, NODE_BYTES_MAX, &text, f);
    const struct source source = {text_get(&text), text.length, path};

    return code < 0 ? code : plan_read_yaml(&source, a, ret, f);
}

int plan_from_json(const json_t *value, const char *name, struct arena *a, struct plan **ret,
                   struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct reader r = {.arena = a, .file = arena_string(a, name), .fault = f, .trusted = true};
    struct node *root = NULL;
    int code = node_from_json(value, name, &nodes, &root, f);

    return code < 0 ? code : plan_read_node(&r, root, NULL, ret);
}
