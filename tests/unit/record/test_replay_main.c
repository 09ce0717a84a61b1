/* SPDX-License-Identifier: Apache-2.0 */
/* kelp-replay as a program: what it does with one recorded attempt. */
#include "process/run.h"
#include "temp_dir.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

TestSuite(replay_main);

struct stage {
    char *dir, *attempt, *work, *result;
};

static void put(const char *dir, const char *name, const char *content)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(path, content, strlen(content), 0600, &f), 0, "%s", f.message);
}

static struct stage begin(const char *play)
{
    struct stage s = {.dir = temp_dir_new()};
    AUTO_FAULT f = {0};

    s.attempt = os_path(s.dir, "attempt");
    s.work = os_path(s.dir, "work");
    s.result = os_path(s.dir, "result.json");
    cr_assert_eq(os_make_dirs(s.attempt, 0700, &f), 0);
    cr_assert_eq(os_make_dirs(s.work, 0700, &f), 0);
    put(s.attempt, "play.json", play);
    return s;
}

static void end(struct stage *s)
{
    temp_dir_remove(&s->dir);
    free(s->attempt);
    free(s->work);
    free(s->result);
}

static struct run_result play(const struct stage *s)
{
    AUTO_FREE char *program = os_path(getenv("KELP_TEST_BUILD"), "kelp-replay");
    const char *const argv[] = {program, s->attempt, NULL};
    struct run_result result = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(setenv("KELP_RESULT", s->result, 1), 0);
    cr_assert_eq(run_command(&(struct run_spec){.argv = argv, .cwd = s->work}, &result, &f), 0,
                 "%s", f.message);
    return result;
}

static const struct {
    const char *play;
    int exit_code, signal;
} ends[] = {
    {"{}", 0, 0},
    {"{\"exit\": 3}", 3, 0},
    {"{\"exit\": 255, \"signal\": 0}", 255, 0},
    {"{\"exit\": -1, \"signal\": 11}", -1, SIGSEGV},
    {"{\"exit\": -1, \"signal\": 15}", -1, SIGTERM},
    {"{\"exit\": -1, \"signal\": 0}", -1, SIGKILL},
    {"{\"exit\": -1, \"signal\": 17}", -1, SIGKILL}, /* SIGCHLD ends nothing */
    {"{\"exit\": 65536}", 0, 0},
};

Test(replay_main, ends_as_the_attempt_ended)
{
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct stage s = begin(ends[i].play);
        AUTO_RUN_RESULT result = play(&s);
        cr_expect_eq(result.exit_code, ends[i].exit_code, "%s: %d", ends[i].play, result.exit_code);
        cr_expect_eq(result.signal, ends[i].signal, "%s: %d", ends[i].play, result.signal);
        end(&s);
    }
}

#define PATCH                                                                  \
    "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n" \
    "@@ -0,0 +1 @@\n+hello\n"

Test(replay_main, changes_prints_and_leaves_the_result)
{
    struct stage s = begin("{\"exit\": 0}");
    AUTO_FREE char *made = os_path(s.work, "new");
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    put(s.attempt, "stdout", "line\nrest");
    put(s.attempt, "stderr", "trouble\n");
    put(s.attempt, "result.json", "{\"status\": \"ok\"}");
    put(s.attempt, "change.patch", PATCH);
    AUTO_RUN_RESULT result = play(&s);
    cr_expect_eq(result.exit_code, 0, "%s", text_get(&result.err));
    cr_expect_str_eq(text_get(&result.out), "line\nrest");
    cr_expect_str_eq(text_get(&result.err), "trouble\n");
    cr_assert_eq(os_read_file(made, 100, &text, &f), 0);
    cr_expect_str_eq(text_get(&text), "hello\n");
    text_clear(&text);
    cr_assert_eq(os_read_file(s.result, 100, &text, &f), 0);
    cr_expect_str_eq(text_get(&text), "{\"status\": \"ok\"}");
    end(&s);
}

Test(replay_main, in_real_time_it_prints_the_same)
{
    struct stage s = begin("{\"exit\": 0, \"duration_ms\": 30}");
    AUTO_FREE char *program = os_path(getenv("KELP_TEST_BUILD"), "kelp-replay");
    const char *const argv[] = {program, s.attempt, "--real-time", NULL};
    AUTO_RUN_RESULT result = {0};
    AUTO_FAULT f = {0};

    put(s.attempt, "stdout", "one\ntwo\n\nrest");
    cr_assert_eq(run_command(&(struct run_spec){.argv = argv, .cwd = s.work}, &result, &f), 0);
    cr_expect_str_eq(text_get(&result.out), "one\ntwo\n\nrest");
    cr_expect_eq(result.exit_code, 0);
    end(&s);
}

/* What is recorded as a success must not be read as one. */
Test(replay_main, a_change_that_does_not_fit_prints_nothing)
{
    struct stage s = begin("{\"exit\": 0}");

    put(s.attempt, "stdout", "success\n");
    put(s.attempt, "change.patch",
        "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n");
    AUTO_RUN_RESULT result = play(&s);
    cr_expect_neq(result.exit_code, 0);
    cr_expect_str_eq(text_get(&result.out), "");
    cr_expect_not_null(strstr(text_get(&result.err), "does not apply"), "%s",
                       text_get(&result.err));
    cr_expect_not(os_exists(s.result));
    end(&s);
}

static const char *const hostile[] = {
    "diff --git a/../out b/../out\nnew file mode 100644\n--- /dev/null\n+++ b/../out\n"
    "@@ -0,0 +1 @@\n+hello\n",
    "diff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n"
    "@@ -0,0 +1 @@\n+..\n\\ No newline at end of file\n"
    "diff --git a/link/out b/link/out\nnew file mode 100644\n--- /dev/null\n+++ b/link/out\n"
    "@@ -0,0 +1 @@\n+hello\n",
};

Test(replay_main, a_change_stays_in_its_folder)
{
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct stage s = begin("{\"exit\": 0}");
        AUTO_FREE char *out = os_path(s.dir, "out");
        put(s.attempt, "change.patch", hostile[i]);
        AUTO_RUN_RESULT result = play(&s);
        cr_expect_neq(result.exit_code, 0, "patch %zu", i);
        cr_expect_not(os_exists(out), "patch %zu", i);
        end(&s);
    }
}

Test(replay_main, without_an_attempt_it_says_so)
{
    struct stage s = begin("{");
    AUTO_RUN_RESULT result = play(&s);

    cr_expect_neq(result.exit_code, 0);
    cr_expect_not_null(strstr(text_get(&result.err), "play.json"), "%s", text_get(&result.err));
    end(&s);
}
