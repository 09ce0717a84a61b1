/* SPDX-License-Identifier: Apache-2.0 */
/* kelp doctor: what this machine can do for agents, and whether the journals are whole. */
#include "agent/prompt.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/disk_usage.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "journal/rescue.h"
#include "journal/runs.h"
#include "process/probe.h"

#include <string.h>

static const enum output_style probe_styles[] = {
    [PROBE_GOOD] = STYLE_GOOD, [PROBE_FALLBACK] = STYLE_WARNING, [PROBE_MISSING] = STYLE_BAD};

static void print_probes(struct cli *cli, const struct probe_row *rows)
{
    static const struct table_column columns[] = {
        {.title = "WHAT"}, {.title = "STATE"}, {.title = "FOUND"}, {.title = "MEANING"}};
    struct table *table = table_new(columns, COUNT_OF(columns));

    for (size_t i = 0; i < PROBE_COUNT; i++) {
        table_add(table, STYLE_PLAIN, "%s", rows[i].name);
        table_add(table, probe_styles[rows[i].state], "%s", probe_state_name(rows[i].state));
        table_add(table, STYLE_PLAIN, "%s", rows[i].value);
        table_add(table, STYLE_DIM, "%s", rows[i].sentence);
    }
    table_print(table, cli->out, cli->out_color);
    table_free(table);
}

/* Whether the journal of a run can be relied on. */
static int check_run(const struct session *s, uint32_t number, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(s->root, number);
    AUTO_LOADED l = {0};
    int64_t events;

    int r = journal_check(dir, &events, f);
    return r < 0 ? r : loaded_open(s, number, &l, f);
}

static void tell_damage(struct cli *cli, uint32_t number, const struct fault *why)
{
    AUTO_FREE char *text = fault_text(why);

    output_line(cli->out, "ORG_%04u: %s", number, text);
    if (why->code == FAULT_CORRUPT)
        output_line(cli->out, "  to save what can be saved: kelp doctor --rescue ORG_%04u", number);
    else if (why->hint)
        output_line(cli->out, "  %s", why->hint);
}

static json_t *examine_runs(struct cli *cli, const struct session *s, bool json)
{
    struct runs runs = {0};
    AUTO_FAULT f = {0};
    json_t *damaged = json_array();

    if (runs_list(s->root, &runs, &f) < 0)
        output_line(cli->err, "kelp doctor: %s", f.message);
    for (size_t i = 0; i < runs.list.count; i++) {
        uint32_t number = runs.list.at[i].number;
        AUTO_FAULT why = {0};
        if (!runs.list.at[i].journalled || check_run(s, number, &why) == 0)
            continue;
        AUTO_FREE char *text = fault_text(&why);
        json_array_append_new(
            damaged, json_pack("{s:i, s:o}", "run", (int)number, "why", json_text_or_null(text)));
        if (!json)
            tell_damage(cli, number, &why);
    }
    if (!json && !json_array_size(damaged))
        output_line(cli->out, "%zu run%s, all journals can be read", runs.list.count,
                    runs.list.count == 1 ? "" : "s");
    runs_free(&runs);
    return damaged;
}

/* How much kelp's folder takes, for who is about to wonder. */
static int64_t examine_size(struct cli *cli, const struct session *s, bool json)
{
    AUTO_FREE char *folder = os_path(s->root, ".kelp");
    int64_t bytes = disk_usage(folder);
    char text[DISK_USAGE_TEXT];

    disk_usage_format(bytes, text);
    if (!json && bytes)
        output_line(cli->out, "'%s' takes %s", folder, text);
    if (!json && disk_usage_is_much(folder, bytes))
        output_line(cli->out, "  `kelp gc` removes what ended runs do not need, `kelp gc --keep N` "
                              "old runs");
    return bytes;
}

static json_t *probes_json(const struct probe_row *rows)
{
    json_t *list = json_array();

    for (size_t i = 0; i < PROBE_COUNT; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s}", "name", rows[i].name, "state",
                                              probe_state_name(rows[i].state), "found",
                                              json_text_or_null(rows[i].value), "meaning",
                                              rows[i].sentence));
    return list;
}

/* What is wrong with the user's own templates; the caller frees. NULL: nothing. */
static char *prompt_trouble(const struct session *s)
{
    AUTO_FREE char *user = prompt_user_folder();
    const struct prompt_folders folders = {s->root, user, s->recipes};
    AUTO_FAULT f = {0};

    return prompt_check(&folders, &f) < 0 ? fault_text(&f) : NULL;
}

static int examine(struct cli *cli, const struct session *s, bool json)
{
    struct probe_row rows[PROBE_COUNT];
    AUTO_FREE char *prompts = prompt_trouble(s);

    probe_machine(s->root, rows);
    if (!json) {
        output_line(cli->out, "kelp %s, git %s", cli->version, s->repo.git_version);
        print_probes(cli, rows);
        if (prompts)
            output_line(cli->out, "%s", prompts);
    }
    json_t *damaged = examine_runs(cli, s, json);
    int64_t bytes = examine_size(cli, s, json);
    if (json) {
        json_auto_t *value =
            json_pack("{s:i, s:s, s:s, s:o, s:O, s:o, s:I}", "version", 1, "kelp", cli->version,
                      "git", s->repo.git_version, "machine", probes_json(rows), "damaged", damaged,
                      "prompts", json_text_or_null(prompts), "bytes", (json_int_t)bytes);
        output_json(cli, value);
    }
    int status = json_array_size(damaged) || prompts ? EXIT_NOTHING : EXIT_DONE;
    json_decref(damaged);
    probe_free(rows);
    return status;
}

static void tell_rescue(struct cli *cli, uint32_t number, const struct rescue *result, bool ended)
{
    if (!result->damaged) {
        output_line(cli->out, "the journal of ORG_%04u is whole", number);
        return;
    }
    if (result->lost < 0)
        output_line(cli->out,
                    "%lld events saved; what came after them can't be counted; "
                    "the damaged file is kept at %s",
                    (long long)result->saved, result->damaged);
    else
        output_line(cli->out, "%lld events saved, %lld lost; the damaged file is kept at %s",
                    (long long)result->saved, (long long)result->lost, result->damaged);
    if (result->saved && !ended)
        output_line(cli->out, "go on with: kelp resume ORG_%04u", number);
    else if (!result->saved)
        output_line(cli->out,
                    "nothing is left to go on with; the work is in the branches kelp/ORG_%04u.*, "
                    "the backup in refs/kelp/backup/ORG_%04u",
                    number, number);
}

/* What `kelp ls` shows of a run lies beside its events, and can be told from them. Returns whether
 * the run has ended. */
static int restore_status(const struct session *s, uint32_t number, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(s->root, number);
    AUTO_LOADED l = {0};
    struct run_entry entry;
    struct journal *j = NULL;

    int r = loaded_open(s, number, &l, f);
    if (r == 0)
        r = runs_look(s->root, number, &entry, f);
    if (r < 0 || l.tree->phase != RUN_ENDED || entry.ended)
        return r < 0 ? r : l.tree->phase == RUN_ENDED;
    r = journal_open(dir, JOURNAL_WRITE, &j, f);
    if (r == 0)
        r = journal_set_status(j, run_status_name(l.tree->status), f);
    if (r == 0)
        r = journal_commit(j, f);
    journal_close(j);
    return r < 0 ? r : 1;
}

static int rescue(struct cli *cli, const struct session *s, const char *word, struct fault *f)
{
    struct rescue result = {0};
    struct exec_id id;

    int r = session_find_run(s, word, &id, f);
    if (r < 0)
        return r;
    AUTO_FREE char *dir = runs_dir(s->root, id.root);
    r = journal_rescue(dir, &result, f);
    if (r < 0)
        return r;
    r = restore_status(s, id.root, f);
    if (r >= 0)
        tell_rescue(cli, id.root, &result, r > 0);
    rescue_free(&result);
    return r < 0 ? r : EXIT_DONE;
}

static int command_doctor(struct cli *cli, const struct option_values *values, struct fault *f)
{
    const char *run = option_text(values, "rescue");
    AUTO_SESSION s = {0};

    int r = session_open(&s, f);
    if (r < 0)
        return r;
    return run ? rescue(cli, &s, run, f) : examine(cli, &s, option_flag(values, "json"));
}

static const struct option_row rows[] = {
    {.name = "rescue",
     .kind = OPTION_TEXT,
     .value = "RUN",
     .help = "save what can be proved of a damaged journal, and keep the damaged file"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_doctor_row = {
    .syntax = {.command = "doctor", .rows = rows, .count = COUNT_OF(rows)},
    .help = "show what this machine can do for agents, and mend damaged journals",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_doctor,
};
