/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/subtask.h"

#include "base/os.h"
#include "plan/link.h"
#include "plan/step.h"
#include "plan/variables.h"

struct subtask_draft {
    struct scope scope; /* first: settings_fields writes here */
    struct plan_subtask subtask;
    const struct node *depends_on, *writes, *waves, *steps, *for_each, *setup;
};

#define AT(member) offsetof(struct subtask_draft, member)
static const struct field subtask_rows[] = {
    {"title", field_text, AT(subtask.title), NULL},
    {"id", field_name, AT(subtask.id), NULL},
    {"minutes", field_number, AT(subtask.minutes), &minutes_above_zero},
    {"depends_on", field_node, AT(depends_on), NULL},
    {"writes", field_node, AT(writes), NULL},
    {"context", field_text, AT(subtask.context), NULL},
    {"mission", field_text, AT(subtask.mission), NULL},
    {"criteria", field_strings, AT(subtask.criteria), NULL},
    {"for_each", field_node, AT(for_each), NULL},
    {"waves", field_node, AT(waves), NULL},
    {"steps", field_node, AT(steps), NULL},
    {"success", field_commands, AT(subtask.success), NULL},
    {"on_failure", field_commands, AT(subtask.on_failure), NULL},
    {"cleanup", field_commands, AT(subtask.cleanup), NULL},
    {"setup", field_node, AT(setup), NULL},
};
static const struct field_table subtask_fields = {"a subtask", subtask_rows, COUNT_OF(subtask_rows),
                                                  &settings_fields};

/* The empty list is refused: work that was forgotten must not count as done. */
static int need_entries(struct reader *r, const char *what, const struct node *value)
{
    int code = field_need_list(r, what, value);

    if (code == 0 && !value->count)
        return reader_fail(r, value, "say what is to be done", "'%s' is an empty list", what);
    return code;
}

static int read_explicit_waves(struct reader *r, struct subtask_draft *d, struct step_list *list)
{
    struct plan_subtask *subtask = &d->subtask;
    int code = need_entries(r, "waves", d->waves);

    subtask->explicit_waves = true;
    if (code == 0)
        code = waves_read(r, d->waves, &d->scope, list, subtask);
    return code;
}

static int read_steps(struct reader *r, struct subtask_draft *d, struct step_list *list)
{
    static const struct step_rules rules = {.prefix = "s", .needs = true};
    int code = need_entries(r, "steps", d->steps);

    return code < 0 ? code : steps_read(r, d->steps, &d->scope, &rules, list);
}

static void add_levels(struct reader *r, struct plan_subtask *subtask, unsigned levels)
{
    subtask->wave_count = levels;
    subtask->waves = arena_array(r->arena, levels, sizeof *subtask->waves);
    for (size_t i = 0; i < levels; i++)
        subtask->waves[i].title = "";
}

static int read_work(struct reader *r, const struct node *map, struct subtask_draft *d)
{
    struct plan_subtask *subtask = &d->subtask;
    struct step_list list = {0};
    unsigned levels = 0;

    if (d->waves && d->steps)
        return reader_fail(r, map,
                           "keep 'waves' for a barrier after each, or 'steps' for an "
                           "order by needs",
                           "the subtask '%s' has both 'waves' and 'steps'", subtask->title);
    if (!d->waves && !d->steps)
        return reader_fail(r, map, "list what is to be done under 'waves' or 'steps'",
                           "the subtask '%s' has neither 'waves' nor 'steps'", subtask->title);
    int code = d->waves ? read_explicit_waves(r, d, &list) : read_steps(r, d, &list);
    if (code == 0)
        code = link_steps(r, &list, &levels);
    if (code < 0)
        return code;
    subtask->steps = steps_take(r, &list);
    subtask->step_count = list.count;
    if (!subtask->explicit_waves)
        add_levels(r, subtask, levels);
    return steps_check_variables(r, &list, subtask);
}

static int check_commands(struct reader *r, const struct subtask_draft *d)
{
    const struct plan_subtask *s = &d->subtask;
    const struct variables around = {.item = s->for_each.kind != FAN_NONE};
    const struct variables behind = {.item = around.item, .subtask = s};
    const struct variables nothing = {0};
    int code = variables_check_title(r, s->title, s->place, around.item);

    if (code == 0 && d->setup)
        code = variables_check_command(r, s->setup, d->setup->place, &around);
    if (code == 0 && s->for_each.kind == FAN_COMMAND)
        code = variables_check_command(r, s->for_each.source, d->for_each->place, &nothing);
    if (code == 0)
        code = variables_check_commands(r, &s->success, &behind);
    if (code == 0)
        code = variables_check_commands(r, &s->on_failure, &behind);
    return code < 0 ? code : variables_check_commands(r, &s->cleanup, &behind);
}

/* What the table leaves as nodes. */
static int read_nodes(struct reader *r, struct subtask_draft *d)
{
    static const struct field for_each = {.key = "for_each"};
    struct plan_subtask *subtask = &d->subtask;
    int code = 0;

    if (d->for_each)
        code = field_fan(r, &for_each, d->for_each, &subtask->for_each);
    if (code == 0 && d->setup)
        code = field_read_text(r, "setup", d->setup, &subtask->setup);
    if (code == 0 && d->writes) {
        subtask->writes_given = true;
        code = writes_read(r, d->writes, &subtask->writes);
    }
    return code;
}

static int subtask_read(struct reader *r, const struct node *map, struct subtask_draft *d)
{
    struct plan_subtask *subtask = &d->subtask;

    subtask->context = subtask->mission = "";
    subtask->for_each = (struct plan_fan){.source = "", .batch = 1};
    subtask->place = map->place;
    int code = fields_read(r, map, &subtask_fields, d);
    if (code < 0)
        return code;
    if (!subtask->title)
        subtask->title = subtask->id;
    if (!subtask->title)
        return reader_fail(r, map, "write 'title: ...'", "a subtask without a title");
    code = read_nodes(r, d);
    subtask->settings = d->scope.settings;
    if (code == 0)
        code = read_work(r, map, d);
    return code < 0 ? code : check_commands(r, d);
}

int subtasks_read(struct reader *r, const struct node *value, const struct scope *above,
                  struct plan *plan)
{
    int code = need_entries(r, "subtasks", value);

    if (code < 0)
        return code;
    const struct node **depends = arena_array(r->arena, value->count, sizeof *depends);
    plan->subtasks = arena_array(r->arena, value->count, sizeof *plan->subtasks);
    for (size_t i = 0; i < value->count; i++) {
        struct subtask_draft d = {.scope = *above, .subtask = {.setup = plan->setup}};
        code = subtask_read(r, value->items[i], &d);
        if (code < 0)
            return code;
        plan->subtasks[plan->subtask_count++] = d.subtask;
        depends[i] = d.depends_on;
    }
    return link_subtasks(r, plan, depends);
}

static int read_alone(struct reader *r, const struct node *root, const struct scope *above,
                      struct plan_subtask *ret)
{
    static const struct node start = {.place = {1, 1}};
    struct subtask_draft d = {.scope = *above, .subtask = {.setup = ""}};

    if (!root)
        return reader_fail(r, &start, "write one subtask, as in a plan", "the file is empty");
    int code = subtask_read(r, root, &d);
    if (code == 0 && d.depends_on)
        return reader_fail(r, d.depends_on, "take it out",
                           "'depends_on' in a subtask that stands alone");
    if (code == 0)
        *ret = d.subtask;
    return code;
}

int subtask_read_file(const char *path, const struct scope *above, struct arena *a,
                      struct plan_subtask *ret, struct fault *f)
{
    AUTO_TEXT text = {0};
    AUTO_ARENA nodes = {0};
    struct node *root = NULL;
    struct reader r = {.arena = a, .file = arena_string(a, path), .fault = f};
    int code = os_read_file(path, NODE_BYTES_MAX, &text, f);
    const struct source source = {text_get(&text), text.length, path};

    if (code == 0)
        code = node_read_yaml(&source, &nodes, &root, f);
    return code < 0 ? code : read_alone(&r, root, above, ret);
}
