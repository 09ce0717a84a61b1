/* SPDX-License-Identifier: Apache-2.0 */
/* kelp gc: clones, caches and agents' homes of runs that have ended go, once nothing goes with
 * them. */
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "git/worker.h"
#include "journal/runs.h"

#include <dirent.h>

struct tally {
    json_t *removed, *kept, *bundles;
    size_t homes; /* of agents, with their sessions */
};

static void extend(json_t *to, const json_t *answer, const char *key)
{
    (void)json_array_extend(to, json_object_get(answer, key)); /* a missing key adds nothing */
}

/* Nobody goes on with a session of a run that has ended. */
static int clean_homes(const char *run_dir, struct tally *tally, struct fault *f)
{
    AUTO_FREE char *homes = os_path(run_dir, "homes");
    struct dirent **entries;
    int n = scandir(homes, &entries, NULL, NULL);

    for (int i = 0; i < n; i++) {
        tally->homes += entries[i]->d_name[0] != '.';
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return os_remove_tree(homes, f);
}

static int clean_run(const struct session *s, uint32_t number, struct tally *tally, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(s->root, number);
    AUTO_FREE char *clones = os_path(dir, "clones");
    AUTO_FREE char *cache = os_path(dir, "cache");
    json_auto_t *answer = NULL;
    json_auto_t *spec = json_pack("{s:s, s:s, s:s, s:[]}", "repo", s->root, "folder", clones,
                                  "bundle_dir", dir, "keep");

    if (!spec)
        return fault_set(f, FAULT_FORMAT, "'%s' is not valid UTF-8", s->root);
    int r = worker_run("discard_all", spec, &answer, f);
    if (r < 0)
        return fault_wrap(f, "run ORG_%04u", number);
    extend(tally->removed, answer, "removed");
    extend(tally->kept, answer, "kept");
    extend(tally->bundles, answer, "bundles");
    r = os_remove_tree(cache, f);
    return r < 0 ? r : clean_homes(dir, tally, f);
}

static void show(struct cli *cli, const struct tally *tally, bool json)
{
    size_t i;
    json_t *entry;

    if (json) {
        json_auto_t *value =
            json_pack("{s:i, s:O, s:O, s:O, s:I}", "version", 1, "removed", tally->removed, "kept",
                      tally->kept, "bundles", tally->bundles, "homes", (json_int_t)tally->homes);
        output_json(cli, value);
        return;
    }
    output_line(cli->out, "%zu clone%s removed", json_array_size(tally->removed),
                json_array_size(tally->removed) == 1 ? "" : "s");
    if (tally->homes)
        output_line(cli->out, "%zu home%s of agents removed, with their sessions", tally->homes,
                    tally->homes == 1 ? "" : "s");
    json_array_foreach (tally->bundles, i, entry)
        output_line(cli->out, "  what was nowhere else is in %s", json_string_value(entry));
    json_array_foreach (tally->kept, i, entry)
        output_line(cli->out, "  kept %s: %s", json_get_string(entry, "path", ""),
                    json_get_string(entry, "why", ""));
}

static int command_gc(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION s = {0};
    struct runs runs = {0};
    struct tally tally = {json_array(), json_array(), json_array(), 0};

    int r = session_open(&s, f);
    if (r == 0)
        r = runs_list(s.root, &runs, f);
    /* A run that was interrupted needs its clones to go on. */
    for (size_t i = 0; r == 0 && i < runs.list.count; i++)
        if (runs.list.at[i].ended && !runs.list.at[i].engine)
            r = clean_run(&s, runs.list.at[i].number, &tally, f);
    if (r == 0)
        show(cli, &tally, option_flag(values, "json"));
    runs_free(&runs);
    json_decref(tally.removed);
    json_decref(tally.kept);
    json_decref(tally.bundles);
    return r;
}

static const struct option_row rows[] = {{.name = "json", .help = "print JSON"}};

const struct command_row command_gc_row = {
    .syntax = {.command = "gc", .rows = rows, .count = COUNT_OF(rows)},
    .help = "remove clones, caches and sessions of runs that have ended, losing no work",
    .group = COMMAND_GROUP_KEEP,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_gc,
};
