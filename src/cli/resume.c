/* SPDX-License-Identifier: Apache-2.0 */
/* kelp resume, retry and land: a run that is on file is taken up again. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/execute.h"
#include "cli/output.h"
#include "cli/summary.h"
#include "journal/runs.h"

#include <string.h>

/* What is asked of which run. */
struct order {
    uint32_t number;
    struct event event;
};

static int take_up(struct cli *cli, const struct session *s, const struct order *order,
                   const struct option_values *values, struct fault *f)
{
    AUTO_ARENA arena = {0};
    struct roster roster;
    struct execute_options o = {.yes = option_flag(values, "yes"),
                                .json = option_flag(values, "json"),
                                .quiet = option_flag(values, "quiet"),
                                .roster = &roster};
    AUTO_FREE char *dir = runs_dir(s->root, order->number);
    struct journal *j = NULL;

    int r = drivers_load(s, &arena, &roster, f);
    if (r == 0)
        r = journal_open(dir, JOURNAL_WRITE, &j, f);
    if (r == 0)
        r = execute_run(cli, s, &(struct execute_target){dir, j, &order->event}, &o, f);
    journal_close(j);
    return r;
}

/* What has ended is not run again: its summary and its status are what there is. */
static int show_ended(struct cli *cli, const struct session *s, uint32_t number, bool json,
                      struct fault *f)
{
    AUTO_LOADED l = {0};
    int r = loaded_open(s, number, &l, f);

    if (r < 0)
        return r;
    summary_show(cli, l.tree, l.dir, json);
    return tree_exit_status(l.tree);
}

static int find_to_resume(const struct session *s, const char *word, struct run_entry *ret,
                          struct fault *f)
{
    struct exec_id id;
    uint32_t number;

    if (!word && runs_newest_unfinished(s->root, &number, f) == 0)
        return runs_look(s->root, number, ret, f);
    fault_clear(f);
    int r = session_find_run(s, word, &id, f);
    return r < 0 ? r : runs_look(s->root, id.root, ret, f);
}

/* Nothing was on disk yet when its engine died. */
static int never_began(uint32_t number, struct fault *f)
{
    int r = fault_set(f, FAULT_REFUSED, "the run ORG_%04u never began", number);

    fault_hint(f, "there is nothing to go on with: start it again with `kelp run`");
    return r;
}

static int command_resume(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    struct run_entry entry;

    int r = session_open(&s, f);
    if (r == 0)
        r = find_to_resume(&s, count ? words[0] : NULL, &entry, f);
    if (r != 0)
        return r;
    if (entry.ended)
        return show_ended(cli, &s, entry.number, option_flag(values, "json"), f);
    if (!entry.journalled)
        return never_began(entry.number, f);
    struct order order = {entry.number, {.kind = EVENT_RESUMED}};
    return take_up(cli, &s, &order, values, f);
}

/* The child that is to be done again, and whether that can be. */
static int check_retry(const struct session *s, struct exec_id id, uint32_t *ret_child,
                       struct fault *f)
{
    AUTO_LOADED l = {0};
    char text[EXEC_ID_TEXT_MAX];
    int r = loaded_open(s, id.root, &l, f);

    if (r == 0)
        r = session_find_orch(l.tree, id, ret_child, f);
    if (r != 0)
        return r;
    exec_id_format(id, text);
    const struct orch *o = &l.tree->orchs.at[*ret_child];
    if (l.tree->phase != RUN_ENDED) {
        r = fault_set(f, FAULT_REFUSED, "the run of '%s' has not ended", text);
        fault_hint(f, "`kelp resume` goes on with it");
    } else if (o->kind != ORCH_CHILD) {
        r = fault_set(f, FAULT_REFUSED, "'%s' is no child orchestrator", text);
        fault_hint(f, "`kelp status` lists the children, e.g. ORG_%u.1", id.root);
    } else if (o->merged || (o->status == END_DONE && !o->commits)) {
        r = fault_set(f, FAULT_REFUSED, "'%s' is done", text);
        fault_hint(f, "only what is not done can be tried again");
    }
    return r;
}

static int command_retry(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    struct order order = {.event = {.kind = EVENT_RETRY_REQUESTED}};
    struct exec_id id;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, words[0], &id, f);
    if (r == 0)
        r = check_retry(&s, id, &order.event.child, f);
    if (r != 0)
        return r;
    order.number = id.root;
    return take_up(cli, &s, &order, values, f);
}

static int check_land(const struct session *s, uint32_t number, bool *ret_landed, struct fault *f)
{
    AUTO_LOADED l = {0};
    int r = loaded_open(s, number, &l, f);

    if (r < 0)
        return r;
    if (l.tree->phase != RUN_ENDED) {
        r = fault_set(f, FAULT_REFUSED, "the run ORG_%u has not ended", number);
        fault_hint(f, "`kelp resume` goes on with it");
    } else if (!l.tree->commit[0]) {
        r = fault_set(f, FAULT_REFUSED, "the run ORG_%u has nothing to land", number);
        fault_hint(f, "`kelp report ORG_%u` says what it did", number);
    }
    *ret_landed = l.tree->landed;
    return r;
}

static int command_land(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    struct exec_id id;
    bool landed = false;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = check_land(&s, id.root, &landed, f);
    if (r != 0)
        return r;
    if (landed)
        return show_ended(cli, &s, id.root, option_flag(values, "json"), f);
    struct order order = {id.root, {.kind = EVENT_LAND_REQUESTED}};
    return take_up(cli, &s, &order, values, f);
}

static const struct option_row rows[] = {
    {.name = "yes", .letter = 'y', .help = "ask nothing"},
    {.name = "json", .help = "print one event a line, and the report's path last"},
    {.name = "quiet", .letter = 'q', .help = "show no progress"},
};

const struct command_row command_resume_row = {
    .syntax = {.command = "resume",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[RUN]",
               .words_max = 1},
    .help = "go on with a run that was interrupted or killed",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_RUN,
    .run = command_resume,
};

const struct command_row command_retry_row = {
    .syntax = {.command = "retry",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "CHILD",
               .words_min = 1,
               .words_max = 1},
    .help = "do one child again, alone, and consolidate anew",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_RUN,
    .run = command_retry,
};

const struct command_row command_land_row = {
    .syntax = {.command = "land",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[RUN]",
               .words_max = 1},
    .help = "bring the result of a run to your branch, now",
    .group = COMMAND_GROUP_KEEP,
    .exits = EXITS_RUN,
    .run = command_land,
};
