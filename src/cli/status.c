/* SPDX-License-Identifier: Apache-2.0 */
/* kelp status and kelp ls: how a run stands, and which runs there are. */
#include "base/clock.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "journal/runs.h"
#include "ui/admission.h"
#include "ui/providers.h"
#include "ui/spent.h"

#include <string.h>

static const char *end_word(const struct orch *o)
{
    return o->state == ORCH_STATE_ENDED ? end_status_name(o->status) : orch_state_name(o->state);
}

static json_t *agent_json(const struct tree *t, const struct orch *o, const struct agent *a)
{
    char name[16];

    tree_agent_name(a, name);
    return json_pack("{s:i, s:s, s:o, s:s, s:s, s:i}", "wave", (int)a->wave, "instance", name,
                     "role", json_text_or_null(tree_agent_step(t, o, a)->role), "state",
                     agent_state_name(a->state), "status", end_status_name(a->status), "attempts",
                     (int)a->attempts);
}

static json_t *orch_json(const struct tree *t, const struct orch *o)
{
    json_t *agents = json_array();
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(o->id, id);
    for (size_t i = 0; o->work && i < o->work->agents.count; i++)
        json_array_append_new(agents, agent_json(t, o, &o->work->agents.at[i]));
    return json_pack("{s:s, s:s, s:i, s:o, s:s, s:s, s:o, s:o}", "exec_id", id, "kind",
                     orch_kind_name(o->kind), "depth", (int)o->id.depth, "title",
                     json_text_or_null(o->unit_count ? t->units.at[o->unit_first].title : ""),
                     "state", orch_state_name(o->state), "status", end_status_name(o->status),
                     "reason", json_text_or_null(o->reason), "agents", agents);
}

static json_t *providers_json(const struct tree *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->providers.count; i++)
        json_array_append_new(list, provider_json(t, i));
    return list;
}

static json_t *status_json(const struct tree *t, const struct run_entry *entry)
{
    json_t *orchs = json_array();
    char id[EXEC_ID_TEXT_MAX];

    for (size_t i = 0; i < t->orchs.count; i++)
        json_array_append_new(orchs, orch_json(t, &t->orchs.at[i]));
    exec_id_format(exec_id_root(entry->number), id);
    json_t *cost = t->usd_unknown ? json_null() : json_real(t->usd);
    return json_pack("{s:i, s:s, s:s, s:s, s:i, s:o, s:I, s:o, s:o, s:o, s:o}", "version", 1, "run",
                     id, "phase", run_phase_name(t->phase), "status", run_status_name(t->status),
                     "engine", (int)entry->engine, "task",
                     json_text_or_null(t->plan ? t->plan->task : ""), "tokens",
                     (json_int_t)t->tokens, "cost_usd", cost, "admission", admission_json(t),
                     "providers", providers_json(t), "orchestrators", orchs);
}

static const enum output_style styles[END_STATUS_COUNT] = {
    [END_NONE] = STYLE_PLAIN,    [END_DONE] = STYLE_GOOD,       [END_UNVERIFIED] = STYLE_WARNING,
    [END_FAILED] = STYLE_BAD,    [END_TIMEOUT] = STYLE_BAD,     [END_REFUSED] = STYLE_BAD,
    [END_QUOTA] = STYLE_WARNING, [END_BLOCKED] = STYLE_WARNING, [END_CANCELLED] = STYLE_WARNING,
    [END_SKIPPED] = STYLE_DIM,
};

static void print_providers(struct cli *cli, const struct tree *t)
{
    struct clock clock;

    clock_real_init(&clock);
    for (size_t i = 0; i < t->providers.count; i++) {
        AUTO_TEXT line = {0};
        if (provider_text(t, i, clock_now_ms(&clock), &line))
            output_line(cli->out, "%s", text_get(&line));
    }
}

static void print_admission(struct cli *cli, const struct tree *t)
{
    AUTO_TEXT line = {0};

    if (admission_text(t, &line))
        output_line(cli->out, "%s", text_get(&line));
}

static void print_orchs(struct cli *cli, const struct tree *t)
{
    static const struct table_column columns[] = {{.title = "ID"},
                                                  {.title = "TITLE", .most_cells = 44},
                                                  {.title = "STATE"},
                                                  {.title = "AGENTS", .right = true},
                                                  {.title = "TIME", .right = true},
                                                  {.title = "WHY", .most_cells = 60}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        size_t agents = o->work ? o->work->agents.count : 0, ended = 0;
        char id[EXEC_ID_TEXT_MAX], span[32] = "";
        for (size_t a = 0; a < agents; a++)
            ended += o->work->agents.at[a].state == AGENT_STATE_ENDED;
        if (o->started_ms)
            clock_format_span((o->ended_ms ? o->ended_ms : t->now_ms) - o->started_ms, span);
        exec_id_format(o->id, id);
        table_add(table, STYLE_PLAIN, "%s", id);
        table_add(table, STYLE_PLAIN, "%s",
                  o->kind == ORCH_CHILD ? t->units.at[o->unit_first].title
                                        : orch_kind_name(o->kind));
        table_add(table, styles[o->status], "%s", i ? end_word(o) : run_phase_name(t->phase));
        table_add(table, STYLE_PLAIN, "%zu/%zu", ended, agents);
        table_add(table, STYLE_PLAIN, "%s", span);
        table_add(table, STYLE_PLAIN, "%s", o->reason);
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

static int command_status(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    AUTO_TEXT spent = {0};
    struct run_entry entry;
    struct exec_id id;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = loaded_open(&s, id.root, &l, f);
    if (r == 0)
        r = runs_look(s.root, id.root, &entry, f);
    if (r != 0)
        return r;
    if (option_flag(values, "json")) {
        json_auto_t *value = status_json(l.tree, &entry);
        output_json(cli, value);
        return EXIT_DONE;
    }
    output_line(cli->out, "ORG_%04u %s: %s", id.root, run_status_name(l.tree->status),
                l.tree->plan ? l.tree->plan->task : "");
    if (entry.engine)
        output_line(cli->out, "engine: process %d", (int)entry.engine);
    else if (!entry.ended)
        output_line(cli->out, "no engine works on it; go on with: kelp resume ORG_%04u", id.root);
    if (spent_text(l.tree, &spent))
        output_line(cli->out, "used: %s", text_get(&spent));
    if (entry.engine)
        print_admission(cli, l.tree);
    if (!entry.ended)
        print_providers(cli, l.tree);
    print_orchs(cli, l.tree);
    return EXIT_DONE;
}

static const char *entry_state(const struct run_entry *e)
{
    if (e->ended)
        return e->status;
    if (e->trouble)
        return e->trouble == FAULT_CORRUPT ? "damaged" : "unreadable";
    return e->engine ? "running" : "interrupted";
}

static void print_runs(struct cli *cli, const struct runs *runs)
{
    static const struct table_column columns[] = {
        {.title = "RUN"}, {.title = "STATE"}, {.title = "ENGINE", .right = true}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < runs->list.count; i++) {
        const struct run_entry *e = &runs->list.at[i];
        table_add(table, STYLE_PLAIN, "ORG_%04u", e->number);
        table_add(table, e->trouble ? STYLE_BAD : STYLE_PLAIN, "%s", entry_state(e));
        if (e->engine)
            table_add(table, STYLE_PLAIN, "%d", (int)e->engine);
        else
            table_add(table, STYLE_PLAIN, "-");
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

static json_t *runs_json(const struct runs *runs)
{
    json_t *list = json_array();

    for (size_t i = 0; i < runs->list.count; i++) {
        const struct run_entry *e = &runs->list.at[i];
        char id[EXEC_ID_TEXT_MAX];
        exec_id_format(exec_id_root(e->number), id);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:i}", "run", id, "status", entry_state(e),
                                        "ended", e->ended, "engine", (int)e->engine));
    }
    return json_pack("{s:i, s:o}", "version", 1, "runs", list);
}

static void tell_trouble(struct cli *cli, const struct runs *runs)
{
    size_t unreadable = 0;

    for (size_t i = 0; i < runs->list.count; i++)
        unreadable += runs->list.at[i].trouble != FAULT_NONE;
    if (unreadable)
        output_line(cli->err, "kelp ls: %zu journal%s can't be read; `kelp doctor` says why",
                    unreadable, unreadable == 1 ? "" : "s");
}

static int command_ls(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION s = {0};
    struct runs runs = {0};

    int r = session_open(&s, f);
    if (r == 0)
        r = runs_list(s.root, &runs, f);
    if (r == 0 && option_flag(values, "json")) {
        json_auto_t *value = runs_json(&runs);
        output_json(cli, value);
    } else if (r == 0) {
        print_runs(cli, &runs);
        tell_trouble(cli, &runs);
    }
    runs_free(&runs);
    return r;
}

static const struct option_row rows[] = {{.name = "json", .help = "print JSON"}};

const struct command_row command_status_row = {
    .syntax = {.command = "status",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[RUN]",
               .words_max = 1},
    .help = "show how a run stands",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT,
    .run = command_status,
};

const struct command_row command_ls_row = {
    .syntax = {.command = "ls", .rows = rows, .count = COUNT_OF(rows)},
    .help = "list the runs of this repository, the newest first",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT,
    .run = command_ls,
};
