/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/usage.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const char *const choices[] = {"merge", "branch", NULL};

static const struct option_row rows[] = {
    {.name = "yes", .letter = 'y', .kind = OPTION_FLAG, .help = "ask nothing"},
    {.name = "minutes",
     .kind = OPTION_NUMBER,
     .value = "N",
     .max = INFINITY,
     .unit = "minutes",
     .otherwise = "5",
     .help = "time for [all] of it"},
    {.name = "agents", .kind = OPTION_INT, .value = "N", .min = 1, .max = 9, .help = "how many"},
    {.name = "land-the-result-later",
     .kind = OPTION_CHOICE,
     .value = "HOW",
     .choices = choices,
     .repeats = true,
     .help = "how it lands"},
};

static const struct command_row row = {
    .syntax = {.command = "try", .rows = rows, .count = COUNT_OF(rows), .words = "TASK_NAME..."},
    .help = "try a task",
    .exits = EXITS_PRINT | EXITS_PARTLY,
};

static void expect_text(void (*add)(struct text *, const struct command_row *),
                        const char *expected)
{
    AUTO_TEXT t = {0};

    add(&t, &row);
    cr_expect_str_eq(text_get(&t), expected);
}

Test(usage, help_lists_options_with_their_facts)
{
    AUTO_TEXT t = {0};
    static const char expected[] =
        "usage: kelp try [OPTION...] TASK_NAME...\n"
        "\n"
        "try a task\n"
        "\n"
        "  -y, --yes                   ask nothing\n"
        "      --minutes N             time for [all] of it (minutes, 0 or more, default 5)\n"
        "      --agents N              how many (1 to 9)\n"
        "      --land-the-result-later HOW\n"
        "                              how it lands (merge | branch, may be repeated)\n"
        "  -h, --help                  show what the command takes\n";

    usage_add_help(&t, &row);
    cr_assert(text_starts(text_get(&t), expected), "%s", text_get(&t));
    cr_assert(text_ends(text_get(&t), "\n'kelp help try' shows the manual page.\n"));
}

Test(usage, manual_parts_are_scdoc)
{
    expect_text(usage_add_manual_name, "kelp-try - try a task\n");
    expect_text(usage_add_manual_synopsis, "*kelp try* [_OPTION_...] TASK\\_NAME...\n");
    expect_text(
        usage_add_manual_exits,
        "*0*\n\tDone.\n\n"
        "*2*\n\tWrong usage, a plan that is wrong, or an ID that is malformed or unknown.\n\n"
        "*3*\n\tPartly done: the report says what is missing.\n\n"
        "*4*\n\tThe environment: not a repository, no git, no agent, no room, no quota.\n\n");
}

Test(usage, manual_options_are_sentences)
{
    AUTO_TEXT t = {0};
    static const char expected[] =
        "*-y*, *--yes*\n\tAsk nothing.\n\n"
        "*--minutes* _N_\n\tTime for \\[all\\] of it (minutes, 0 or more, default 5).\n\n"
        "*--agents* _N_\n\tHow many (1 to 9).\n\n"
        "*--land-the-result-later* _HOW_\n"
        "\tHow it lands (merge \\| branch, may be repeated).\n\n";

    usage_add_manual_options(&t, &row);
    cr_assert(text_starts(text_get(&t), expected), "%s", text_get(&t));
}

Test(usage, overview_has_every_command_once)
{
    AUTO_TEXT t = {0};

    usage_add_overview(&t);
    for (size_t i = 0; i < command_count; i++) {
        AUTO_FREE char *line = text_format("\n  %s ", command_rows[i]->syntax.command);
        const char *at = strstr(text_get(&t), line);
        cr_assert_not_null(at, "%s", line);
        cr_assert_null(strstr(at + 1, line), "%s", line);
    }
}

Test(usage, manual_of_the_program_has_every_status_and_command)
{
    AUTO_TEXT t = {0};
    static const char *const statuses[] = {"*0*", "*1*", "*2*", "*3*", "*4*", "*130*"};

    usage_add_manual_exits(&t, NULL);
    usage_add_manual_commands(&t);
    usage_add_manual_common(&t);
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        cr_expect_not_null(strstr(text_get(&t), statuses[i]), "%s", statuses[i]);
    cr_expect_not_null(strstr(text_get(&t), "*kelp-help*(1)\n\tList the commands"));
    cr_expect_not_null(strstr(text_get(&t), "*--version*"));
}

Test(usage, completion_knows_commands_and_options)
{
    AUTO_TEXT t = {0};

    usage_add_bash_completion(&t);
    cr_expect_not_null(strstr(text_get(&t), "help --version --help'"));
    cr_expect_not_null(strstr(text_get(&t), "help) words='--help --no-color --directory' ;;"));
}
