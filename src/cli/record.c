/* SPDX-License-Identifier: Apache-2.0 */
/* kelp record: a run's agent streams in one file, from which it can be replayed. */
#include "record/collect.h"

#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/output.h"
#include "journal/lock.h"
#include "report/report.h"

#include <string.h>

/* What was overwritten when the attempts ended is looked for once more, with the keys of now. */
static int find_secrets(const struct session *s, const struct tree *t, struct arena *a,
                        struct redact *ret, struct fault *f)
{
    struct roster roster;
    VECTOR(const char *) values = {0};
    int r = drivers_load(s, a, &roster, f);

    for (size_t i = 0; r == 0 && i < roster.count; i++) {
        struct strings some = drivers_secrets(&roster.at[i], &t->plan->settings, a);
        for (size_t k = 0; k < some.count; k++)
            vector_push(&values, some.at[k]);
    }
    redact_init(ret, &(struct strings){values.at, values.count}, a);
    vector_free(&values);
    return r;
}

static int check_idle(const struct loaded *l, struct fault *f)
{
    pid_t pid = 0;

    if (!run_lock_held(l->dir, &pid))
        return 0;
    int r = fault_set(f, FAULT_BUSY, "process %d works on ORG_%u", (int)pid, l->number);
    fault_hint(f, "a run can be recorded when it has ended or stopped");
    return r;
}

static int check_free(const char *path, struct fault *f)
{
    if (!os_exists(path))
        return 0;
    int r = fault_set(f, FAULT_REFUSED, "'%s' is there already", path);
    fault_hint(f, "remove it, or name another file with `-o`");
    return r;
}

static void show(struct cli *cli, const char *path, const struct collected *sums, bool json)
{
    json_auto_t *value = json_pack("{s:o, s:I, s:I, s:I}", "file", json_text_or_null(path),
                                   "attempts", (json_int_t)sums->attempts, "cut",
                                   (json_int_t)sums->cut, "secrets", (json_int_t)sums->secrets);

    if (sums->cut)
        output_line(cli->err, "kelp record: %zu outputs were too long: their middle is left out",
                    sums->cut);
    if (sums->changed_secrets)
        output_line(cli->err,
                    "kelp record: %zu secrets were overwritten in changes, which will be "
                    "replayed without them",
                    sums->changed_secrets);
    if (json)
        output_json(cli, value);
    else
        output_line(cli->out, "%s: %zu recorded attempt%s", path, sums->attempts,
                    sums->attempts == 1 ? "" : "s");
}

static int pack(struct cli *cli, const struct session *s, const struct loaded *l,
                const struct option_values *values, struct fault *f)
{
    json_auto_t *report =
        report_build(l->tree, &(struct report_facts){.run_dir = l->dir, .now_ms = l->tree->now_ms});
    AUTO_FREE char *otherwise = text_format("ORG_%u.recording", l->number);
    const char *path = option_text(values, "output");
    AUTO_ARENA arena = {0};
    struct collected sums;
    struct redact redact;

    if (!path)
        path = otherwise;
    int r = check_free(path, f);
    if (r == 0)
        r = find_secrets(s, l->tree, &arena, &redact, f);
    if (r == 0)
        r = collect_run(&(struct collect){.tree = l->tree,
                                          .root = s->root,
                                          .run_dir = l->dir,
                                          .report = report,
                                          .redact = &redact,
                                          .with_base = option_flag(values, "with-base")},
                        path, &sums, f);
    if (r < 0)
        return r;
    show(cli, path, &sums, option_flag(values, "json"));
    return EXIT_DONE;
}

static int command_record(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    struct exec_id id;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = loaded_open(&s, id.root, &l, f);
    if (r == 0)
        r = check_idle(&l, f);
    return r != 0 ? r : pack(cli, &s, &l, values, f);
}

static const struct option_row rows[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "the file to make; otherwise ORG_n.recording in the current folder"},
    {.name = "with-base", .help = "put the commit that the run began from in it, too"},
    {.name = "json", .help = "print what was recorded as JSON"},
};

const struct command_row command_record_row = {
    .syntax = {.command = "record",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[ID]",
               .words_max = 1},
    .help = "keep what the agents of a run printed and changed, in one file",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_record,
};
