/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

static void expect_sentence(const char *s, const char *whose)
{
    cr_expect(s && *s, "%s has no help", whose);
    cr_expect(!isupper((unsigned char)s[0]) || isupper((unsigned char)s[1]),
              "help of %s begins with a capital", whose);
    cr_expect_neq(s[strlen(s) - 1], '.', "help of %s ends with a full stop", whose);
}

static void check_option(const char *command, const struct option_row *row)
{
    AUTO_FREE char *whose = text_format("kelp %s --%s", command, row->name);

    expect_sentence(row->help, whose);
    cr_expect_eq(row->value == NULL, row->kind == OPTION_FLAG, "value of %s", whose);
    cr_expect_eq(row->choices != NULL, row->kind == OPTION_CHOICE, "choices of %s", whose);
    if (row->kind == OPTION_INT || row->kind == OPTION_NUMBER)
        cr_expect_lt(row->min, row->max, "range of %s", whose);
    cr_expect_not(isdigit((unsigned char)row->letter), "letter of %s", whose);
}

static bool clashes(const struct option_row *a, const struct option_row *b)
{
    return strcmp(a->name, b->name) == 0 || (a->letter && a->letter == b->letter);
}

/* Every row of every command keeps what options.h says about rows. */
Test(commands, rows_are_sound)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct option_syntax *syntax = &command_rows[i]->syntax;
        expect_sentence(command_rows[i]->help, syntax->command);
        cr_expect_not_null(command_rows[i]->run);
        cr_expect_lt(command_rows[i]->group, COMMAND_GROUP_COUNT);
        cr_expect(command_rows[i]->exits & EXITS_PRINT);
        cr_expect_leq(syntax->count, OPTION_ROWS_MAX);
        cr_expect_eq(syntax->words != NULL, syntax->words_max != 0, "words of %s", syntax->command);
        for (size_t k = 0; k < syntax->count; k++) {
            check_option(syntax->command, &syntax->rows[k]);
            for (size_t m = 0; m < k; m++)
                cr_expect_not(clashes(&syntax->rows[k], &syntax->rows[m]), "%s --%s",
                              syntax->command, syntax->rows[k].name);
            for (size_t m = 0; m < option_common_count; m++)
                cr_expect_not(clashes(&syntax->rows[k], &option_common_rows[m]), "%s --%s",
                              syntax->command, syntax->rows[k].name);
        }
    }
}

/* A default that its own option would refuse would only show when it is used. */
Test(commands, defaults_are_values_that_may_be_given)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct option_syntax *syntax = &command_rows[i]->syntax;
        for (size_t k = 0; k < syntax->count; k++) {
            if (!syntax->rows[k].otherwise)
                continue;
            struct option_syntax any = *syntax;
            any.words_min = 0;
            AUTO_FREE char *word =
                text_format("--%s=%s", syntax->rows[k].name, syntax->rows[k].otherwise);
            const char *const words[] = {word};
            AUTO_OPTIONS *values = NULL;
            AUTO_FAULT f = {0};
            cr_expect_eq(option_parse(&any, words, 1, &values, &f), 0, "%s: %s", word, f.message);
        }
    }
}

Test(commands, each_has_a_manual_page)
{
    const char *source = getenv("KELP_TEST_SOURCE");

    cr_assert_not_null(source, "KELP_TEST_SOURCE names the folder of the sources");
    for (size_t i = 0; i < command_count; i++) {
        const char *name = command_rows[i]->syntax.command;
        AUTO_FREE char *path = text_format("%s/man/kelp-%s.1.scd", source, name);
        AUTO_TEXT page = {0};
        AUTO_FAULT f = {0};
        cr_assert_eq(os_read_file(path, 100000, &page, &f), 0, "%s", f.message);
        static const char *const marks[] = {"@NAME@", "@SYNOPSIS@", "@OPTIONS@", "@EXITS@"};
        for (size_t k = 0; k < COUNT_OF(marks); k++)
            cr_expect_not_null(strstr(text_get(&page), marks[k]), "%s in %s", marks[k], path);
    }
}

Test(commands, are_found_or_guessed)
{
    const struct command_row *row = NULL;
    AUTO_FAULT near = {0};
    AUTO_FAULT far = {0};

    cr_assert_eq(command_find_or_guess("help", &row, &near), 0);
    cr_assert_eq(row, command_find("help"));
    cr_assert_null(command_find("hel"));
    cr_assert_eq(command_find_or_guess("hlep", &row, &near), -FAULT_USAGE);
    cr_assert_str_eq(near.message, "unknown command 'hlep'");
    cr_assert_str_eq(near.hint, "did you mean 'help'?");
    cr_assert_eq(command_find_or_guess("frobnicate", &row, &far), -FAULT_USAGE);
    cr_assert_str_eq(far.hint, "'kelp help' lists the commands");
}

Test(commands, say_how_they_may_end)
{
    static const struct command_row prints = {.exits = EXITS_PRINT};
    static const struct command_row runs = {.exits = EXITS_RUN};
    static const struct {
        enum exit_status status;
        bool prints, runs;
    } cases[] = {
        {EXIT_DONE, true, true},
        {EXIT_NOTHING, false, true},
        {EXIT_USAGE, true, true},
        {EXIT_PARTLY, false, true},
        {EXIT_ENVIRONMENT, true, true},
        {EXIT_INTERRUPTED, false, true},
        {(enum exit_status)77, false, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cr_expect_eq(command_may_exit(&prints, cases[i].status), cases[i].prints);
        cr_expect_eq(command_may_exit(&runs, cases[i].status), cases[i].runs);
    }
}

Test(commands, faults_become_exit_statuses)
{
    static const struct {
        enum fault_code code;
        int status;
    } cases[] = {
        {FAULT_NONE, 0},        {FAULT_USAGE, 2},         {FAULT_PLAN, 2}, {FAULT_SYSTEM, 4},
        {FAULT_ENVIRONMENT, 4}, {FAULT_CORRUPT, 1},       {FAULT_BUSY, 1}, {FAULT_NOT_FOUND, 2},
        {FAULT_LIMIT, 2},       {FAULT_REFUSED, 2},       {FAULT_GIT, 1},  {FAULT_FORMAT, 2},
        {FAULT_NEWER, 4},       {(enum fault_code)99, 1},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq((int)command_exit_of(cases[i].code), cases[i].status);
}
