/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct world w;
static uint32_t job;

static void setup(void)
{
    job = sample_begin(&w);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(agent_start, .init = setup, .fini = teardown);

static struct keeper_spec start(void)
{
    struct keeper_spec spec;
    AUTO_FAULT f = {0};

    cr_assert_eq(agent_spec(&w.e, job, &w.arena, &spec, &f), 0, "%s", f.message);
    return spec;
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

static const char *in_run(const char *path)
{
    return arena_format(&w.arena, "%s/%s", w.dir, path);
}

static const char *prompt_of(const struct keeper_spec *spec)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(spec->stdin_path, 1 << 20, &text, &f), 0, "%s", f.message);
    return arena_string(&w.arena, text_get(&text));
}

Test(agent_start, the_driver_says_what_runs_and_where)
{
    struct keeper_spec spec = start();
    const char *home = in_run("homes/ORG_4729.1-I1");
    struct stat st;

    cr_expect_str_eq(spec.argv[0], "/bin/sample");
    cr_expect_str_eq(spec.argv[1], "--model=m1");
    cr_expect_null(spec.argv[2]);
    cr_expect_str_eq(value_of(&spec, "SAMPLE_HOME"), home);
    cr_assert_eq(stat(home, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0700);
    cr_expect(os_exists(in_run("homes/ORG_4729.1-I1/conf/settings.json")));
}

Test(agent_start, credentials_are_reached_by_a_link_and_not_copied)
{
    char target[100] = "";

    (void)start();
    cr_assert_gt(readlink(in_run("homes/ORG_4729.1-I1/auth"), target, sizeof target - 1), 0);
    cr_expect_str_eq(target, "/home/u/auth.json");
}

Test(agent_start, the_environment_is_the_allow_list_and_what_the_driver_adds)
{
    struct keeper_spec spec = start();
    const char *const cases[][2] = {
        {"PATH", "/bin"},         {"SAMPLE_KEY", "hush-hush-hush"}, {"TZ", "Stub/Zone"},
        {"CLAUDECODE", "(none)"}, {"SAMPLE_UNSET", "(none)"},       {"OTHER", "(none)"},
        {"KELP_ROLE", "Dev"},     {"KELP_INSTANCE", "I1"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_str_eq(value_of(&spec, cases[i][0]), cases[i][1], "%s", cases[i][0]);
}

Test(agent_start, the_sandbox_lets_home_and_the_drivers_paths_be_written)
{
    struct keeper_spec spec = start();
    AUTO_FREE char *dir = path_attempt(&w.e, job);
    const char *const wanted[] = {spec.cwd, dir, in_run("cache"), in_run("homes/ORG_4729.1-I1"),
                                  "/dev/shm/sample"};

    cr_assert_not_null(spec.sandbox);
    cr_assert_eq(spec.sandbox->writable_count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        cr_expect_str_eq(spec.sandbox->writable[i], wanted[i]);
}

Test(agent_start, the_prompt_is_a_file_that_only_the_user_reads)
{
    struct keeper_spec spec = start();
    AUTO_FREE char *dir = path_attempt(&w.e, job);
    const char *prompt = prompt_of(&spec);
    const char *result = arena_format(&w.arena, "%s/result.json", dir);
    struct stat st;

    cr_assert_eq(stat(spec.stdin_path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cr_expect(text_starts(prompt, "[EXEC_ID: ORG_4729.1]"), "%.40s", prompt);
    cr_expect_not_null(strstr(prompt, "write ORG_4729.1"));
    cr_expect_not_null(strstr(prompt, "mend it all"));
    cr_expect_not_null(strstr(prompt, result));
    cr_expect_null(strstr(prompt, "This is attempt"));
}

/* After a crash of the engine a start is asked for again, while the agent may be at work. */
Test(agent_start, again_it_leaves_alone_what_is_there)
{
    struct keeper_spec first = start();
    const char *settings = in_run("homes/ORG_4729.1-I1/conf/settings.json");
    AUTO_FAULT f = {0};
    AUTO_TEXT now = {0};

    cr_assert_eq(os_write_file(settings, "changed", 7, 0600, &f), 0);
    struct keeper_spec again = start();
    cr_expect_str_eq(again.stdin_path, first.stdin_path);
    cr_assert_eq(os_read_file(settings, 100, &now, &f), 0);
    cr_expect_str_eq(text_get(&now), "changed");
}

Test(agent_start, a_later_wave_resumes_the_session_and_a_retry_hears_why)
{
    world_end_job(&w, job,
                  (struct outcome){.usd = -1,
                                   .worked = true,
                                   .tool_calls = 1,
                                   .claim = CLAIM_OK,
                                   .session = "s-1",
                                   .summary = "the first part is there",
                                   .context_tokens = 1000});
    job = world_until(&w, JOB_AGENT);
    struct keeper_spec spec = start();
    cr_assert_not_null(spec.argv[2]);
    cr_expect_str_eq(spec.argv[2], "--resume=s-1");
    cr_expect_not_null(strstr(prompt_of(&spec), "- I1 Dev: the first part is there"));
}

Test(agent_start, the_first_session_being_full_another_takes_over)
{
    world_end_job(&w, job,
                  (struct outcome){.usd = -1,
                                   .worked = true,
                                   .tool_calls = 1,
                                   .claim = CLAIM_OK,
                                   .session = "s-1",
                                   .summary = "the first part is there",
                                   .context_tokens = 90000,
                                   .context_window = 100000});
    job = world_until(&w, JOB_AGENT);
    struct keeper_spec spec = start();
    cr_expect_null(spec.argv[2]);
    cr_expect_not_null(strstr(prompt_of(&spec), "You take over from an earlier session"));
}
