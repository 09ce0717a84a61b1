/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/config.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(config, every_key)
{
    static const char text[] =
        "agent: claude\nmodel: opus\nagents: 12\n"
        "thresholds: { min_subtasks: 3, min_steps: 4, min_minutes: 5.5, min_speedup: 1.5 }\n"
        "retry: { budget_percent: 20, budget_min: 0 }\n"
        "stall_minutes: 2.5\ncoordination_minutes: 0.5\nenvironment: [A, B_2]\n"
        "land: branch\npush: never\nbase_url: http://127.0.0.1:8080/v1\nplanner: embedded\n"
        "drivers:\n  claude: { program: /opt/claude, args: [--a, b], model: haiku,"
        " base_url: 'https://x/v1', environment: [K] }\n  codex: {}\n"
        "prices: { date: 2026-11-01, models: { opus: { input: 5, cached: 0.5, output: 25 },"
        " 'x*': { input: 0, output: 1 } } }\n";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct config c;

    cr_assert_eq(config_parse(&(struct source){text, strlen(text), "c"}, &a, &c, &f), 0, "%s",
                 f.message);
    cr_expect_str_eq(c.agent, "claude");
    cr_expect_str_eq(c.model, "opus");
    cr_expect_eq(c.agents, 12);
    cr_expect_eq(c.min_subtasks, 3);
    cr_expect_eq(c.min_steps, 4);
    cr_expect_eq(c.min_minutes, 5.5);
    cr_expect_eq(c.min_speedup, 1.5);
    cr_expect_eq(c.retry_percent, 20);
    cr_expect_eq(c.retry_min, 0);
    cr_expect_eq(c.stall_minutes, 2.5);
    cr_expect_eq(c.coordination_minutes, 0.5);
    cr_expect_eq(c.environment.count, 2);
    cr_expect(c.land_given && c.push_given);
    cr_expect_eq(c.land, LAND_BRANCH);
    cr_expect_eq(c.push, PUSH_NEVER);
    cr_expect_str_eq(c.base_url, "http://127.0.0.1:8080/v1");
    cr_expect_eq(c.planner, PLANNER_EMBEDDED);
    cr_expect_eq(c.drivers.count, 2);
    const struct config_driver *d = config_driver_find(&c, "claude");
    cr_assert_not_null(d);
    cr_expect_str_eq(d->program, "/opt/claude");
    cr_expect_eq(d->args.count, 2);
    cr_expect_str_eq(d->environment.at[0], "K");
    cr_expect_str_eq(config_driver_find(&c, "codex")->program, "");
    cr_expect_null(config_driver_find(&c, "gemini"));
    cr_expect_str_eq(c.prices.date, "2026-11-01");
    cr_expect_eq(c.prices.date_ms, 1793491200000);
    cr_expect_eq(c.prices.count, 2);
    cr_expect_eq(c.prices.at[0].cached, 0.5);
    cr_expect_eq(c.prices.at[1].cached, 0);
    cr_expect_eq(c.prices.at[1].output, 1);
}

/* What a step says itself wins over what is said of its agent. */
Test(config, what_is_said_of_drivers_fills_a_plan)
{
    const struct config_driver drivers[] = {
        {.name = "model", .model = "qwen", .base_url = "http://x"}};
    const struct config c = {.drivers = {drivers, 1}};
    struct plan_step steps[] = {
        {.settings = {.agent = "model", .model = "", .base_url = ""}},
        {.settings = {.agent = "model", .model = "own", .base_url = ""}},
        {.settings = {.agent = "claude", .model = "", .base_url = ""}},
    };
    struct plan_subtask subtask = {
        .settings = steps[0].settings, .steps = steps, .step_count = COUNT_OF(steps)};
    struct plan plan = {.settings = steps[0].settings, .subtasks = &subtask, .subtask_count = 1};

    config_fill_plan(&c, &plan);
    cr_expect_str_eq(plan.settings.model, "qwen");
    cr_expect_str_eq(subtask.settings.base_url, "http://x");
    cr_expect_str_eq(steps[0].settings.model, "qwen");
    cr_expect_str_eq(steps[1].settings.model, "own");
    cr_expect_str_eq(steps[1].settings.base_url, "http://x");
    cr_expect_str_eq(steps[2].settings.model, "");
}

Test(config, defaults)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct config c;

    cr_assert_eq(config_parse(&(struct source){"# nothing\n", 10, "c"}, &a, &c, &f), 0);
    cr_expect_str_eq(c.agent, "");
    cr_expect_eq(c.min_subtasks, 2);
    cr_expect_eq(c.min_steps, 3);
    cr_expect_eq(c.min_minutes, 10);
    cr_expect_eq(c.min_speedup, 2);
    cr_expect_eq(c.retry_percent, 10);
    cr_expect_eq(c.retry_min, 10);
    cr_expect_eq(c.stall_minutes, 5);
    cr_expect_not(c.land_given);
    cr_expect_str_eq(c.base_url, "");
    cr_expect_eq(c.planner, PLANNER_AUTO);
    cr_expect_eq(c.drivers.count, 0);
    cr_expect_str_eq(c.prices.date, "");
}

static const struct {
    const char *text, *message, *hint;
} faults[] = {
    {"- a", "c:1:1: the configuration must be a mapping, not a list",
     "write it as 'key: value' lines"},
    {"agnet: x", "c:1:1: unknown key 'agnet' in the configuration", "did you mean 'agent'?"},
    {"retry: {budget: 1}", "c:1:9: unknown key 'budget' in retry", "did you mean 'budget_min'?"},
    {"retry: {budget_percent: 101}", "c:1:25: 'budget_percent' can't be '101'",
     "write a number above 0 and up to 100"},
    {"thresholds: {min_steps: 0}", "c:1:25: 'min_steps' can't be '0'",
     "write a whole number from 1 to 1000000000"},
    {"land: off", "c:1:7: 'land' can't be 'off'", "known here: merge, branch, none"},
    {"planner: human", "c:1:10: 'planner' can't be 'human'", "known here: auto, embedded, model"},
    {"base_url: localhost:80", "c:1:11: 'base_url' can't be 'localhost:80'",
     "write it with its scheme: http://127.0.0.1:8080/v1"},
    {"drivers: [x]", "c:1:10: 'drivers' must be a mapping, not a list",
     "write a line 'NAME: { ... }' for each"},
    {"drivers: {x: {programs: y}}", "c:1:15: unknown key 'programs' in a driver",
     "did you mean 'program'?"},
    {"drivers: {x: {}, x: {}}", "c:1:18: 'x' is written twice in 'drivers'", "keep one of them"},
    {"prices: {models: {}}", "c:1:9: 'prices' without a date",
     "write the day when they held: date: 2026-11-01"},
    {"prices: {date: 2026-02-30}", "c:1:16: 'date' can't be '2026-02-30'",
     "write the day when the prices held: 2026-11-01"},
    {"prices: {date: 2026-02-03, models: {x: {input: 1}}}",
     "c:1:37: the price of 'x' has no 'input' or no 'output'", "write { input: 2.50, output: 10 }"},
    {"prices: {date: 2026-02-03, models: {x: {input: -1}}}", "c:1:48: 'input' can't be '-1'",
     "write USD for a million tokens, such as 2.50"},
    {"prices: {date: 2026-02-03, models: {x: {inptu: 1}}}",
     "c:1:41: unknown key 'inptu' in a price", "did you mean 'input'?"},
    {"environment: ['A B']", "c:1:15: 'A B' is not the name of an environment variable",
     "list names only, such as NPM_TOKEN; their values are kelp's own"},
};

Test(config, every_fault_has_a_place_and_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct config c;
        cr_expect_eq(
            config_parse(&(struct source){faults[i].text, strlen(faults[i].text), "c"}, &a, &c, &f),
            -FAULT_PLAN);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, faults[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", faults[i].hint);
    }
}

Test(config, the_users_own_file)
{
    const char *tmp = getenv("TMPDIR");
    AUTO_FREE char *root = text_format("%s/kelp-config-XXXXXX", tmp ? tmp : "/tmp");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0}, missing = {0};
    struct config c;

    cr_assert_not_null(mkdtemp(root));
    cr_assert_eq(setenv("HOME", root, 1), 0);
    cr_assert_eq(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
    AUTO_FREE char *home = config_path();
    AUTO_FREE char *want = os_path(root, ".config/kelp/config.yaml");
    cr_expect_str_eq(home, want);
    cr_assert_eq(setenv("XDG_CONFIG_HOME", root, 1), 0);
    cr_assert_eq(config_read(NULL, &a, &c, &f), 0);
    cr_expect_str_eq(c.agent, "");
    AUTO_FREE char *folder = os_path(root, "kelp");
    AUTO_FREE char *path = config_path();
    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0);
    cr_assert_eq(os_write_file(path, "agent: codex\n", 13, 0600, &f), 0);
    cr_assert_eq(config_read(NULL, &a, &c, &f), 0);
    cr_expect_str_eq(c.agent, "codex");
    cr_assert_eq(os_remove_tree(root, &f), 0);
    cr_assert_eq(config_read(path, &a, &c, &missing), -FAULT_SYSTEM);
}
