/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A cli whose streams are memory; the strings are valid after capture_end. */
struct capture {
    struct cli cli;
    char *out, *err;
    size_t out_length, err_length;
};

static void capture_begin(struct capture *c, const char *typed)
{
    *c = (struct capture){0};
    c->cli.in = *typed ? fmemopen((void *)typed, strlen(typed), "r") : fopen("/dev/null", "re");
    c->cli.out = open_memstream(&c->out, &c->out_length);
    c->cli.err = open_memstream(&c->err, &c->err_length);
}

static void capture_end(struct capture *c)
{
    fclose(c->cli.in);
    fclose(c->cli.out);
    fclose(c->cli.err);
}

static void capture_free(struct capture *c)
{
    free(c->out);
    free(c->err);
}

Test(output, a_line_escapes_what_it_is_given)
{
    struct capture c;

    capture_begin(&c, "");
    output_line(c.cli.out, "agent '%s' done", "a\033[2Jb\nc");
    capture_end(&c);
    cr_assert_str_eq(c.out, "agent 'a\\x1b[2Jb\\nc' done\n");
    capture_free(&c);
}

Test(output, json_is_indented_or_a_line)
{
    struct capture c;
    json_auto_t *value = json_pack("{s:i, s:[b]}", "b", 1, "a", true);

    capture_begin(&c, "");
    output_json(&c.cli, value);
    output_json_line(&c.cli, value);
    capture_end(&c);
    cr_assert_str_eq(c.out,
                     "{\n  \"a\": [\n    true\n  ],\n  \"b\": 1\n}\n{\"a\":[true],\"b\":1}\n");
    capture_free(&c);
}

Test(output, faults_name_the_command_or_the_place)
{
    static const struct {
        const char *command, *file, *hint, *expected;
        bool color;
    } cases[] = {
        {NULL, NULL, NULL, "kelp: odd '\\x1b'\n", false},
        {"run", NULL, NULL, "kelp run: odd '\\x1b'\n", false},
        {"run", NULL, "try\nthis", "kelp run: odd '\\x1b'\nhint: try\\nthis\n", false},
        {"run", "a.yaml", "try this", "a.yaml:3:5: odd '\\x1b'\nhint: try this\n", false},
        {"run", NULL, "x", "\033[1mkelp run\033[0m: odd '\\x1b'\n\033[2mhint: \033[0mx\n", true},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        struct capture c;
        (void)fault_set(&f, FAULT_PLAN, "odd '%s'", "\033");
        if (cases[i].file)
            fault_place(&f, cases[i].file, 3, 5);
        if (cases[i].hint)
            fault_hint(&f, "%s", cases[i].hint);
        capture_begin(&c, "");
        c.cli.err_color = cases[i].color;
        output_fault(&c.cli, cases[i].command, &f);
        capture_end(&c);
        cr_expect_str_eq(c.err, cases[i].expected);
        cr_expect_str_eq(c.out, "");
        capture_free(&c);
    }
}

Test(output, asks_and_takes_an_answer)
{
    static const struct {
        const char *typed;
        bool otherwise;
        int answer;
    } cases[] = {
        {"y\n", false, 1},    {"YES\n", false, 1}, {"n\n", true, 0},
        {"no\n", true, 0},    {"\n", true, 1},     {"\n", false, 0},
        {"what?\n", true, 0}, {"", true, 0},       {"y\r\n", false, 1},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct capture c;
        AUTO_FAULT f = {0};
        capture_begin(&c, cases[i].typed);
        c.cli.interactive = true;
        cr_expect_eq(output_confirm(&c.cli, false, "Proceed?", cases[i].otherwise, &f),
                     cases[i].answer, "case %zu", i);
        capture_end(&c);
        cr_expect_str_eq(c.err, cases[i].otherwise ? "Proceed? [Y/n] " : "Proceed? [y/N] ");
        cr_expect_str_eq(c.out, "");
        capture_free(&c);
    }
}

Test(output, asks_nobody)
{
    struct capture c;
    AUTO_FAULT f = {0};

    capture_begin(&c, "y\n");
    cr_expect_eq(output_confirm(&c.cli, false, "Proceed?", true, &f), -FAULT_USAGE);
    cr_expect_str_eq(f.hint, "give --yes to answer yes");
    cr_expect_eq(output_confirm(&c.cli, true, "Proceed?", false, &f), 1);
    capture_end(&c);
    cr_expect_str_eq(c.err, "");
    capture_free(&c);
}

Test(output, a_full_disk_is_a_fault)
{
    struct cli cli = {.out = fopen("/dev/full", "we")};
    struct cli fine = {.out = fopen("/dev/null", "we")};
    AUTO_FAULT f = {0};

    output_line(cli.out, "result");
    output_line(fine.out, "result");
    cr_assert_eq(output_finish(&fine, &f), 0);
    cr_assert_eq(output_finish(&cli, &f), -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, ENOSPC);
    fclose(cli.out);
    fclose(fine.out);
}

Test(output, colours_need_a_terminal_that_wants_them)
{
    FILE *file = fopen("/dev/null", "we");
    FILE *terminal = fopen("/dev/ptmx", "re+");
    static const struct {
        const char *term, *no_color;
        bool option, color;
    } cases[] = {
        {"xterm", "", false, true}, {"xterm", "1", false, false}, {"xterm", "", true, false},
        {"dumb", "", false, false}, {"", "", false, false},
    };

    cr_assert_not_null(terminal);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        setenv("TERM", cases[i].term, 1);
        setenv("NO_COLOR", cases[i].no_color, 1);
        cr_expect_eq(output_wants_color(terminal, cases[i].option), cases[i].color, "case %zu", i);
        cr_expect_not(output_wants_color(file, cases[i].option));
    }
    unsetenv("TERM");
    cr_expect_not(output_wants_color(terminal, false));
    fclose(file);
    fclose(terminal);
}

Test(output, styles_only_what_is_there)
{
    AUTO_TEXT t = {0};

    output_add_styled(&t, true, STYLE_BAD, "failed");
    output_add_styled(&t, true, STYLE_BAD, "");
    output_add_styled(&t, true, STYLE_PLAIN, " plain ");
    output_add_styled(&t, false, STYLE_BAD, "failed");
    cr_assert_str_eq(text_get(&t), "\033[31mfailed\033[0m plain failed");
}
