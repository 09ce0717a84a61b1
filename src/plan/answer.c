/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/answer.h"

#include "plan/field.h"
#include "plan/yaml.h"

#include <string.h>

static const char *const plan_keys[] = {"version", "task", "subtasks", NULL};
static const char *const subtask_keys[] = {"title", "id",      "minutes",  "depends_on", "writes",
                                           "agent", "context", "mission",  "criteria",   "waves",
                                           "steps", "success", "for_each", NULL};
static const char *const wave_keys[] = {"title", "agents", NULL};
static const char *const step_keys[] = {"id",    "title", "role",     "prompt", "minutes", "needs",
                                        "agent", "count", "for_each", "writes", NULL};
static const char *const fan_keys[] = {"items", "glob", "batch", NULL};

const struct answer_level answer_levels[ANSWER_LEVELS] = {
    [ANSWER_PLAN] = {"a plan", plan_keys}, [ANSWER_SUBTASK] = {"a subtask", subtask_keys},
    [ANSWER_WAVE] = {"a wave", wave_keys}, [ANSWER_STEP] = {"a step", step_keys},
    [ANSWER_FAN] = {"for_each", fan_keys},
};

/* Where a level is found in the one above it. */
static const struct {
    int above, level;
    const char *key;
} below[] = {
    {ANSWER_PLAN, ANSWER_SUBTASK, "subtasks"}, {ANSWER_SUBTASK, ANSWER_WAVE, "waves"},
    {ANSWER_SUBTASK, ANSWER_STEP, "steps"},    {ANSWER_SUBTASK, ANSWER_FAN, "for_each"},
    {ANSWER_WAVE, ANSWER_STEP, "agents"},      {ANSWER_STEP, ANSWER_FAN, "for_each"},
};

static const char users_own[] = "leave it out: that is for the user to say";
static const char no_commands[] =
    "leave it out, or have an agent do it: commands can only stand in 'success'";

/* Keys of plans that an answer can't have, so that they are not taken for misspelt ones. */
static const struct {
    const char *key, *hint;
} withheld[] = {
    {"sandbox", users_own},   {"isolation", users_own},    {"environment", users_own},
    {"base_url", users_own},  {"model", users_own},        {"land", users_own},
    {"push", users_own},      {"limits", users_own},       {"retries", users_own},
    {"stall", users_own},     {"agents", users_own},       {"research", users_own},
    {"schedule", users_own},  {"run", no_commands},        {"setup", no_commands},
    {"cleanup", no_commands}, {"on_failure", no_commands},
};

struct answer {
    struct reader *reader;
    const struct answer_context *context;
};

static int check_key(struct answer *a, const struct node *key, const struct answer_level *level)
{
    struct reader *r = a->reader;
    size_t count = 0;

    for (; level->keys[count]; count++)
        if (strcmp(level->keys[count], key->text) == 0)
            return 0;
    for (size_t i = 0; i < COUNT_OF(withheld); i++)
        if (strcmp(withheld[i].key, key->text) == 0)
            return reader_fail(r, key, withheld[i].hint, "'%s' in %s can't be set by a planner",
                               key->text, level->what);
    return reader_fail(r, key, reader_suggest(r, key->text, level->keys, count),
                       "unknown key %s in %s", node_describe(key, r->arena), level->what);
}

static int check_agent(struct answer *a, const struct node *value)
{
    const struct strings *drivers = &a->context->drivers;
    const char *own = a->context->request->settings.agent;

    if (value->kind != NODE_SCALAR || strcmp(value->text, own) == 0)
        return 0;
    for (size_t i = 0; i < drivers->count; i++)
        if (strcmp(value->text, drivers->at[i]) == 0)
            return 0;
    return reader_fail(a->reader, value,
                       drivers->count
                           ? reader_suggest(a->reader, value->text, drivers->at, drivers->count)
                           : arena_format(a->reader->arena, "leave it out: '%s' does it", own),
                       "'agent' can't be %s", node_describe(value, a->reader->arena));
}

static int check_success(struct answer *a, const struct node *value)
{
    const struct plan_settings *s = &a->context->request->settings;

    if (s->isolation == ISOLATION_CLONE && !s->sandbox.off)
        return 0;
    return reader_fail(a->reader, value, "leave it out, and say under 'criteria' what success is",
                       "commands of a planner are not run without a sandbox");
}

static bool is_empty(const struct node *key, const struct node *value)
{
    if (value->kind == NODE_SCALAR)
        return node_is_null(value) || !*value->text;
    return value->kind == NODE_SEQUENCE && !value->count && strcmp(key->text, "writes") != 0;
}

static int check_map(struct answer *a, struct node *map, int level);

static int check_below(struct answer *a, const char *key, struct node *value, int level)
{
    size_t row = 0;
    int code = 0;

    while (row < COUNT_OF(below) && (below[row].above != level || strcmp(below[row].key, key) != 0))
        row++;
    if (row == COUNT_OF(below) || value->kind == NODE_SCALAR)
        return 0;
    if (value->kind == NODE_MAPPING)
        return check_map(a, value, below[row].level);
    for (size_t i = 0; code == 0 && i < value->count; i++)
        code = check_map(a, value->items[i], below[row].level);
    return code;
}

static int check_pair(struct answer *a, const struct node *key, struct node *value, int level)
{
    int code = check_key(a, key, &answer_levels[level]);

    if (code == 0 && strcmp(key->text, "agent") == 0)
        code = check_agent(a, value);
    if (code == 0 && strcmp(key->text, "success") == 0)
        code = check_success(a, value);
    return code < 0 ? code : check_below(a, key->text, value, level);
}

/* Takes out what counts as not written, and refuses what a planner may not write. What is of a
 * wrong kind is for the tables to refuse. The depth is that of `below`. */
static int check_map(struct answer *a, struct node *map, int level)
{
    size_t kept = 0;

    if (map->kind != NODE_MAPPING)
        return 0;
    for (size_t i = 0; i < map->count; i += 2) {
        struct node *key = map->items[i], *value = map->items[i + 1];
        int code = 0;
        if (key->kind == NODE_SCALAR && is_empty(key, value))
            continue;
        if (key->kind == NODE_SCALAR)
            code = check_pair(a, key, value, level);
        if (code < 0)
            return code;
        map->items[kept++] = key;
        map->items[kept++] = value;
    }
    map->count = kept;
    return 0;
}

static const char *size_subtask(struct plan_subtask *s, const struct history *history,
                                struct arena *a)
{
    size_t known = 0, sized = 0;

    for (size_t i = 0; i < s->step_count; i++) {
        struct plan_step *step = &s->steps[i];
        known += history_minutes(history, step->role, WORK_MODEL, &step->minutes);
        sized += step->minutes > 0;
    }
    if (!known && s->minutes > 0)
        return arena_format(a, "%s: %g minutes, as proposed", s->title, s->minutes);
    if (!known)
        return arena_format(a, "%s: %s", s->title,
                            sized ? "the minutes of its steps are as proposed"
                                  : "no minutes were proposed");
    if (sized == s->step_count)
        s->minutes = 0; /* the longest path of what is known says more than a proposal */
    return arena_format(a, "%s: minutes of %zu of %zu steps by earlier runs%s", s->title, known,
                        s->step_count, known < s->step_count ? ", the others as proposed" : "");
}

/* Models go with agents. */
static void forget_models(struct plan_subtask *s, const char *own)
{
    for (size_t i = 0; i < s->step_count; i++)
        if (strcmp(s->steps[i].settings.agent, own) != 0)
            s->steps[i].settings.model = s->steps[i].settings.base_url = "";
}

static struct strings size(struct plan *plan, const struct history *history, struct arena *a)
{
    const char **notes = arena_array(a, plan->subtask_count, sizeof *notes);

    for (size_t i = 0; i < plan->subtask_count; i++)
        notes[i] = size_subtask(&plan->subtasks[i], history, a);
    return (struct strings){notes, plan->subtask_count};
}

/* What the user said beside the subtasks holds. */
static void complete(struct plan *plan, const struct answer_context *context)
{
    plan->task = context->request->task; /* as the user wrote it */
    plan->file = "";
    for (size_t i = 0; i < plan->subtask_count; i++)
        forget_models(&plan->subtasks[i], plan->settings.agent);
    if (context->config)
        config_fill_plan(context->config, plan);
}

static int read_checked(struct answer *answer, struct node *root, struct plan **ret)
{
    int code = root ? check_map(answer, root, ANSWER_PLAN) : 0;

    return code != 0 ? code : plan_read_node(answer->reader, root, answer->context->request, ret);
}

int plan_answer_read(const char *json, const struct answer_context *context, struct arena *a,
                     struct planner_result *ret, struct fault *f)
{
    AUTO_ARENA nodes = {0};
    const struct source source = {json, strlen(json), "answer"};
    struct reader r = {.arena = a, .file = "answer", .fault = f};
    struct answer answer = {&r, context};
    struct node *root = NULL;
    struct plan *plan = NULL;
    int code = source_check(&source, ANSWER_BYTES_MAX, f);

    if (code == 0)
        code = node_read_yaml(&source, &nodes, &root, f);
    if (code == 0)
        code = read_checked(&answer, root, &plan);
    if (code != 0)
        return code;
    complete(plan, context);
    *ret = (struct planner_result){plan, size(plan, context->history, a)};
    return 0;
}
