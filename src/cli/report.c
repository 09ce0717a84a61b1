/* SPDX-License-Identifier: Apache-2.0 */
/* kelp report: the report of a run or of one of its orchestrators, in any of its forms. */
#include "report/report.h"

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

#include <string.h>

static const struct {
    const char *name;
    char *(*make)(const json_t *report);
} formats[] = {
    {"markdown", report_markdown},
    {"html", report_html},
    {"json", report_json},
    {"junit", report_junit},
};

static const char *const format_names[] = {"markdown", "html", "json", "junit", NULL};

static int print(struct cli *cli, const json_t *report, const char *format)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (strcmp(formats[i].name, format) == 0) {
            AUTO_FREE char *text = formats[i].make(report);
            (void)fputs(text, cli->out); /* output_finish reports a failure */
            return EXIT_DONE;
        }
    bug("no report format '%s'", format);
}

static int command_report(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    const char *format = option_flag(values, "json") ? "json" : option_text(values, "format");
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    json_auto_t *child = NULL;
    struct exec_id id;
    char text[EXEC_ID_TEXT_MAX];

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = loaded_open(&s, id.root, &l, f);
    if (r != 0)
        return r;
    json_auto_t *whole = report_build(
        l.tree, &(struct report_facts){.run_dir = l.dir, .root = s.root, .now_ms = l.tree->now_ms});
    if (id.depth == 0)
        return print(cli, whole, format);
    exec_id_format(id, text);
    r = report_child(whole, text, &child, f);
    return r < 0 ? r : print(cli, child, format);
}

static const struct option_row rows[] = {
    {.name = "format",
     .kind = OPTION_CHOICE,
     .value = "FORMAT",
     .choices = format_names,
     .otherwise = "markdown",
     .help = "the form of the report"},
    {.name = "json", .help = "the same as --format json"},
};

const struct command_row command_report_row = {
    .syntax = {.command = "report",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[ID]",
               .words_max = 1},
    .help = "print the report of a run or of one of its orchestrators",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT,
    .run = command_report,
};
