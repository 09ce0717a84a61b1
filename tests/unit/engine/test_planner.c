/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>

static struct world w;
static uint32_t job;

/* A free text that the sample is asked to plan. */
static void setup(void)
{
    static const char text[] = "version: 1\n"
                               "task: Mend all of it\n"
                               "agent: sample\n"
                               "research: []\n"
                               "subtasks: [ { title: left out, steps: [ { run: x } ] } ]\n";
    AUTO_FAULT f = {0};

    world_begin_planned_by(&w, text, "sample");
    w.e.options.roster = &sample_roster;
    w.e.options.environ = sample_environ;
    w.e.options.recipes = arena_format(&w.arena, "%s/recipes", getenv("KELP_TEST_SOURCE"));
    AUTO_FREE char *results = os_path(w.dir, "context/results");
    cr_assert_eq(os_make_dirs(results, 0700, &f), 0, "%s", f.message);
    job = world_until(&w, JOB_PLANNER);
}

static void teardown(void)
{
    arena_free(&w.e.plans);
    world_end(&w);
}

TestSuite(planner, .init = setup, .fini = teardown);

static struct keeper_spec start(void)
{
    struct keeper_spec spec;
    AUTO_FAULT f = {0};

    cr_assert_eq(agent_spec(&w.e, job, &w.arena, &spec, &f), 0, "%s", f.message);
    return spec;
}

static const char *prompt_of(const struct keeper_spec *spec)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(spec->stdin_path, 1 << 20, &text, &f), 0, "%s", f.message);
    return arena_string(&w.arena, text_get(&text));
}

/* The planner says this and ends. */
static struct outcome answers(const char *text)
{
    AUTO_FREE char *id = job_identity(&w.e, job);
    const char *name = arena_format(&w.arena, "attempts/%s/stdout", id);
    json_auto_t *said = json_pack("{s:s, s:s, s:s}", "type", "end", "status", "ok", "text", text);
    AUTO_FREE char *line = json_text(said, 0);
    AUTO_FREE char *stream =
        text_format("{\"type\":\"start\",\"version\":1,\"session\":\"p-1\"}\n%s\n", line);
    const struct keeper_event ended = {.kind = KEEPER_ENDED};
    struct outcome o;

    (void)world_write(&w, name, stream, strlen(stream));
    agent_result_read(&w.e, job, &ended, &w.arena, &o);
    return o;
}

static const char good[] = "{\"version\": 1, \"task\": \"x\", \"subtasks\": [{\"title\": \"One\", "
                           "\"steps\": [{\"id\": \"a\", \"role\": \"Dev\", \"prompt\": \"do\"}]}]}";
static const char bad[] = "{\"version\": 1, \"task\": \"x\", \"subtasks\": [{\"title\": \"One\", "
                          "\"steps\": [{\"id\": \"a\", \"prompt\": \"do\", \"needs\": [\"b\"]}]}]}";

Test(planner, is_asked_in_words_and_may_write_nothing_of_the_work)
{
    struct keeper_spec spec = start();
    const char *prompt = prompt_of(&spec);

    cr_expect_str_eq(spec.argv[0], "/bin/sample");
    cr_expect_not_null(strstr(prompt, "Mend all of it"));
    cr_expect_not_null(strstr(prompt, "- sample: a driver of the tests"));
    cr_expect_not_null(strstr(prompt, "\"subtasks\""), "the schema is not in it");
    for (size_t i = 0; spec.sandbox && i < spec.sandbox->writable_count; i++)
        cr_expect_str_neq(spec.sandbox->writable[i], spec.cwd);
}

Test(planner, its_answer_is_the_plan)
{
    AUTO_FREE char *said = text_format("Here it is:\n```json\n%s\n```\n", good);
    struct outcome o = answers(said);

    cr_assert_eq(o.error, ERROR_NONE, "%s", o.message);
    cr_assert_not_null(o.plan);
    cr_expect_eq(o.plan->subtask_count, 1);
    cr_expect_str_eq(o.plan->task, "Mend all of it", "the task is the user's");
    cr_expect_str_eq(o.plan->subtasks[0].steps[0].settings.agent, "sample");
    cr_expect_str_eq(o.session, "p-1");
}

Test(planner, an_answer_that_is_none_says_where)
{
    static const struct {
        const char *said, *why;
    } cases[] = {
        {bad, "answer:"},
        {"I would rather not.", "answer"},
        {"", "answer"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome o = answers(cases[i].said);
        cr_expect_eq(o.error, ERROR_MALFORMED, "case %zu", i);
        cr_expect_null(o.plan);
        cr_assert_not_null(o.message, "case %zu", i);
        cr_expect_not_null(strstr(o.message, cases[i].why), "case %zu: %s", i, o.message);
    }
}

Test(planner, is_told_once_what_was_wrong_in_its_own_session)
{
    (void)start();
    world_end_job(&w, job, answers(bad));
    job = world_until(&w, JOB_PLANNER);
    struct keeper_spec spec = start();
    const char *prompt = prompt_of(&spec);

    cr_assert_not_null(spec.argv[2]);
    cr_expect_str_eq(spec.argv[2], "--resume=p-1");
    cr_expect_not_null(strstr(prompt, "Your plan was not accepted"));
    cr_expect_not_null(strstr(prompt, "\"needs\": ["), "its answer is not quoted");
    cr_expect_null(strstr(prompt, "Mend all of it"), "the session knows the request");
}
