/* SPDX-License-Identifier: Apache-2.0 */
/* kelp run: a task, a plan or missions, from intake to report. */
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/execute.h"
#include "cli/inside.h"
#include "cli/intake.h"
#include "cli/output.h"
#include "git/large.h"
#include "journal/runs.h"

#include <string.h>

/* A very large untracked file may be no part of anybody's work: whether the backup is to hold it is
 * asked before anything starts. */
static int ask_about_large(struct cli *cli, const struct session *s, bool yes,
                           struct run_request *request, struct fault *f)
{
    struct large_files large;

    if (yes || !s->repo.dirty)
        return 0;
    int r = large_files_find(s->root, LARGE_FILE_BYTES, &large, f);
    if (r == 0 && large.count) {
        AUTO_FREE char *question = text_format("Keep %zu untracked file%s of more than %lld MiB "
                                               "(%lld MiB in all, the largest is '%s') "
                                               "in the backup?",
                                               large.count, large.count == 1 ? "" : "s",
                                               (long long)(LARGE_FILE_BYTES >> 20),
                                               (long long)(large.bytes >> 20), large.largest);
        r = output_confirm(cli, false, question, true, f);
        request->leave_large = r == 0;
    }
    large_files_free(&large);
    return r < 0 ? r : 0;
}

static int take_and_run(struct cli *cli, struct session *s, const struct intake *in,
                        const struct execute_options *o, struct fault *f)
{
    AUTO_FREE char *dir = NULL;
    struct journal *j = NULL;
    struct run_request request = in->request;
    const struct event first = {.kind = EVENT_RUN_REQUESTED, .request = &request};
    char id[EXEC_ID_TEXT_MAX];

    int r = ask_about_large(cli, s, o->yes, &request, f);
    if (r == 0)
        r = runs_take(s->root, &request.number, &dir, f);
    if (r < 0)
        return r;
    exec_id_format(exec_id_root(request.number), id);
    output_line(cli->err, "%s", id);
    r = journal_create(dir, &j, f);
    if (r == 0)
        r = execute_run(cli, s, &(struct execute_target){dir, j, &first}, o, f);
    journal_close(j);
    return r;
}

/* An agent asks for a child; so does a task whose tag says that it belongs to a run. */
static int request_child(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_ARENA arena = {0};
    AUTO_FREE char *run = NULL;
    struct plan *plan = NULL;

    int r = intake_child(values, &arena, &plan, f);
    if (r == 0)
        r = inside_request_child(plan, &run, f);
    if (r < 0)
        return r;
    output_line(cli->out, "%s takes it as a child", run);
    return EXIT_DONE;
}

static void warn(const struct cli *cli, const struct intake *in, const char *of_prices)
{
    for (size_t i = 0; i < in->warnings.count; i++)
        output_line(cli->err, "kelp run: warning: %s", in->warnings.at[i]);
    if (*of_prices)
        output_line(cli->err, "kelp run: warning: %s", of_prices);
}

static int command_run(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION s = {0};
    AUTO_ARENA arena = {0};
    struct intake in = {0};
    struct roster roster;
    struct execute_options o = {.yes = option_flag(values, "yes"),
                                .json = option_flag(values, "json"),
                                .quiet = option_flag(values, "quiet"),
                                .no_contain = option_flag(values, "no-contain"),
                                .roster = &roster};

    if (inside_agent() || intake_is_tagged(values))
        return request_child(cli, values, f);
    int r = session_open(&s, f);
    if (r == 0)
        r = intake_read(&s, values, &arena, &in, f);
    if (r == 0)
        r = drivers_load(&s, &arena, &roster, f);
    if (r == 0)
        r = drivers_check(&roster, in.request.plan, in.request.planned, f);
    if (r < 0)
        return r;
    warn(cli, &in, drivers_price_warning(&roster, in.request.plan, &in.config.prices, &arena));
    if (!o.yes && !cli->interactive) {
        r = fault_set(f, FAULT_USAGE, "nobody is there to confirm the plan");
        fault_hint(f, "`--yes` goes ahead; `kelp plan` only shows what would be done");
        return r;
    }
    return take_and_run(cli, &s, &in, &o, f);
}

static const struct option_row rows[] = {
    INTAKE_OPTIONS,
    {.name = "yes", .letter = 'y', .help = "ask nothing"},
    {.name = "json", .help = "print one event a line, and the report's path last"},
    {.name = "quiet", .letter = 'q', .help = "show no progress"},
    {.name = "no-contain",
     .help = "run agents without sandbox and control groups (only processes are contained)"},
};

const struct command_row command_run_row = {
    .syntax = {.command = "run",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "TASK | PLAN.yaml | MISSION.md...",
               .words_min = 1,
               .words_max = OPTION_WORDS_ANY},
    .help = "carry out a task, a plan file or mission files",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_RUN,
    .run = command_run,
};
