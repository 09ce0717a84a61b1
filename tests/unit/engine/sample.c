/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "agent/kelp_stream.h"

#include <criterion/criterion.h>

static int prepare(const struct driver *d, const struct driver_request *q, struct arena *a,
                   struct driver_launch *ret, struct fault *f)
{
    const char **argv = arena_array(a, 4, sizeof *argv);
    const char **set = arena_array(a, 2, sizeof *set);
    const char **pass = arena_array(a, 3, sizeof *pass);
    const char **writable = arena_array(a, 1, sizeof *writable);
    struct driver_file *files = arena_array(a, 2, sizeof *files);

    (void)d;
    (void)f;
    argv[0] = q->program;
    argv[1] = arena_format(a, "--model=%s", q->model);
    argv[2] = *q->session ? arena_format(a, "--resume=%s", q->session) : NULL;
    set[0] = arena_format(a, "SAMPLE_HOME=%s", q->home);
    set[1] = "TZ=Stub/Zone";
    pass[0] = "SAMPLE_KEY";
    pass[1] = "CLAUDECODE";
    pass[2] = "SAMPLE_UNSET";
    writable[0] = "/dev/shm/sample";
    files[0] = (struct driver_file){.path = arena_format(a, "%s/conf/settings.json", q->home),
                                    .content = "{}\n"};
    files[1] = (struct driver_file){.path = arena_format(a, "%s/auth", q->home),
                                    .target = arena_format(a, "%s/auth.json", q->user_home)};
    *ret = (struct driver_launch){.argv = argv,
                                  .set = {set, 2},
                                  .pass = {pass, 3},
                                  .secrets = {pass, 1},
                                  .writable = {writable, 1},
                                  .files = files,
                                  .file_count = 2,
                                  .prompt_on_stdin = true};
    return 0;
}

static const struct driver driver = {
    .name = "sample",
    .what = "a driver of the tests",
    .can = DRIVER_SESSIONS | DRIVER_SCHEMA,
    .program = "sample",
    .prepare = prepare,
    .reader = &kelp_reader,
};

static const struct roster_entry entries[] = {{.driver = &driver, .program = "/bin/sample"}};
static const char *const names[] = {"sample"};

const struct roster sample_roster = {.at = entries, .count = 1, .names = names};

const char sample_plan[] = "version: 1\n"
                           "task: one\n"
                           "agent: sample\n"
                           "model: m1\n"
                           "research: []\n"
                           "subtasks:\n"
                           "  - title: First part\n"
                           "    mission: mend it all\n"
                           "    waves:\n"
                           "      - agents: [ { role: Dev, prompt: \"write {{exec_id}}\" } ]\n"
                           "      - agents: [ { role: Dev, prompt: \"go on\" } ]\n";

const char *const sample_environ[] = {
    "PATH=/bin",    "HOME=/home/u", "TZ=UTC", "SAMPLE_KEY=hush-hush-hush",
    "CLAUDECODE=1", "OTHER=no",     NULL,
};

uint32_t sample_begin(struct world *w)
{
    AUTO_FAULT f = {0};

    world_begin(w, sample_plan, sample_environ);
    w->e.options.roster = &sample_roster;
    const char *source = getenv("KELP_TEST_SOURCE");
    cr_assert_not_null(source, "KELP_TEST_SOURCE names no folder");
    w->e.options.recipes = arena_format(&w->arena, "%s/recipes", source);
    AUTO_FREE char *results = os_path(w->dir, "context/results");
    cr_assert_eq(os_make_dirs(results, 0700, &f), 0, "%s", f.message);
    return world_until(w, JOB_AGENT);
}
