/* SPDX-License-Identifier: Apache-2.0 */
/* kelp: reads the command line and hands over to the command. Nothing else exits. */
#include "base/json.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manual_pages.h"
#include "cli/output.h"
#include "cli/usage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int enter_directory(const struct option_values *values, struct fault *f)
{
    const char *directory = option_text(values, "directory");

    if (directory && chdir(directory) < 0) {
        int error = errno;
        return fault_set(f, FAULT_ENVIRONMENT, "cannot enter '%s': %s", directory, strerror(error));
    }
    return 0;
}

static void apply_colors(struct cli *cli, const struct option_values *values)
{
    bool no_color = option_flag(values, "no-color");

    cli->out_color = output_wants_color(cli->out, no_color);
    cli->err_color = output_wants_color(cli->err, no_color);
}

static int print_help(struct cli *cli, const struct command_row *row)
{
    AUTO_TEXT help = {0};

    usage_add_help(&help, row);
    (void)fputs(text_get(&help), cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

static int print_overview(struct cli *cli)
{
    AUTO_TEXT overview = {0};

    usage_add_overview(&overview);
    (void)fputs(text_get(&overview), cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

/* A command line that is being taken apart. */
struct line {
    const char *const *words; /* those that are left */
    size_t count;
    const struct command_row *command; /* NULL until it is known */
};

static int run_command(struct cli *cli, const struct line *line, const struct option_values *before,
                       struct fault *f)
{
    AUTO_OPTIONS *values = NULL;

    int r = option_parse(&line->command->syntax, line->words, line->count, &values, f);
    if (r < 0)
        return r;
    option_values_inherit(values, before);
    apply_colors(cli, values);
    if (option_flag(values, "help"))
        return print_help(cli, line->command);
    r = enter_directory(values, f);
    return r < 0 ? r : line->command->run(cli, values, f);
}

static int run_line(struct cli *cli, struct line *line, struct fault *f)
{
    AUTO_OPTIONS *before = NULL;
    size_t used = 0;

    if (line->count && strcmp(line->words[0], "--version") == 0) {
        output_line(cli->out, "kelp %s", cli->version);
        return EXIT_DONE;
    }
    int r = option_parse_common(line->words, line->count, &used, &before, f);
    if (r < 0)
        return r;
    apply_colors(cli, before);
    if (used == line->count && option_flag(before, "help"))
        return print_overview(cli);
    if (used == line->count) {
        r = fault_set(f, FAULT_USAGE, "a command is missing");
        fault_hint(f, "'kelp help' lists the commands");
        return r;
    }
    r = command_find_or_guess(line->words[used], &line->command, f);
    if (r < 0)
        return r;
    line->words += used + 1;
    line->count -= used + 1;
    return run_command(cli, line, before, f);
}

static void print_fault(struct cli *cli, const struct line *line, const struct fault *f)
{
    output_fault(cli, line->command ? line->command->syntax.command : NULL, f);
}

int main(int argc, char **argv)
{
    struct line line = {
        .words = (const char *const *)argv + (argc > 0),
        .count = argc > 0 ? (size_t)argc - 1 : 0,
    };
    AUTO_FAULT fault = {0};
    AUTO_FAULT write_fault = {0};

    os_hold_standard_streams();
    struct cli cli = {
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
        .version = KELP_VERSION,
        .pages = manual_pages,
        .page_count = manual_page_count,
    };

    json_use_memory();
    int status = run_line(&cli, &line, &fault);
    if (status < 0) {
        print_fault(&cli, &line, &fault);
        status = command_exit_of(fault.code);
    }
    if (output_finish(&cli, &write_fault) < 0) {
        print_fault(&cli, &line, &write_fault);
        status = status == EXIT_DONE ? EXIT_ENVIRONMENT : status;
    }
    return status;
}
