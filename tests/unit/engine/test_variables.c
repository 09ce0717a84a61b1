/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <criterion/criterion.h>

static const char plan[] =
    "version: 1\n"
    "task: the whole task\n"
    "research: []\n"
    "subtasks:\n"
    "  - title: one\n"
    "    mission: do it\n"
    "    waves:\n"
    "      - agents:\n"
    "          - { role: Reader, for_each: [\"it's\"], run: x }\n"
    "          - { role: Writer, for_each: { items: [b, c], batch: 2 }, run: x }\n"
    "      - agents: [ { role: Last, run: z } ]\n"
    "  - title: two\n"
    "    steps: [ { id: first, role: A, run: x }, { id: b, role: B, needs: [first], run: x } ]\n";

static struct world w;

static void setup(void)
{
    world_begin(&w, plan, NULL);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(variables, .init = setup, .fini = teardown);

static const char *expand(uint32_t job, const char *text, bool command)
{
    AUTO_TEXT out = {0};
    AUTO_FAULT f = {0};

    int r = variables_expand(&w.e, &(struct expansion){&w.e.tree->jobs.at[job], text, command},
                             &out, &f);
    cr_assert_eq(r, 0, "%s", f.message);
    return arena_string(&w.arena, text_get(&out));
}

/* The first job of an agent with this role. */
static uint32_t until_role(const char *role)
{
    for (;;) {
        uint32_t job = world_until(&w, JOB_AGENT);
        if (strcmp(expand(job, "{{role}}", false), role) == 0)
            return job;
        world_end_job(&w, job,
                      (struct outcome){.usd = -1,
                                       .worked = true,
                                       .claim = CLAIM_OK,
                                       .summary = arena_format(&w.arena, "%s was here",
                                                               expand(job, "{{role}}", false))});
    }
}

Test(variables, each_has_its_value)
{
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"item", "it's"},        {"items", "it's"},
        {"index", "1"},          {"exec_id", "ORG_4729.1"},
        {"run", "ORG_4729"},     {"task", "the whole task"},
        {"title", "one"},        {"mission", "do it"},
        {"role", "Reader"},      {"wave", "1"},
        {"instance", "I2"},      {"attempt", "1"},
        {"recipes", "/recipes"},
    };
    uint32_t job = until_role("Reader");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *text = text_format("<{{%s}}>", cases[i].name);
        AUTO_FREE char *wanted = text_format("<%s>", cases[i].value);
        cr_expect_str_eq(expand(job, text, false), wanted);
    }
    AUTO_FREE char *findings = text_format("%s/context/findings.json", w.dir);
    cr_expect_str_eq(expand(job, "{{findings}}", false), findings);
}

Test(variables, in_a_command_each_is_one_quoted_word)
{
    uint32_t job = until_role("Reader");

    cr_expect_str_eq(expand(job, "echo {{item}}", true), "echo 'it'\\''s'");
    cr_expect_str_eq(expand(job, "echo {{task}}", true), "echo 'the whole task'");
}

Test(variables, items_of_a_batch_are_lines)
{
    uint32_t job = until_role("Writer");

    cr_expect_str_eq(variables_item(&w.e, &w.e.tree->jobs.at[job], &w.arena), "b\nc");
    cr_expect_str_eq(expand(job, "{{items}}", false), "b\nc");
}

Test(variables, earlier_results_are_those_of_the_same_subtask)
{
    uint32_t job = until_role("B");

    cr_expect_str_eq(expand(job, "{{steps.first.summary}}", false), "A was here");
    cr_expect_str_eq(expand(job, "{{waves.1.summary}}", false), "A was here");
    cr_expect_str_eq(expand(job, "{{item}}", false), "");
}

Test(variables, a_wave_says_what_all_its_agents_said)
{
    uint32_t job = until_role("Last");

    cr_expect_str_eq(expand(job, "{{waves.1.summary}}", false), "Reader was here\nWriter was here");
    cr_expect_str_eq(expand(job, "{{waves.2.summary}}", false), "");
}

Test(variables, an_unknown_one_is_a_fault)
{
    AUTO_TEXT out = {0};
    AUTO_FAULT f = {0};
    uint32_t job = until_role("Reader");

    struct expansion x = {.job = &w.e.tree->jobs.at[job], .text = "{{nothing}}"};

    cr_expect_lt(variables_expand(&w.e, &x, &out, &f), 0);
    cr_expect_not_null(strstr(f.message, "nothing"), "%s", f.message);
}
