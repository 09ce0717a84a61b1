/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <criterion/criterion.h>

static const char plan[] = "version: 1\n"
                           "task: one\n"
                           "research: []\n"
                           "environment: [FROM_PLAN, CLAUDECODE]\n"
                           "subtasks:\n"
                           "  - title: one\n"
                           "    steps: [ { id: a, role: A, run: x } ]\n";

static const char *const given[] = {
    "PATH=/bin",       "HOME=/home/u",    "HOMEWARD=no",      "LC_TIME=C",    "LC=no",
    "SECRET=hush",     "PATHS=no",        "FROM_PLAN=yes",    "TZ=",          "LD_PRELOAD=no",
    "KELP_RESULT=no",  "GIT_DIR=no",      "FROM_PLANNER=no",  "no_equals",    "BASH_FUNC_x%%=()",
    "HTTP_PROXY=http", "XDG_CACHE_HOME=", "SSH_AUTH_SOCK=/s", "CLAUDECODE=1", NULL,
};

static const char *const passed[] = {
    "PATH=/bin", "HOME=/home/u",    "LC_TIME=C",        "FROM_PLAN=yes",
    "TZ=",       "HTTP_PROXY=http", "SSH_AUTH_SOCK=/s",
};

Test(environment, only_what_is_listed_passes)
{
    struct world w;

    world_begin(&w, plan, given);
    (void)world_until(&w, JOB_AGENT);
    environment_init(&w.e);
    environment_init(&w.e);
    cr_assert_eq(w.e.base_env_count, COUNT_OF(passed));
    for (size_t i = 0; i < COUNT_OF(passed); i++)
        cr_expect_str_eq(w.e.base_env[i], passed[i]);
    world_end(&w);
}

static const char *value_of(const struct keeper_spec *spec, const char *name)
{
    size_t length = strlen(name);
    const char *found = NULL;

    for (size_t i = 0; spec->envp[i]; i++)
        if (strncmp(spec->envp[i], name, length) == 0 && spec->envp[i][length] == '=') {
            cr_expect_null(found, "'%s' is there twice", name);
            found = spec->envp[i] + length + 1;
        }
    return found ? found : "(none)";
}

Test(environment, of_an_attempt_says_who_it_is)
{
    struct world w;
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct keeper_spec spec;

    world_begin(&w, plan, given);
    uint32_t job = world_until(&w, JOB_AGENT);
    cr_assert_eq(command_spec(&w.e, job, &a, &spec, &f), 0, "%s", f.message);
    AUTO_FREE char *dir = path_attempt(&w.e, job);
    const char *const cases[][2] = {
        {"KELP_RUN", "ORG_4729"},
        {"KELP_EXEC_ID", "ORG_4729.1"},
        {"KELP_DEPTH", "1"},
        {"KELP_WAVE", "1"},
        {"KELP_INSTANCE", "I1"},
        {"KELP_ROLE", "A"},
        {"KELP_ATTEMPT", "1"},
        {"KELP_ITEM", ""},
        {"KELP_RESULT", arena_format(&a, "%s/result.json", dir)},
        {"KELP_CONTEXT", arena_format(&a, "%s/context", w.dir)},
        {"KELP_SOCKET", arena_format(&a, "%s/engine.sock", w.dir)},
        {"TMPDIR", arena_format(&a, "%s/tmp", dir)},
        {"XDG_CACHE_HOME", arena_format(&a, "%s/cache/xdg", w.dir)},
        {"SECRET", "(none)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(value_of(&spec, cases[i][0]), cases[i][1]);
    cr_expect_str_eq(spec.argv[0], "x");
    cr_assert_not_null(spec.sandbox);
    cr_expect_str_eq(spec.sandbox->writable[0], spec.cwd);
    world_end(&w);
}
