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
        "land: branch\npush: never\n";
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
