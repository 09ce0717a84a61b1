/* SPDX-License-Identifier: Apache-2.0 */
/* kelp diff: what a run, or one of its children, changed. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "git/diffstat.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static json_t *stat_json(const struct diffstat *d)
{
    json_t *changed = json_array();

    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(changed,
                              json_pack("{s:o, s:I, s:I}", "path", json_text_or_null(d->at[i].path),
                                        "insertions", (json_int_t)d->at[i].insertions, "deletions",
                                        (json_int_t)d->at[i].deletions));
    return json_pack("{s:i, s:I, s:I, s:I, s:o}", "version", 1, "files", (json_int_t)d->count,
                     "insertions", (json_int_t)d->insertions, "deletions", (json_int_t)d->deletions,
                     "changed", changed);
}

/* git shows it, with the user's own pager and colours. Comes back only when git can't be run. */
static int become_git(const char *root, const char *base, const char *commit, bool stat,
                      struct fault *f)
{
    if (chdir(root) < 0)
        return fault_system(f, errno, "cannot enter '%s'", root);
    if (stat)
        (void)execlp("git", "git", "diff", "--stat", base, commit, "--", (char *)NULL);
    else
        (void)execlp("git", "git", "diff", base, commit, "--", (char *)NULL);
    return fault_system(f, errno, "cannot run git");
}

static int command_diff(struct cli *cli, const struct option_values *values, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(values, &count);
    AUTO_SESSION s = {0};
    AUTO_LOADED l = {0};
    AUTO_DIFFSTAT d = {0};
    struct exec_id id;
    uint32_t orch = 0;

    int r = session_open(&s, f);
    if (r == 0)
        r = session_find_run(&s, count ? words[0] : NULL, &id, f);
    if (r == 0)
        r = loaded_open(&s, id.root, &l, f);
    if (r == 0)
        r = session_find_orch(l.tree, id, &orch, f);
    if (r != 0)
        return r;
    const struct orch *o = &l.tree->orchs.at[orch];
    const char *commit = orch ? o->commit : l.tree->commit;
    if (!commit[0] || (orch && !o->fetched)) {
        output_line(cli->err, "nothing of it is in this repository (yet)");
        return EXIT_DONE;
    }
    if (!option_flag(values, "json"))
        return become_git(s.root, l.tree->base, commit, option_flag(values, "stat"), f);
    r = diffstat_of(s.root, l.tree->base, commit, &d, f);
    if (r < 0)
        return r;
    json_auto_t *value = stat_json(&d);
    output_json(cli, value);
    return EXIT_DONE;
}

static const struct option_row rows[] = {
    {.name = "stat", .help = "only which files changed, and by how much"},
    {.name = "json", .help = "print which files changed as JSON"},
};

const struct command_row command_diff_row = {
    .syntax =
        {.command = "diff", .rows = rows, .count = COUNT_OF(rows), .words = "[ID]", .words_max = 1},
    .help = "show what a run or one of its children changed",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT,
    .run = command_diff,
};
