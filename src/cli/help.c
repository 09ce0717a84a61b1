/* SPDX-License-Identifier: Apache-2.0 */
/* kelp help [COMMAND]: the overview, or a manual page. */
#include "base/install.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/usage.h"

#include <string.h>
#include <unistd.h>

/* "run" is kelp-run(1), "plan.5" kelp-plan(5); the whole names will do as well. */
static bool is_page(const struct manual_page *page, const char *topic)
{
    AUTO_FREE char *whole = text_format("%s.%s", page->name, page->section);
    const char *prefix = "kelp-";

    if (strcmp(page->name, topic) == 0 || strcmp(whole, topic) == 0)
        return true;
    return text_starts(whole, prefix) && (strcmp(page->name + strlen(prefix), topic) == 0 ||
                                          strcmp(whole + strlen(prefix), topic) == 0);
}

static const struct manual_page *find_page(const struct cli *cli, const char *topic)
{
    for (size_t i = 0; i < cli->page_count; i++) {
        if (is_page(&cli->pages[i], topic))
            return &cli->pages[i];
    }
    return NULL;
}

/* Turns into man(1) if there is somebody to page for, man is there, and it is this kelp's own page
 * that would be shown. Comes back in every other case. */
static void become_man(const struct cli *cli, const struct manual_page *page)
{
    AUTO_FAULT ignored = {0};
    AUTO_FREE char *dir = NULL;

    if (!isatty(fileno(cli->out)) || os_program_dir(&dir, &ignored) < 0)
        return;
    AUTO_FREE char *built = text_format("%s/man/%s.%s", dir, page->name, page->section);
    AUTO_FREE char *installed =
        text_format("%s/../share/man/man%s/%s.%s", dir, page->section, page->name, page->section);
    const char *path = os_exists(built) ? built : installed;
    if (os_exists(path))
        (void)execlp("man", "man", path, (char *)NULL);
}

static int show_page(struct cli *cli, const char *topic, struct fault *f)
{
    const struct manual_page *page = find_page(cli, topic);
    const struct command_row *row;

    if (!page) {
        int r = command_find_or_guess(topic, &row, f);
        return r < 0 ? r : fault_set(f, FAULT_NOT_FOUND, "no manual page for '%s'", topic);
    }
    become_man(cli, page);
    (void)fputs(page->text, cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

static int command_help(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_TEXT overview = {0};

    if (count)
        return show_page(cli, words[0], f);
    usage_add_overview(&overview);
    (void)fputs(text_get(&overview), cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

const struct command_row command_help_row = {
    .syntax = {.command = "help", .words = "[COMMAND]", .words_max = 1},
    .help = "list the commands, or show the manual page of one",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT,
    .run = command_help,
};
