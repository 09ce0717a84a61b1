/* SPDX-License-Identifier: Apache-2.0 */
/* kelp restore: the working tree as it was before a run. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "git/restore.h"

static json_t *list_json(const struct paths *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text_or_null(list->at[i]));
    return array;
}

static void show_json(struct cli *cli, const struct restore_result *result)
{
    json_auto_t *value = json_pack(
        "{s:i, s:I, s:I, s:o, s:o, s:o}", "version", 1, "restored", (json_int_t)result->restored,
        "removed", (json_int_t)result->removed, "left", list_json(&result->left), "missing",
        list_json(&result->missing), "backup", json_text_or_null(result->backup));

    output_json(cli, value);
}

static void show(struct cli *cli, const struct restore_result *result, const char *run)
{
    output_line(cli->out, "%s: %lld file%s restored, %lld removed", run,
                (long long)result->restored, result->restored == 1 ? "" : "s",
                (long long)result->removed);
    for (size_t i = 0; i < result->left.count; i++)
        output_line(cli->out, "  left, created later: %s", result->left.at[i]);
    for (size_t i = 0; i < result->missing.count; i++)
        output_line(cli->out, "  gone, a repository of its own: %s", result->missing.at[i]);
    output_line(cli->out, "what was here before is kept at %s", result->backup);
}

static int restore(struct cli *cli, const struct session *s, const char *run,
                   const struct option_values *values, struct fault *f)
{
    struct restore_result result = {0};
    int r = backup_restore(
        &(struct restore_spec){.repo = s->root, .run = run, .exact = option_flag(values, "exact")},
        &result, f);

    if (r == 0 && option_flag(values, "json"))
        show_json(cli, &result);
    else if (r == 0)
        show(cli, &result, run);
    restore_result_free(&result);
    return r;
}

static int command_restore(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    struct exec_id id;
    char run[EXEC_ID_TEXT_MAX];

    int r = session_open(&s, f);
    if (r == 0)
        r = exec_id_parse(words[0], &id, f);
    if (r != 0)
        return r;
    id.depth = 0;
    exec_id_format(id, run);
    AUTO_FREE char *question =
        text_format("Put the working tree back to what it was before %s?", run);
    r = output_confirm(cli, option_flag(values, "yes"), question, false, f);
    if (r <= 0)
        return r < 0 ? r : EXIT_NOTHING;
    return restore(cli, &s, run, values, f);
}

static const struct option_row rows[] = {
    {.name = "exact", .help = "remove files that were created since"},
    {.name = "yes", .letter = 'y', .help = "ask nothing"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_restore_row = {
    .syntax = {.command = "restore",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "RUN",
               .words_min = 1,
               .words_max = 1},
    .help = "put the working tree back to what it was before a run",
    .group = COMMAND_GROUP_KEEP,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_restore,
};
