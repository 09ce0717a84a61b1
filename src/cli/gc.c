/* SPDX-License-Identifier: Apache-2.0 */
/* kelp gc: clones, caches and agents' homes of runs that have ended go, once nothing goes with
 * them; whole runs where that is asked for. */
#include "base/clock.h"
#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/disk_usage.h"
#include "cli/output.h"
#include "cli/session.h"
#include "git/worker.h"
#include "journal/compact.h"
#include "journal/lock.h"
#include "journal/runs.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What one call does, and what came of it. */
struct sweep {
    const struct session *session;
    bool dry;
    int64_t keep;       /* as many of the newest runs stay whole; 0: nobody asked */
    int64_t older_days; /* those that ended later stay whole; 0: nobody asked */
    json_t *removed, *kept, *bundles, *runs;
    size_t homes;  /* of agents, with their sessions */
    int64_t bytes; /* that were freed, or would be */
};

static void extend(json_t *to, const json_t *answer, const char *key)
{
    (void)json_array_extend(to, json_object_get(answer, key)); /* a missing key adds nothing */
}

static void keep(struct sweep *s, const char *path, const char *why)
{
    json_array_append_new(s->kept, json_pack("{s:o, s:o}", "path", json_text_or_null(path), "why",
                                             json_text_or_null(why)));
}

static size_t count_entries(const char *dir)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, NULL, NULL);
    size_t count = 0;

    for (int i = 0; i < n; i++) {
        count += entries[i]->d_name[0] != '.';
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return count;
}

/* Nobody goes on with a session of a run that has ended. */
static int clean_homes(const char *run_dir, struct sweep *s, struct fault *f)
{
    AUTO_FREE char *homes = os_path(run_dir, "homes");

    s->homes += count_entries(homes);
    return s->dry ? 0 : os_remove_tree(homes, f);
}

/* The names alone, as the worker would say them. */
static void list_clones(const char *clones, struct sweep *s)
{
    struct dirent **entries;
    int n = scandir(clones, &entries, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        AUTO_FREE char *path = os_path(clones, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && os_is_dir(path) && !text_ends(path, ".kelp"))
            json_array_append_new(s->removed, json_text_or_null(path));
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

static int discard_clones(const char *run_dir, const char *clones, struct sweep *s, struct fault *f)
{
    json_auto_t *answer = NULL;
    json_auto_t *spec = json_pack("{s:s, s:s, s:s, s:[]}", "repo", s->session->root, "folder",
                                  clones, "bundle_dir", run_dir, "keep");

    if (!spec)
        return fault_set(f, FAULT_FORMAT, "'%s' is not valid UTF-8", s->session->root);
    int r = worker_run("discard_all", spec, &answer, f);
    if (r < 0)
        return r;
    extend(s->removed, answer, "removed");
    extend(s->kept, answer, "kept");
    extend(s->bundles, answer, "bundles");
    return 0;
}

static int clean_run(const char *run_dir, struct sweep *s, struct fault *f)
{
    AUTO_FREE char *clones = os_path(run_dir, "clones");
    AUTO_FREE char *cache = os_path(run_dir, "cache");
    int64_t compacted = 0;
    int r = 0;

    if (s->dry)
        list_clones(clones, s);
    else
        r = discard_clones(run_dir, clones, s, f);
    if (r == 0 && !s->dry)
        r = os_remove_tree(cache, f);
    if (r == 0)
        r = clean_homes(run_dir, s, f);
    if (r == 0)
        r = journal_compact(run_dir, s->dry, &compacted, f);
    return r;
}

/* Work that is nowhere else stays: a bundle, or a clone that could not go. */
static const char *holds_work(const char *run_dir)
{
    AUTO_FREE char *clones = os_path(run_dir, "clones");
    struct dirent **entries;
    int n = scandir(run_dir, &entries, NULL, NULL);
    bool bundle = n < 0;

    for (int i = 0; i < n; i++) {
        bundle = bundle || text_ends(entries[i]->d_name, ".bundle");
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    if (bundle)
        return "it has a bundle of commits that are nowhere else";
    return count_entries(clones) ? "it has clones that could not be removed" : NULL;
}

/* Where a run goes before it is removed, so that half a run is never taken for one. */
static char *removed_dir(const struct sweep *s)
{
    return os_path(s->session->root, ".kelp/removed");
}

static int remove_run(const char *run_dir, struct sweep *s, struct fault *f)
{
    AUTO_FREE char *removed = removed_dir(s);
    const char *name = strrchr(run_dir, '/') + 1;
    AUTO_FREE char *there = os_path(removed, name);
    const char *why = holds_work(run_dir);
    int r = 0;

    if (why && !s->dry) {
        keep(s, run_dir, why);
        return 0;
    }
    if (!s->dry)
        r = os_make_dirs(removed, 0755, f);
    if (r == 0 && !s->dry && rename(run_dir, there) < 0)
        r = fault_system(f, errno, "cannot rename '%s'", run_dir);
    if (r == 0 && !s->dry)
        r = os_remove_tree(there, f);
    if (r == 0)
        json_array_append_new(s->runs, json_text_or_null(name));
    return r;
}

/* `rank` is how many runs are newer. With both options a run has to be asked for by both. */
static bool is_expired(const struct sweep *s, const char *run_dir, size_t rank)
{
    const int64_t day = 86400;
    AUTO_FREE char *journal = os_path(run_dir, "journal.db");
    struct clock clock;
    struct stat st;

    if ((!s->keep && !s->older_days) || (int64_t)rank < s->keep)
        return false;
    if (!s->older_days)
        return true;
    clock_real_init(&clock);
    return stat(journal, &st) == 0 &&
           clock_now_ms(&clock) / 1000 - (int64_t)st.st_mtime >= s->older_days * day;
}

/* What is kept of a run is what its folder still takes. */
static int sweep_locked(struct sweep *s, const char *run_dir, size_t rank, struct fault *f)
{
    int64_t before = disk_usage(run_dir);
    bool expired = is_expired(s, run_dir, rank);

    int r = clean_run(run_dir, s, f);
    if (r == 0 && expired)
        r = remove_run(run_dir, s, f);
    int64_t freed = before - disk_usage(run_dir);
    if (s->dry && expired) {
        freed = before;
    } else if (s->dry) {
        AUTO_FREE char *clones = os_path(run_dir, "clones");
        AUTO_FREE char *cache = os_path(run_dir, "cache");
        AUTO_FREE char *homes = os_path(run_dir, "homes");
        freed = disk_usage(clones) + disk_usage(cache) + disk_usage(homes);
    }
    s->bytes += freed > 0 ? freed : 0;
    return r;
}

/* The lock keeps `kelp retry` and another `kelp gc` away meanwhile. */
static int sweep_run(struct sweep *s, uint32_t number, size_t rank, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(s->session->root, number);
    AUTO_CLOSE lock = -1;
    AUTO_FAULT why = {0};
    struct run_entry entry;

    int r = s->dry ? 0 : run_lock_take(dir, &lock, &why);
    if (r == -FAULT_BUSY) {
        keep(s, dir, why.message);
        return 0;
    }
    if (r < 0)
        return fault_move(f, &why);
    r = runs_look(s->session->root, number, &entry, f);
    if (r == 0 && entry.ended) /* still */
        r = sweep_locked(s, dir, rank, f);
    return r < 0 ? fault_wrap(f, "run ORG_%04u", number) : 0;
}

/* A run that was interrupted needs its clones to go on, and of one whose journal can't be read
 * nobody knows. */
static int sweep_runs(struct sweep *s, const struct runs *runs, struct fault *f)
{
    AUTO_FREE char *removed = removed_dir(s);
    int r = s->dry ? 0 : os_remove_tree(removed, f); /* of a call that was cut short */

    for (size_t i = 0; r == 0 && i < runs->list.count; i++) {
        const struct run_entry *run = &runs->list.at[i];
        AUTO_FREE char *dir = runs_dir(s->session->root, run->number);
        if (run->trouble)
            keep(s, dir, "its journal can't be read; `kelp doctor` says why");
        else if (run->ended && !run->engine)
            r = sweep_run(s, run->number, i, f);
    }
    return r;
}

static void show_json(struct cli *cli, const struct sweep *s)
{
    json_auto_t *value =
        json_pack("{s:i, s:b, s:O, s:O, s:O, s:O, s:I, s:I}", "version", 1, "dry_run", s->dry,
                  "removed", s->removed, "kept", s->kept, "bundles", s->bundles, "runs", s->runs,
                  "homes", (json_int_t)s->homes, "bytes", (json_int_t)s->bytes);

    output_json(cli, value);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void show(struct cli *cli, const struct sweep *s)
{
    const char *done = s->dry ? "would be removed" : "removed";
    size_t clones = json_array_size(s->removed), runs = json_array_size(s->runs), i;
    char bytes[DISK_USAGE_TEXT];
    json_t *entry;

    disk_usage_format(s->bytes, bytes);
    output_line(cli->out, "%zu clone%s %s", clones, plural(clones), done);
    if (s->homes)
        output_line(cli->out, "%zu home%s of agents %s, with their sessions", s->homes,
                    plural(s->homes), done);
    if (runs)
        output_line(cli->out, "%zu run%s %s; branches and backups stay", runs, plural(runs), done);
    output_line(cli->out, "%s %s", bytes, s->dry ? "would be freed" : "freed");
    json_array_foreach (s->bundles, i, entry)
        output_line(cli->out, "  what was nowhere else is in %s", json_string_value(entry));
    json_array_foreach (s->kept, i, entry)
        output_line(cli->out, "  kept %s: %s", json_get_string(entry, "path", ""),
                    json_get_string(entry, "why", ""));
}

static int command_gc(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_SESSION session = {0};
    struct runs runs = {0};
    struct sweep s = {.session = &session,
                      .dry = option_flag(values, "dry-run"),
                      .keep = option_int(values, "keep"),
                      .older_days = option_int(values, "older-than"),
                      .removed = json_array(),
                      .kept = json_array(),
                      .bundles = json_array(),
                      .runs = json_array()};

    int r = session_open(&session, f);
    if (r == 0)
        r = runs_list(session.root, &runs, f);
    if (r == 0)
        r = sweep_runs(&s, &runs, f);
    if (r == 0 && option_flag(values, "json"))
        show_json(cli, &s);
    else if (r == 0)
        show(cli, &s);
    runs_free(&runs);
    json_decref(s.removed);
    json_decref(s.kept);
    json_decref(s.bundles);
    json_decref(s.runs);
    return r;
}

static const struct option_row rows[] = {
    {.name = "keep",
     .kind = OPTION_INT,
     .value = "N",
     .min = 1,
     .max = 1000000,
     .help = "remove whole runs that have ended, all but the N newest runs"},
    {.name = "older-than",
     .kind = OPTION_INT,
     .value = "DAYS",
     .min = 1,
     .max = 100000,
     .unit = "days",
     .help = "remove whole runs that ended so long ago"},
    {.name = "dry-run", .help = "remove nothing, say what would go"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_gc_row = {
    .syntax = {.command = "gc", .rows = rows, .count = COUNT_OF(rows)},
    .help = "remove clones, caches and sessions of runs that have ended, losing no work",
    .group = COMMAND_GROUP_KEEP,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_gc,
};
