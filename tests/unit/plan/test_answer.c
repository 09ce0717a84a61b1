/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/answer.h"

#include "base/json.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

static struct plan request(void)
{
    return (struct plan){.version = 1,
                         .task = "Fix it",
                         .file = "",
                         .agents = 7,
                         .setup = "make deps",
                         .land_given = true,
                         .land = LAND_BRANCH,
                         .settings = {.agent = "claude",
                                      .model = "opus",
                                      .base_url = "http://localhost",
                                      .retries = 2,
                                      .stall_minutes = -1,
                                      .limits = {.usd = 3}}};
}

#define STEP "{\"role\":\"Dev\",\"prompt\":\"do it\"}"

static const struct {
    const char *json, *fault; /* NULL: it is a plan */
} answers[] = {
    {"{\"version\":1,\"task\":\"x\",\"subtasks\":[{\"title\":\"a\",\"steps\":[" STEP "]}]}", NULL},
    {"{\"subtasks\":[{\"title\":\"a\",\"steps\":[" STEP "],\"success\":[\"make test\"]}]}", NULL},
    {"{\"subtasks\":[{\"title\":\"a\",\"agent\":\"codex\",\"steps\":[" STEP "]}]}", NULL},
    /* as providers answer that want every key */
    {"{\"version\":1,\"task\":null,\"subtasks\":[{\"title\":\"a\",\"id\":\"\",\"minutes\":null,"
     "\"depends_on\":[],\"waves\":null,\"for_each\":null,\"steps\":[{\"prompt\":\"p\","
     "\"needs\":[],\"count\":null}]}]}",
     NULL},
    {"{\"subtasks\":[{\"title\":\"a\",\"for_each\":{\"glob\":\"*.c\",\"items\":null},\"waves\":"
     "[{\"agents\":[{\"prompt\":\"see {{item}}\"}]}]}]}",
     NULL},
    {"{\"subtasks\":[]}", "answer:1:1: a plan without subtasks"},
    {"{}", "answer:1:1: a plan without subtasks"},
    {"", "answer:1:1: the plan is empty"},
    {"[]", "answer:1:1: a plan must be a mapping, not a list"},
    {"{\n\"subtask\":[]}", "answer:1:1: a plan without subtasks"},
    {"{\n\"subtask\":[1]}", "answer:2:1: unknown key 'subtask' in a plan"},
    {"{\n\"sandbox\":\"off\"}", "answer:2:1: 'sandbox' in a plan can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\n\"isolation\":\"none\"}]}",
     "answer:2:1: 'isolation' in a subtask can't be set by a planner"},
    {"{\"push\":\"always\"}", "answer:1:2: 'push' in a plan can't be set by a planner"},
    {"{\"limits\":{\"usd\":9}}", "answer:1:2: 'limits' in a plan can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\"steps\":[{\"model\":\"x\"}]}]}",
     "answer:1:37: 'model' in a step can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\"steps\":[{\"run\":\"rm -rf /\"}]}]}",
     "answer:1:37: 'run' in a step can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\"waves\":[{\"agents\":[{\"setup\":\"x\"}]}]}]}",
     "answer:1:48: 'setup' in a step can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\"for_each\":{\"run\":\"x\"}}]}",
     "answer:1:39: 'run' in for_each can't be set by a planner"},
    {"{\"subtasks\":[{\"title\":\"a\",\"agent\":\"gemini\"}]}",
     "answer:1:35: 'agent' can't be 'gemini'"},
    {"{\"subtasks\":[{\"title\":\"a\",\"agent\":\"command\"}]}",
     "answer:1:35: 'agent' can't be 'command'"},
    {"{\"subtasks\":[{\"title\":\"a\",\"steps\":[{\"id\":\"x\",\"prompt\":\"p\",\n\"needs\":[\"y\"]"
     "}]}]}",
     "answer:2:10: 'needs' names the unknown step 'y'"},
    {"{\"subtasks\":[{\"title\":\"a\",\"steps\":[{\"prompt\":\"{{nothing}}\"}]}]}",
     "answer:1:46: unknown variable '{{nothing}}'"},
};

Test(answer, is_a_plan_or_a_located_fault)
{
    static const char *drivers[] = {"codex"};

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan own = request();
        const struct answer_context context = {.request = &own, .drivers = {drivers, 1}};
        struct planner_result result = {0};
        int r = plan_answer_read(answers[i].json, &context, &a, &result, &f);
        AUTO_FREE char *message = r < 0 ? fault_text(&f) : NULL;
        if (!answers[i].fault) {
            cr_assert_eq(r, 0, "%s: %s", answers[i].json, message);
            cr_expect_eq(result.plan->subtask_count, 1);
            cr_expect_eq(result.notes.count, 1);
            continue;
        }
        cr_expect_str_eq(message ? message : "a plan", answers[i].fault);
        cr_expect_not_null(f.hint, "%s", message);
    }
}

Test(answer, what_the_user_said_holds)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan own = request();
    const struct answer_context context = {.request = &own};
    struct planner_result result = {0};

    cr_assert_eq(plan_answer_read(answers[0].json, &context, &a, &result, &f), 0);
    cr_expect_str_eq(result.plan->task, "Fix it");
    cr_expect_str_eq(result.plan->file, "");
    cr_expect_eq(result.plan->land, LAND_BRANCH);
    cr_expect(result.plan->land_given);
    cr_expect_eq(result.plan->agents, 7);
    cr_expect_str_eq(result.plan->subtasks[0].setup, "make deps");
    const struct plan_settings *s = &result.plan->subtasks[0].steps[0].settings;
    cr_expect_str_eq(s->agent, "claude");
    cr_expect_str_eq(s->model, "opus");
    cr_expect_str_eq(s->base_url, "http://localhost");
    cr_expect_eq(s->retries, 2);
    cr_expect_eq(s->limits.usd, 3);
}

Test(answer, another_agent_does_not_get_the_model_of_the_first)
{
    static const char *drivers[] = {"codex"};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan own = request();
    const struct answer_context context = {.request = &own, .drivers = {drivers, 1}};
    struct planner_result result = {0};

    cr_assert_eq(plan_answer_read(answers[2].json, &context, &a, &result, &f), 0);
    const struct plan_settings *s = &result.plan->subtasks[0].steps[0].settings;
    cr_expect_str_eq(s->agent, "codex");
    cr_expect_str_eq(s->model, "");
    cr_expect_str_eq(s->base_url, "");
}

/* Checks run in clones, in the sandbox; without either a planner's commands would reach the user's
 * files. */
Test(answer, no_commands_without_a_sandbox)
{
    for (int i = 0; i < 2; i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan own = request();
        const struct answer_context context = {.request = &own};
        struct planner_result result = {0};
        own.settings.sandbox.off = i == 0;
        own.settings.isolation = i == 0 ? ISOLATION_CLONE : ISOLATION_NONE;
        cr_expect_eq(plan_answer_read(answers[1].json, &context, &a, &result, &f), -FAULT_PLAN);
        cr_expect_str_eq(f.message, "commands of a planner are not run without a sandbox");
    }
}

Test(answer, minutes_by_history)
{
    static const char json[] =
        "{\"subtasks\":[{\"title\":\"all\",\"minutes\":99,\"steps\":[{\"role\":\"Dev\","
        "\"prompt\":\"p\",\"minutes\":1},{\"role\":\"QA\",\"prompt\":\"p\",\"minutes\":3}]},"
        "{\"title\":\"some\",\"minutes\":99,\"steps\":[{\"role\":\"Dev\",\"prompt\":\"p\"},"
        "{\"role\":\"QA\",\"prompt\":\"p\"}]},"
        "{\"title\":\"none\",\"minutes\":12,\"steps\":[{\"role\":\"QA\",\"prompt\":\"p\"}]},"
        "{\"title\":\"silent\",\"steps\":[{\"role\":\"QA\",\"prompt\":\"p\"}]}]}";
    static const char *const expected[] = {
        "all: minutes of 1 of 2 steps by earlier runs, the others as proposed",
        "some: minutes of 1 of 2 steps by earlier runs, the others as proposed",
        "none: 12 minutes, as proposed",
        "silent: no minutes were proposed",
    };
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct history history = {0};
    struct plan own = request();
    const struct answer_context context = {.request = &own, .history = &history};
    struct planner_result result = {0};

    history_note(&history, &a, "Dev", WORK_MODEL, 8);
    history_note(&history, &a, "QA", WORK_COMMAND, 2); /* of another kind */
    cr_assert_eq(plan_answer_read(json, &context, &a, &result, &f), 0, "%s", f.message);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        cr_expect_str_eq(result.notes.at[i], expected[i]);
    cr_expect_eq(result.plan->subtasks[0].steps[0].minutes, 8);
    cr_expect_eq(result.plan->subtasks[0].steps[1].minutes, 3);
    cr_expect_eq(result.plan->subtasks[0].minutes, 0);
    cr_expect_eq(result.plan->subtasks[1].minutes, 99);
}

static const struct {
    const char *said, *found; /* or the fault */
} texts[] = {
    {"{\"subtasks\":[]}", "{\n  \"subtasks\": []\n}"},
    {"Here {it} is:\n```json\n{\"subtasks\": [1]}\n```\nDone {\"a\":1}",
     "{\n  \"subtasks\": [\n    1\n  ]\n}"},
    {"{\"a\": {}} and {\"subtasks\": 1}", "{\n  \"subtasks\": 1\n}"},
    {"{\"plan\": {\"subtasks\": 1}}", "{\n  \"subtasks\": 1\n}"},
    {"I can't do that.", "answer:1:1: no JSON object with 'subtasks' in the answer"},
    {"", "answer:1:1: no JSON object with 'subtasks' in the answer"},
    {"ok {\"a\":1}", "answer:1:1: no JSON object with 'subtasks' in the answer"},
    {"prose { \"x\" }\n{\"subtasks\": [\n  {\"title\" \"a\"}]}",
     "answer:3:14: not valid JSON: ':' expected near '\"a\"'"},
    {"{\"subtasks\": [", "answer:1:14: not valid JSON: ']' expected near end of file"},
    {"{\"subtasks\": 1, \"\xff\": 2}", "answer:1:18: not valid UTF-8"},
};

Test(answer, is_found_in_what_was_said)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        const char *json = NULL;
        int r = answer_find(texts[i].said, strlen(texts[i].said), &a, &json, &f);
        AUTO_FREE char *message = r < 0 ? fault_text(&f) : NULL;
        cr_expect_str_eq(r < 0 ? message : json, texts[i].found);
    }
}

Test(answer, braces_without_end_take_no_time)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEXT said = {0};
    const char *json;

    for (int i = 0; i < 100 * 1000; i++)
        text_add(&said, "{\"a\":");
    cr_expect_eq(answer_find(text_get(&said), said.length, &a, &json, &f), -FAULT_PLAN);
}

/* The keys of one object of the schema are those of the reader, and all of them are required, as
 * OpenAI's strict mode asks. */
static void expect_level(const json_t *object, const struct answer_level *level)
{
    const json_t *properties = json_object_get(object, "properties");
    const json_t *required = json_object_get(object, "required");
    size_t count = 0;

    for (; level->keys[count]; count++)
        cr_expect_not_null(json_object_get(properties, level->keys[count]),
                           "the schema of %s lacks '%s'", level->what, level->keys[count]);
    cr_expect_eq(json_object_size(properties), count, "%s", level->what);
    cr_expect_eq(json_array_size(required), count, "%s", level->what);
    cr_expect(json_is_false(json_object_get(object, "additionalProperties")), "%s", level->what);
    for (size_t i = 0; i < json_array_size(required); i++)
        cr_expect_not_null(
            json_object_get(properties, json_string_value(json_array_get(required, i))));
}

Test(answer, the_schema_has_the_keys_of_the_reader)
{
    static const char *const names[ANSWER_LEVELS] = {NULL, "subtask", "wave", "step", "for_each"};
    AUTO_FREE char *path =
        text_format("%s/recipes/prompts/plan.schema.json", getenv("KELP_TEST_SOURCE"));
    AUTO_FAULT f = {0};
    json_t *schema = NULL;

    cr_assert_eq(json_read_file(path, 1024 * 1024, &schema, &f), 0, "%s", f.message);
    const json_t *parts = json_object_get(schema, "$defs");
    for (int i = 0; i < ANSWER_LEVELS; i++)
        expect_level(names[i] ? json_object_get(parts, names[i]) : schema, &answer_levels[i]);
    cr_expect_eq(json_object_size(parts), ANSWER_LEVELS - 1);
    json_decref(schema);
}

/* What is allowed is a key of plans, too: with a wrong value, it is the value that is refused. */
Test(answer, the_keys_are_those_of_plans)
{
    static const char *const around[ANSWER_LEVELS] = {
        "{\"%s\":{\"?\":[{}]}}",
        "{\"subtasks\":[{\"title\":\"a\",\"%s\":{\"?\":[{}]}}]}",
        "{\"subtasks\":[{\"title\":\"a\",\"waves\":[{\"%s\":{\"?\":[{}]}}]}]}",
        "{\"subtasks\":[{\"title\":\"a\",\"steps\":[{\"%s\":{\"?\":[{}]}}]}]}",
        "{\"subtasks\":[{\"title\":\"a\",\"for_each\":{\"%s\":{\"?\":[{}]}},\"steps\":[" STEP
        "]}]}",
    };

    for (int i = 0; i < ANSWER_LEVELS; i++)
        for (const char *const *key = answer_levels[i].keys; *key; key++) {
            AUTO_ARENA a = {0};
            AUTO_FAULT f = {0};
            AUTO_TEXT json = {0};
            struct plan own = request();
            const struct answer_context context = {.request = &own};
            struct planner_result result;
            const char *place = strstr(around[i], "%s");
            text_add_n(&json, around[i], (size_t)(place - around[i]));
            text_printf(&json, "%s%s", *key, place + 2);
            cr_expect_eq(plan_answer_read(text_get(&json), &context, &a, &result, &f), -FAULT_PLAN);
            AUTO_FREE char *unknown = text_format("unknown key '%s'", *key);
            cr_expect_null(strstr(f.message, unknown), "%s: %s", answer_levels[i].what, f.message);
        }
}
