/* SPDX-License-Identifier: Apache-2.0 */
/* kelp cancel: what Ctrl-C does, from elsewhere. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "journal/runs.h"

#include <errno.h>
#include <signal.h>

static int command_cancel(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    struct run_entry entry;
    struct exec_id id;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = runs_look(s.root, id.root, &entry, f);
    if (r != 0)
        return r;
    if (!entry.engine) {
        r = fault_set(f, FAULT_REFUSED, "no engine works on ORG_%u", id.root);
        if (!entry.ended)
            fault_hint(f, "it was interrupted already; `kelp resume ORG_%u` goes on with it",
                       id.root);
        return r;
    }
    if (kill(entry.engine, option_flag(values, "final") ? SIGUSR1 : SIGINT) < 0)
        return fault_system(f, errno, "cannot signal the engine (process %d)", (int)entry.engine);
    output_line(cli->err,
                option_flag(values, "final")
                    ? "asked process %d to end ORG_%u for good"
                    : "asked process %d to stop ORG_%u; once more stops its agents",
                (int)entry.engine, id.root);
    return EXIT_DONE;
}

static const struct option_row rows[] = {
    {.name = "final", .help = "end the run for good: what has not ended is cancelled and reported"},
};

const struct command_row command_cancel_row = {
    .syntax = {.command = "cancel",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[RUN]",
               .words_max = 1},
    .help = "let a running run come to a stop, as Ctrl-C does",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_cancel,
};
