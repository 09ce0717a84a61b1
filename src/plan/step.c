/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/step.h"

#include "plan/variables.h"
#include "plan/words.h"

#include <string.h>

enum { COUNT_MAX = 1000 * 1000, TITLE_BYTES = 60 };

static const struct field_range count_range = {1, COUNT_MAX};
static const struct field_range failures_range = {0, COUNT_MAX};
const struct field_range minutes_above_zero = {0, 1000 * 1000};

/* `batch: auto`, or how many items an agent gets. */
static int read_batch(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    if (value->kind == NODE_SCALAR && strcmp(value->text, "auto") == 0) {
        *(unsigned *)slot = 0;
        return 0;
    }
    return field_count(r, field, value, slot);
}

struct fan_draft {
    const char *glob, *run;
    const struct node *items;
    unsigned batch;
};

static const struct field fan_rows[] = {
    {"items", field_node, offsetof(struct fan_draft, items), NULL},
    {"glob", field_text, offsetof(struct fan_draft, glob), NULL},
    {"run", field_text, offsetof(struct fan_draft, run), NULL},
    {"batch", read_batch, offsetof(struct fan_draft, batch), &count_range},
};
static const struct field_table fan_fields = {"for_each", fan_rows, COUNT_OF(fan_rows), NULL};

static int fan_list(struct reader *r, const struct node *value, struct plan_fan *fan)
{
    int code = field_need_list(r, "for_each", value);

    if (code < 0)
        return code;
    if (!value->count)
        return reader_fail(r, value, "name the items, or take the key out",
                           "'for_each' is an empty list");
    fan->kind = FAN_LIST;
    return field_read_strings(r, "for_each", value, &fan->items);
}

int field_fan(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    struct plan_fan *fan = slot;
    struct fan_draft draft = {.batch = 1};

    *fan = (struct plan_fan){.source = "", .batch = 1};
    if (value->kind == NODE_SEQUENCE)
        return fan_list(r, value, fan);
    if (value->kind != NODE_MAPPING)
        return reader_fail(r, value, "write a list, { glob: ... } or { run: ... }",
                           "'%s' can't be %s", field->key, node_describe(value, r->arena));
    int code = fields_read(r, value, &fan_fields, &draft);
    if (code < 0)
        return code;
    if (!!draft.glob + !!draft.run + !!draft.items != 1)
        return reader_fail(r, value, "keep one of 'items', 'glob' and 'run'",
                           "for_each needs exactly one source of items");
    fan->batch = draft.batch;
    if (draft.items)
        return fan_list(r, draft.items, fan);
    fan->kind = draft.glob ? FAN_GLOB : FAN_COMMAND;
    fan->source = draft.glob ? draft.glob : draft.run;
    return 0;
}

static const struct field command_rows[] = {
    {"run", field_text, offsetof(struct plan_command, run), NULL},
};
static const struct field_table command_fields = {"a command", command_rows, COUNT_OF(command_rows),
                                                  NULL};

/* { run: ... }, or just the command. */
static int read_command(struct reader *r, const char *what, const struct node *value,
                        struct plan_command *command)
{
    *command = (struct plan_command){.place = value->place};
    if (value->kind != NODE_MAPPING)
        return field_read_text(r, what, value, &command->run);
    int code = fields_read(r, value, &command_fields, command);
    if (code == 0 && !command->run)
        return reader_fail(r, value, "write { run: COMMAND }", "an entry of '%s' has no 'run'",
                           what);
    return code;
}

int field_commands(struct reader *r, const struct field *field, const struct node *value,
                   void *slot)
{
    struct plan_commands *commands = slot;
    int code = field_need_list(r, field->key, value);

    if (code < 0)
        return code;
    struct plan_command *at = arena_array(r->arena, value->count, sizeof *at);
    for (size_t i = 0; i < value->count; i++) {
        code = read_command(r, field->key, value->items[i], &at[i]);
        if (code < 0)
            return code;
    }
    *commands = (struct plan_commands){at, value->count};
    return 0;
}

static bool leaves_repository(const char *path)
{
    if (path[0] == '/')
        return true;
    for (const char *p = path; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
            return true;
    }
    return false;
}

int writes_read(struct reader *r, const struct node *value, struct strings *ret)
{
    int code = field_read_strings(r, "writes", value, ret);

    for (size_t i = 0; code == 0 && i < ret->count; i++)
        if (leaves_repository(ret->at[i]))
            return reader_fail(r, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                               "name paths relative to the repository's root, such as 'docs/**'",
                               "'%s' in 'writes' is outside the repository", ret->at[i]);
    return code;
}

struct step_draft {
    struct scope scope; /* first: settings_fields writes here */
    struct plan_step step;
    const struct node *prompt, *run, *needs, *writes, *for_each, *count;
};

#define AT(member) offsetof(struct step_draft, member)
static const struct field step_rows[] = {
    {"id", field_name, AT(step.id), NULL},
    {"title", field_text, AT(step.title), NULL},
    {"prompt", field_node, AT(prompt), NULL},
    {"run", field_node, AT(run), NULL},
    {"count", field_node, AT(count), NULL},
    {"for_each", field_node, AT(for_each), NULL},
    {"minutes", field_number, AT(step.minutes), &minutes_above_zero},
    {"needs", field_node, AT(needs), NULL},
    {"writes", field_node, AT(writes), NULL},
};
static const struct field_table step_fields = {"a step", step_rows, COUNT_OF(step_rows),
                                               &settings_fields};
static const struct field_table agent_fields = {"an agent", step_rows, COUNT_OF(step_rows),
                                                &settings_fields};

static int read_work(struct reader *r, const struct node *map, struct step_draft *d)
{
    struct plan_step *step = &d->step;

    step->prompt = step->run = "";
    if (d->prompt && d->run)
        return reader_fail(r, map, "keep one: a prompt is for an agent program, run is a command",
                           "both 'prompt' and 'run'");
    if (d->run) {
        d->scope.settings.agent = "command";
        return field_read_text(r, "run", d->run, &step->run);
    }
    if (!d->prompt)
        return reader_fail(r, map, "write 'prompt: ...' for an agent, 'run: ...' for a command",
                           "neither 'prompt' nor 'run'");
    if (strcmp(d->scope.settings.agent, "command") == 0)
        return reader_fail(r, d->prompt,
                           "name an agent program, such as 'agent: claude', or use 'run'",
                           "'prompt' under 'agent: command', which takes none");
    return field_read_text(r, "prompt", d->prompt, &step->prompt);
}

static int read_repetition(struct reader *r, struct step_draft *d)
{
    static const struct field count_field = {"count", field_count, 0, &count_range};
    static const struct field fan_field = {"for_each", field_fan, 0, NULL};
    struct plan_step *step = &d->step;

    step->count = 1;
    step->for_each = (struct plan_fan){.source = "", .batch = 1};
    if (d->count && d->for_each)
        return reader_fail(r, d->count,
                           "for_each makes as many agents as there are items; say "
                           "how many items each gets with 'batch'",
                           "both 'count' and 'for_each'");
    if (d->count)
        return field_count(r, &count_field, d->count, &step->count);
    if (d->for_each)
        return field_fan(r, &fan_field, d->for_each, &step->for_each);
    return 0;
}

static int step_finish(struct reader *r, const struct node *map, const struct step_rules *rules,
                       struct step_draft *d)
{
    struct plan_step *step = &d->step;

    if (d->needs && !rules->needs)
        return reader_fail(r, d->needs, "use 'steps' where the order follows from needs",
                           "'needs' is for the entries of 'steps'");
    int code = read_work(r, map, d);
    if (code == 0)
        code = read_repetition(r, d);
    if (code == 0 && d->writes) {
        step->writes_given = true;
        code = writes_read(r, d->writes, &step->writes);
    }
    step->settings = d->scope.settings;
    step->role = d->scope.role;
    const char *work = *step->run ? step->run : step->prompt;
    if (code == 0 && !step->title)
        step->title = *step->role ? step->role : words_first_line(r->arena, work, TITLE_BYTES);
    if (code == 0 && !*step->role)
        step->role = step->title;
    step->level = rules->level;
    step->place = map->place;
    return code;
}

static void step_push(struct reader *r, struct step_list *list, const struct step_draft *d)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct step_entry *at = arena_array(r->arena, capacity, sizeof *at);
        for (size_t i = 0; i < list->count; i++)
            at[i] = list->at[i];
        list->at = at;
        list->capacity = capacity;
    }
    list->at[list->count++] =
        (struct step_entry){d->step, d->needs, d->run ? d->run : d->prompt, d->for_each};
}

struct plan_step *steps_take(struct reader *r, const struct step_list *list)
{
    struct plan_step *steps = arena_array(r->arena, list->count, sizeof *steps);

    for (size_t i = 0; i < list->count; i++)
        steps[i] = list->at[i].step;
    return steps;
}

static int check_fan(struct reader *r, const struct plan_fan *fan, const struct node *source,
                     bool item)
{
    const struct variables scope = {.item = item};

    return fan->kind == FAN_COMMAND ? variables_check_command(r, fan->source, source->place, &scope)
                                    : 0;
}

int steps_check_variables(struct reader *r, const struct step_list *list,
                          const struct plan_subtask *subtask)
{
    bool around = subtask && subtask->for_each.kind != FAN_NONE;
    int code = 0;

    for (size_t i = 0; code == 0 && i < list->count; i++) {
        const struct step_entry *entry = &list->at[i];
        const struct plan_step *step = &entry->step;
        const struct variables scope = {
            .agent = true,
            .item = around || step->for_each.kind != FAN_NONE,
            .subtask = subtask,
            .step = subtask ? &subtask->steps[i] : NULL,
        };
        code = check_fan(r, &step->for_each, entry->source, around);
        if (code == 0)
            code = plan_step_is_command(step)
                       ? variables_check_command(r, step->run, entry->work->place, &scope)
                       : variables_check_prompt(r, step->prompt, entry->work->place, &scope);
    }
    return code;
}

static const char *default_id(struct arena *a, const struct step_rules *rules, size_t position)
{
    if (!*rules->prefix)
        return arena_format(a, "w%u.%zu", rules->level, position);
    return arena_format(a, "%s%zu", rules->prefix, position);
}

int steps_read(struct reader *r, const struct node *value, const struct scope *above,
               const struct step_rules *rules, struct step_list *list)
{
    for (size_t i = 0; i < value->count; i++) {
        struct step_draft d = {.scope = *above};
        const struct node *map = value->items[i];
        int code = fields_read(r, map, rules->needs ? &step_fields : &agent_fields, &d);
        if (code == 0)
            code = step_finish(r, map, rules, &d);
        if (code < 0)
            return code;
        if (!d.step.id)
            d.step.id = default_id(r->arena, rules, i + 1);
        step_push(r, list, &d);
    }
    return 0;
}

struct wave_draft {
    struct scope scope; /* first */
    struct plan_wave wave;
    const struct node *agents;
};

static const struct field wave_rows[] = {
    {"title", field_text, offsetof(struct wave_draft, wave.title), NULL},
    {"allow_failures", field_count, offsetof(struct wave_draft, wave.allow_failures),
     &failures_range},
    {"agents", field_node, offsetof(struct wave_draft, agents), NULL},
};
static const struct field_table wave_fields = {"a wave", wave_rows, COUNT_OF(wave_rows),
                                               &settings_fields};

static int wave_read(struct reader *r, const struct node *map, unsigned level, struct wave_draft *d,
                     struct step_list *list)
{
    const struct step_rules rules = {.prefix = "", .level = level};
    int code = fields_read(r, map, &wave_fields, d);

    if (code < 0)
        return code;
    if (!d->wave.title)
        d->wave.title = "";
    if (!d->agents)
        return reader_fail(r, map, "list what it starts under 'agents'", "wave %u has no 'agents'",
                           level);
    code = field_need_list(r, "agents", d->agents);
    if (code < 0)
        return code;
    if (!d->agents->count)
        return reader_fail(r, d->agents, "list what it starts, or take the wave out",
                           "wave %u has no agents", level);
    return steps_read(r, d->agents, &d->scope, &rules, list);
}

int waves_read(struct reader *r, const struct node *value, const struct scope *above,
               struct step_list *list, struct plan_subtask *subtask)
{
    subtask->waves = arena_array(r->arena, value->count, sizeof *subtask->waves);
    subtask->wave_count = value->count;
    for (size_t i = 0; i < value->count; i++) {
        struct wave_draft d = {.scope = *above};
        int code = wave_read(r, value->items[i], (unsigned)i + 1, &d, list);
        if (code < 0)
            return code;
        subtask->waves[i] = d.wave;
    }
    return 0;
}
