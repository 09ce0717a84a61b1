/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/find.h"

#include "agent/brief.h"
#include "temp_dir.h"

#include <string.h>

static const struct {
    const char *output, *version;
} versions[] = {
    {"2.1.330 (Claude Code)\n", "2.1.330"},
    {"codex-cli 0.169.0\n", "0.169.0"},
    {"v1.18.33-beta\n", "1.18.33-beta"},
    {"aider (0.86)", "0.86"},
    {"Copilot CLI 1.0.102.\n", "1.0.102"},
    {"Welcome. Nothing to see\n", ""},
    {"", ""},
    {"built 2026", ""},
};

Test(find, version_in_an_output)
{
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        AUTO_ARENA a = {0};
        cr_expect_str_eq(find_version(versions[i].output, &a), versions[i].version);
    }
}

static const char *const version_argv[] = {"--version", NULL};
static const char *const ways[] = {"SOME_KEY", "~/.some", NULL};
static const struct driver plain = {
    .name = "plain", .what = "does things", .version_argv = version_argv, .install_hint = ""};
static const struct driver keyed = {.name = "keyed",
                                    .what = "needs a key",
                                    .version_argv = version_argv,
                                    .install_hint = "npm install keyed",
                                    .configured_by = ways};

static const struct {
    const struct driver *driver;
    const char *script, *trouble, *configured;
    enum find_state state;
    const char *version, *why;
} agents[] = {
    {&plain, "echo plain 1.2.3", NULL, NULL, FIND_READY, "1.2.3", ""},
    {&plain, "echo 4.5 >&2", NULL, NULL, FIND_READY, "4.5", ""},
    {&plain, "test \"$1\" = --version && echo 7.7", NULL, NULL, FIND_READY, "7.7", ""},
    {&plain, "echo 1.2; echo no node >&2; exit 3", NULL, NULL, FIND_NO_ANSWER, "", "no node"},
    {&keyed, "echo 1.0", NULL, NULL, FIND_NOT_CONFIGURED, "1.0",
     "none of these is there: SOME_KEY, ~/.some"},
    {&keyed, "echo 1.0", NULL, "SOME_KEY", FIND_READY, "1.0", ""},
    {&keyed, "", "it is not in the PATH", NULL, FIND_NOT_INSTALLED, "",
     "it is not in the PATH; npm install keyed"},
    {&plain, "", "it is not in the PATH", NULL, FIND_NOT_INSTALLED, "", "it is not in the PATH"},
};

Test(find, states)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *program = os_path(dir, "program");

    for (size_t i = 0; i < COUNT_OF(agents); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        AUTO_FREE char *script = text_format("#!/bin/sh\n%s\n", agents[i].script);
        const struct roster_entry entry = {.driver = agents[i].driver,
                                           .program = program,
                                           .trouble = agents[i].trouble,
                                           .configured = agents[i].configured};
        struct found found;
        cr_assert_eq(os_write_file(program, script, strlen(script), 0700, &f), 0);
        find_agent(&entry, NULL, &a, &found);
        cr_expect_eq(found.state, agents[i].state, "row %zu: %s", i, found.why);
        cr_expect_str_eq(found.version, agents[i].version);
        cr_expect_not_null(strstr(found.why, agents[i].why), "row %zu: %s", i, found.why);
        struct found again;
        find_agent(&entry, "9.9", &a, &again); /* known: its program is not started */
        cr_expect_str_eq(again.version, "9.9");
        cr_expect_neq(again.state, FIND_NO_ANSWER);
        cr_expect_eq(find_usable(&entry), !agents[i].trouble && found.state != FIND_NOT_CONFIGURED);
    }
}

Test(find, what_the_planner_is_told)
{
    const struct roster_entry entries[] = {{.driver = &plain, .program = "/x"},
                                           {.driver = &keyed, .program = "/x"}};
    static const char *const names[] = {"plain", "keyed"};
    const struct roster roster = {.at = entries, .count = 2, .names = names};
    struct role list[] = {{.name = "tester", .description = "Writes tests"}};
    AUTO_ARENA a = {0};
    struct history history = {0};

    history_note(&history, &a, "Dev", WORK_MODEL, 7.25);
    history_note(&history, &a, "Make", WORK_COMMAND, 1);
    cr_expect_str_eq(brief_drivers(&roster, &a), "- plain: does things\n");
    cr_expect_eq(brief_names(&roster, &a).count, 1);
    cr_expect_str_eq(brief_roles(&(struct roles){.at = list, .count = 1}, &a),
                     "- tester: Writes tests\n");
    cr_expect_str_eq(brief_history(&history, &a), "- Dev: 7.2 minutes (1 agent)\n");
    cr_expect_str_eq(brief_history(NULL, &a), "");
}
