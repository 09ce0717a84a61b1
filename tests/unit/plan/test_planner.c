/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/planner.h"

#include "base/os.h"
#include "plan/write.h"
#include "plan/yaml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct plan command = {.settings = {.agent = "command", .model = "", .base_url = ""}};
static const struct plan claude = {
    .land = LAND_BRANCH,
    .land_given = true,
    .settings = {.agent = "claude", .model = "opus", .base_url = "http://x", .limits = {.usd = 2}}};

/* A folder with a recipe for each dimension. */
static char *make_recipes(void)
{
    AUTO_FAULT f = {0};
    const char *tmp = getenv("TMPDIR");
    char *folder = text_format("%s/kelp-planner-XXXXXX", tmp ? tmp : "/tmp");

    cr_assert_not_null(mkdtemp(folder));
    AUTO_FREE char *dimensions = os_path(folder, "dimensions");
    cr_assert_eq(os_make_dirs(dimensions, 0700, &f), 0);
    for (unsigned d = 0; d < DIMENSION_COUNT; d++) {
        const char *name = dimension_name((enum dimension)d);
        AUTO_FREE char *path = text_format("%s/%s.yaml", dimensions, name);
        AUTO_FREE char *text =
            text_format("title: About %s\nid: %s\nminutes: %u\n"
                        "waves:\n  - agents: [{run: look, count: 4}, {run: see}]\n"
                        "  - agents: [{run: verify}]\n  - agents: [{run: report}]\n",
                        name, name, 10 + d);
        cr_assert_eq(os_write_file(path, text, strlen(text), 0600, &f), 0);
    }
    return folder;
}

static void remove_recipes(char *folder)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_remove_tree(folder, &f), 0);
    free(folder);
}

/* The plan as one line: for each subtask id, steps, minutes, dependencies. */
static char *summary(const struct plan *plan)
{
    AUTO_TEXT t = {0};

    text_printf(&t, "%u:", plan->agents);
    for (size_t i = 0; i < plan->subtask_count; i++) {
        const struct plan_subtask *s = &plan->subtasks[i];
        text_printf(&t, "%s %s/%zu/%g", i ? "," : "", s->id, plan_subtask_steps(s), s->minutes);
        for (size_t k = 0; k < s->depends_count; k++)
            text_printf(&t, "<%s", plan->subtasks[s->depends_on[k]].id);
    }
    return text_take(&t);
}

static char *planned(const char *text, const struct planner_context *context)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;
    struct planner_result result;

    cr_assert_eq(task_parse(text, &a, &task, &f), 0);
    if (planner_plan(&task, context, &a, &result, &f) < 0)
        return fault_text(&f);
    json_auto_t *json = plan_to_json(result.plan);
    struct plan *again;
    cr_assert_eq(plan_from_json(json, "p", &a, &again, &f), 0, "%s: %s", text, f.message);
    json_auto_t *second = plan_to_json(again);
    cr_assert(json_equal(json, second), "%s", text);
    return summary(result.plan);
}

static const char all_six[] = "0: documentation/3/10, code-quality/3/11, tests/3/12, "
                              "security/3/13, performance/3/14, dependencies/3/15";

static const struct {
    const char *text, *summary;
} embedded[] = {
    {"Analyze repository across 6 dimensions: documentation, code quality, tests, security, "
     "performance, dependencies",
     all_six},
    {"Analyze repository across 6 dimensions", all_six},
    {"Please audit this repository", all_six},
    {"Review the codebase using 5 agents",
     "5: documentation/3/10, code-quality/3/11, tests/3/12, security/3/13, performance/3/14, "
     "dependencies/3/15"},
    {"Audit security", "0: security/3/13"},
    {"Audit the Security and test coverage of our project", "0: tests/3/12, security/3/13"},
    {"check docs, deps & perf", "0: documentation/3/10, performance/3/14, dependencies/3/15"},
    {"Analyze across Docs and DEPS", "0: documentation/3/10, dependencies/3/15"},
    {"Analyze:\n1. docs\n2. tests", "0: documentation/3/10, tests/3/12<documentation"},
    {"Today:\n- audit security\n- review the unit tests", "0: security/3/13, tests/3/12"},
    {"Analyze across tests and tests", "task:1:26: the dimension 'tests' is named twice"},
    {"Fix 7 bugs in parallel", "task:1:1: no embedded agent can do 'Fix 7 bugs in parallel'"},
    {"Audit security and fix it", "task:1:1: no embedded agent can do 'Audit security and fix it'"},
    {"Analyze across docs and accessibility",
     "task:1:25: no embedded agent can do 'Analyze: accessibility'"},
    {"Rename a across docs and tests", "task:1:17: no embedded agent can do 'Rename a: docs'"},
    {"Analyze across 4 dimensions", "task:1:1: the task does not name its dimensions"},
    {"Do:\n- audit security\n- fix it", "task:3:3: no embedded agent can do 'fix it'"},
};

Test(planner, without_an_agent)
{
    char *recipes = make_recipes();
    const struct planner_context context = {.recipes = recipes, .request = &command};

    for (size_t i = 0; i < COUNT_OF(embedded); i++) {
        AUTO_FREE char *got = planned(embedded[i].text, &context);
        AUTO_FREE char *want = text_format("%s", embedded[i].summary);
        cr_expect_str_eq(got, want);
    }
    remove_recipes(recipes);
}

static const struct {
    const char *text, *summary;
} modelled[] = {
    {"Fix these bugs in parallel: login; export; cache", "0: login/3/15, export/3/15, cache/3/15"},
    {"Fix a typo in the README", "0: fix-a-typo-in-the-readme/1/5"},
    {"Implement user authentication", "0: implement-user-authentication/4/30"},
    {"1. rename x\n2. add tests for it\n3. look [independent]",
     "0: rename-x/3/15, add-tests-for-it/4/30<rename-x, look/3/15"},
    {"Analyze across docs and accessibility", "0: documentation/3/10, analyze-accessibility/3/15"},
    {"Fix {{braces}}", "0: fix-braces/3/15"},
    {"Do:\n- same\n- same", "0: same/3/15, same-2/3/15"},
};

Test(planner, with_an_agent)
{
    char *recipes = make_recipes();
    const struct planner_context context = {.recipes = recipes, .request = &claude};

    for (size_t i = 0; i < COUNT_OF(modelled); i++) {
        AUTO_FREE char *got = planned(modelled[i].text, &context);
        AUTO_FREE char *want = text_format("%s", modelled[i].summary);
        cr_expect_str_eq(got, want);
    }
    remove_recipes(recipes);
}

Test(planner, a_job_is_handed_on_as_it_stands)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;
    struct planner_result result;
    const struct planner_context context = {.request = &claude};

    cr_assert_eq(
        task_parse("Fix these:\n- the login\n  see #7\n- the export\n\nBe careful.", &a, &task, &f),
        0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &f), 0);
    const struct plan_subtask *s = &result.plan->subtasks[0];
    cr_assert_str_eq(s->title, "the login");
    cr_assert_str_eq(s->mission, "the login\nsee #7");
    cr_assert_str_eq(s->context, "This is one of 2 jobs of a task. The task says: Fix these:\n"
                                 "Be careful.");
    cr_assert_str_eq(s->steps[0].settings.agent, "claude");
    cr_assert_str_eq(s->steps[0].settings.model, "opus");
    cr_assert_str_eq(s->steps[0].settings.base_url, "http://x");
    cr_assert_eq(s->settings.limits.usd, 2);
    cr_assert_eq(result.plan->land, LAND_BRANCH); /* what the user asked for stays */
    cr_assert(result.plan->land_given);
    cr_assert(s->steps[0].writes_given);
    cr_assert_not(s->steps[1].writes_given);
    cr_assert_eq(s->steps[2].level, 3);
    cr_assert_eq(s->steps[2].needs[0], 1);
    cr_assert_str_eq(result.notes.at[1], "'the export' is taken for a bug: 3 steps, 15 minutes");
}

Test(planner, findings_size_a_dimension)
{
    char *recipes = make_recipes();
    const unsigned findings[DIMENSION_COUNT] = {[DIMENSION_SECURITY] = 46};
    const struct planner_context context = {.recipes = recipes, .findings = findings};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;
    struct planner_result result;

    cr_assert_eq(task_parse("Audit security and tests", &a, &task, &f), 0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &f), 0);
    cr_assert_eq(result.plan->subtasks[0].steps[0].count, 1);
    cr_assert_eq(result.plan->subtasks[0].minutes, 12);
    cr_assert_eq(result.plan->subtasks[1].steps[0].count, 2);
    cr_assert_eq(result.plan->subtasks[1].minutes, 15.6);
    cr_assert_str_eq(result.notes.at[0], "tests: 4 agents and 12 minutes for 0 findings");
    cr_assert_str_eq(result.notes.at[1], "security: 5 agents and 15.6 minutes for 46 findings");
    remove_recipes(recipes);
}

Test(planner, sizing_rules)
{
    cr_expect_eq(planner_minutes(20, 0), 20);
    cr_expect_eq(planner_minutes(20, 19), 20);
    cr_expect_eq(planner_minutes(20, 20), 22);
    cr_expect_eq(planner_minutes(20, 100000), 60);
    cr_expect_eq(planner_agents(10, 0), 1);
    cr_expect_eq(planner_agents(10, 25), 1);
    cr_expect_eq(planner_agents(10, 26), 2);
    cr_expect_eq(planner_agents(10, 4294967295u), 10);
    cr_expect_eq(planner_agents(1, 100), 1);
}

Test(planner, missing_and_broken_recipes)
{
    AUTO_ARENA a = {0};
    struct task task;
    struct planner_result result;
    char *recipes = make_recipes();
    const struct planner_context context = {.recipes = recipes};
    AUTO_FREE char *path = text_format("%s/dimensions/tests.yaml", recipes);
    AUTO_FAULT f = {0}, missing = {0};

    cr_assert_eq(task_parse("Audit tests", &a, &task, &f), 0);
    cr_assert_eq(os_write_file(path, "title: x\ndepends_on: y\nsteps: [{run: z}]\n", 41, 0600, &f),
                 0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &f), -FAULT_PLAN);
    cr_expect_str_eq(f.message,
                     "the recipe of 'tests': 'depends_on' in a subtask that stands alone");
    cr_expect_eq(f.line, 2);
    AUTO_FAULT empty = {0};
    cr_assert_eq(os_write_file(path, "# nothing\n", 10, 0600, &empty), 0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &empty), -FAULT_PLAN);
    cr_expect_str_eq(empty.message, "the recipe of 'tests': the file is empty");
    AUTO_FAULT none = {0};
    cr_assert_eq(os_write_file(path, "title: x\nsteps: [{run: z}]\n", 27, 0600, &none), 0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &none), 0, "%s", none.message);
    cr_expect_eq(result.plan->subtasks[0].minutes, 15);
    remove_recipes(recipes);
    const struct planner_context nowhere = {.recipes = "/nonexistent"};
    cr_assert_eq(planner_plan(&task, &nowhere, &a, &result, &missing), -FAULT_SYSTEM);
    cr_expect_str_eq(missing.hint, "kelp's recipes are missing or damaged; install kelp again");
}

Test(planner, the_real_recipes)
{
    const char *source = getenv("KELP_TEST_SOURCE");
    AUTO_FREE char *recipes = os_path(source ? source : ".", "recipes");
    const struct planner_context context = {.recipes = recipes};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;
    struct planner_result result;

    cr_assert_eq(task_parse("Analyze this repository", &a, &task, &f), 0);
    cr_assert_eq(planner_plan(&task, &context, &a, &result, &f), 0, "%s:%u: %s", f.file, f.line,
                 f.message);
    cr_assert_eq(result.plan->subtask_count, DIMENSION_COUNT);
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        const struct plan_subtask *s = &result.plan->subtasks[i];
        cr_expect_str_eq(s->id, dimension_name((enum dimension)i));
        cr_expect(plan_subtask_steps(s) >= 3 && s->minutes >= 10, "%s", s->id);
        for (size_t k = 0; k < s->step_count; k++)
            cr_expect(plan_step_is_command(&s->steps[k]), "%s needs a model", s->id);
    }
}
