/* SPDX-License-Identifier: Apache-2.0 */
/* kelp replay: a recorded run once more, with no agent and no token, and whether it came out the
 * same. */
#include "record/recording.h"

#include "base/os.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/drivers.h"
#include "cli/execute.h"
#include "cli/inside.h"
#include "cli/intake.h"
#include "cli/output.h"
#include "git/git.h"
#include "journal/runs.h"
#include "plan/defaults.h"
#include "record/collect.h"
#include "record/container.h"
#include "record/outline.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "recording" /* of the recording, in the run's folder */

struct replay {
    struct cli *cli;
    const struct option_values *values;
    struct session s;
    struct arena arena;
    struct recording recording;
    struct roster roster;
    uint32_t number;
};

static int no_base(const struct replay *x, struct fault *f)
{
    int r = fault_set(f, FAULT_ENVIRONMENT,
                      "this repository does not have '%s', from which '%s' "
                      "began",
                      x->recording.base, x->recording.run);

    fault_hint(f, "fetch that commit, or record the run with `kelp record --with-base`");
    return r;
}

/* From the recording into the repository, under a ref that names it. */
static int fetch_base(const struct replay *x, const char *dir, struct fault *f)
{
    AUTO_FREE char *bundle = os_path(dir, "base.bundle");
    AUTO_FREE char *refs = text_format("+refs/kelp/base/%s:refs/kelp/recorded/%s", x->recording.run,
                                       x->recording.base);
    const struct git user = {.cwd = x->s.root};

    int r = recording_bundle(&x->recording, bundle, f);
    if (r == -FAULT_NOT_FOUND) {
        fault_clear(f);
        return no_base(x, f);
    }
    return r < 0 ? r
                 : git_run(&user,
                           GIT_ARGS("-c", "fetch.fsckObjects=true", "fetch", "-q", "--no-tags",
                                    bundle, refs),
                           NULL, f);
}

static int need_base(const struct replay *x, struct fault *f)
{
    const struct git user = {.cwd = x->s.root};
    const char *parent = getenv("TMPDIR");
    AUTO_FREE char *found = NULL;

    int r = git_commit_or_null(&user, x->recording.base, &found, f);
    if (r < 0 || found)
        return r;
    AUTO_FREE char *dir = text_format("%s/kelp-replay-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(dir))
        return fault_system(f, errno, "cannot make a folder '%s'", dir);
    r = fetch_base(x, dir, f);
    AUTO_FAULT ignored = {0};
    (void)!os_remove_tree(dir, &ignored); /* a temporary folder */
    if (r == 0)
        r = git_commit_or_null(&user, x->recording.base, &found, f);
    return r == 0 && !found ? no_base(x, f) : r;
}

/* The recorded one, in this repository. Nothing of a replay lands or is pushed by itself. */
static void fill_request(struct replay *x, struct plan *plan, struct run_request *ret)
{
    const struct repo_info *info = &x->s.repo;
    const char *land = option_text(x->values, "land");

    *plan = *x->recording.request.plan;
    plan->land = LAND_NONE;
    plan->push = PUSH_NEVER;
    for (int i = 0; land && intake_lands[i]; i++)
        if (strcmp(intake_lands[i], land) == 0)
            plan->land = (enum plan_land)i;
    *ret = x->recording.request;
    ret->plan = plan;
    ret->replay = FOLDER;
    ret->base_worktree = false;
    ret->in_repository = true;
    ret->head = info->head ? info->head : "";
    ret->branch = info->branch ? info->branch : "";
    ret->upstream = info->upstream ? info->upstream : "";
    ret->remote = info->remote ? info->remote : "";
    ret->ahead = info->ahead;
}

static struct execute_options options_of(const struct replay *x)
{
    return (struct execute_options){.yes = option_flag(x->values, "yes"),
                                    .json = option_flag(x->values, "json"),
                                    .quiet = option_flag(x->values, "quiet"),
                                    .no_contain = option_flag(x->values, "no-contain"),
                                    .roster = &x->roster};
}

/* A run that had stopped because of a provider was taken up again by somebody, and so is this. */
static int take_up(struct replay *x, const char *dir, struct fault *f)
{
    const struct execute_options o = options_of(x);
    const struct event again = {.kind = EVENT_RESUMED};
    unsigned stops = recording_stops(&x->recording);
    int r = EXIT_ENVIRONMENT;

    while (r == EXIT_ENVIRONMENT && stops--) {
        struct journal *j = NULL;
        r = journal_open(dir, JOURNAL_WRITE, &j, f);
        if (r == 0)
            r = execute_run(x->cli, &x->s, &(struct execute_target){dir, j, &again}, &o, f);
        journal_close(j);
    }
    return r;
}

static int play(struct replay *x, struct fault *f)
{
    const struct execute_options o = options_of(x);
    AUTO_FREE char *dir = NULL;
    struct run_request request;
    struct plan plan;
    struct journal *j = NULL;
    const struct event first = {.kind = EVENT_RUN_REQUESTED, .request = &request};

    fill_request(x, &plan, &request);
    int r = runs_take(x->s.root, &request.number, &dir, f);
    if (r < 0)
        return r;
    x->number = request.number;
    AUTO_FREE char *folder = os_path(dir, FOLDER);
    output_line(x->cli->err, "ORG_%u replays %s", request.number, x->recording.run);
    r = recording_unpack(&x->recording, folder, option_flag(x->values, "real-time"), f);
    if (r == 0)
        r = journal_create(dir, &j, f);
    if (r == 0)
        r = execute_run(x->cli, &x->s, &(struct execute_target){dir, j, &first}, &o, f);
    journal_close(j);
    return r == EXIT_ENVIRONMENT ? take_up(x, dir, f) : r;
}

static char *value_text(const json_t *value)
{
    return json_is_string(value) ? mem_string(json_string_value(value)) : json_text(value, 0);
}

static void show(const struct replay *x, json_t *differences)
{
    bool same = !json_array_size(differences);
    json_t *difference;
    size_t i;

    if (option_flag(x->values, "json")) {
        AUTO_FREE char *run = text_format("ORG_%u", x->number);
        json_auto_t *line =
            json_pack("{s:s, s:s, s:s, s:b, s:O}", "event", "compared", "run", run, "recorded",
                      x->recording.run, "same", same, "differences", differences);
        output_json_line(x->cli, line);
        return;
    }
    if (same)
        output_line(x->cli->out, "ORG_%u is the same as %s", x->number, x->recording.run);
    else
        output_line(x->cli->out, "ORG_%u differs from %s:", x->number, x->recording.run);
    json_array_foreach (differences, i, difference) {
        AUTO_FREE char *recorded = value_text(json_object_get(difference, "recorded"));
        AUTO_FREE char *replayed = value_text(json_object_get(difference, "replayed"));
        output_line(x->cli->out, "  %s: recorded %s, replayed %s",
                    json_get_string(difference, "where", ""), recorded, replayed);
    }
}

static int compare(const struct replay *x, struct fault *f)
{
    AUTO_LOADED l = {0};
    AUTO_FREE char *tree = NULL;

    int r = loaded_open(&x->s, x->number, &l, f);
    if (r == 0 && l.tree->refused)
        return EXIT_NOTHING;
    if (r == 0)
        r = collect_result_tree(l.tree, x->s.root, &tree, f);
    if (r < 0)
        return r;
    json_auto_t *report =
        report_build(l.tree, &(struct report_facts){.run_dir = l.dir, .now_ms = l.tree->now_ms});
    json_auto_t *outline = outline_of(report, tree);
    json_auto_t *differences = outline_compare(x->recording.outline, outline);
    show(x, differences);
    return json_array_size(differences) ? EXIT_NOTHING : EXIT_DONE;
}

static int prepare(struct replay *x, struct fault *f)
{
    size_t count;
    const char *const *words = option_words(x->values, &count);

    int r = session_open(&x->s, f);
    if (r == 0)
        r = recording_read(words[0], &x->arena, &x->recording, f);
    if (r == 0)
        r = need_base(x, f);
    if (r == 0)
        r = drivers_load(&x->s, &x->arena, &x->roster, f);
    if (r == 0)
        r = plan_check_agents(x->recording.request.plan, x->roster.names, x->roster.count, f);
    if (r == 0 && !option_flag(x->values, "yes") && !x->cli->interactive) {
        r = fault_set(f, FAULT_USAGE, "nobody is there to confirm the plan");
        fault_hint(f, "the plan's own commands are run again: `--yes` goes ahead");
    }
    return r;
}

/* A replay that was interrupted and has been gone on with. Its folder has the recording. */
static int take_outline(struct replay *x, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(x->s.root, x->number);
    AUTO_FREE char *path = text_format("%s/" FOLDER "/" RECORDING_MANIFEST, dir);
    struct recording *r = &x->recording;

    if (!os_exists(path))
        return fault_set(f, FAULT_REFUSED, "ORG_%u is no replay", x->number);
    int status = json_read_file(path, CONTAINER_BYTES_MAX, &r->manifest, f);
    if (status < 0)
        return status;
    r->run = json_get_string(r->manifest, "run", "?");
    r->outline = json_object_get(r->manifest, "outline");
    return 0;
}

static int compare_only(struct replay *x, const char *word, struct fault *f)
{
    struct exec_id id;

    int r = session_open(&x->s, f);
    if (r == 0)
        r = session_find_run(&x->s, word, &id, f);
    if (r < 0)
        return r;
    x->number = id.root;
    r = take_outline(x, f);
    return r < 0 ? r : compare(x, f);
}

static int replay_file(struct replay *x, struct fault *f)
{
    int r = prepare(x, f);

    if (r == 0)
        r = play(x, f);
    return r < 0 || r == EXIT_INTERRUPTED ? r : compare(x, f);
}

static bool is_run(const char *word)
{
    AUTO_FAULT ignored = {0};
    struct exec_id id;

    return exec_id_parse(word, &id, &ignored) == 0 && !os_exists(word);
}

static int command_replay(struct cli *cli, const struct option_values *values, struct fault *f)
{
    struct replay x = {.cli = cli, .values = values};
    size_t count;
    const char *word = option_words(values, &count)[0];

    if (inside_agent())
        return fault_set(f, FAULT_REFUSED, "an agent can't replay a run");
    int r = is_run(word) ? compare_only(&x, word, f) : replay_file(&x, f);
    recording_free(&x.recording);
    arena_free(&x.arena);
    session_close(&x.s);
    return r;
}

static const struct option_row rows[] = {
    {.name = "land",
     .kind = OPTION_CHOICE,
     .value = "HOW",
     .choices = intake_lands,
     .help = "what happens to your branch; otherwise nothing"},
    {.name = "real-time", .help = "take as long as the recorded attempts and waits took"},
    {.name = "yes", .letter = 'y', .help = "ask nothing"},
    {.name = "json", .help = "print one event a line, and the comparison last"},
    {.name = "quiet", .letter = 'q', .help = "show no progress"},
    {.name = "no-contain",
     .help = "run commands without sandbox and control groups (only processes are contained)"},
};

const struct command_row command_replay_row = {
    .syntax = {.command = "replay",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "FILE | ID",
               .words_min = 1,
               .words_max = 1},
    .help = "replay a recorded run without agents and compare",
    .group = COMMAND_GROUP_LOOK,
    .exits = EXITS_PRINT | EXITS_NOTHING | EXITS_INTERRUPTED,
    .run = command_replay,
};
