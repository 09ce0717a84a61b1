/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ask.h"

#include "process/sandbox.h"
#include "sample.h"
#include "temp_dir.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT(s) "echo '{\"type\":\"text\",\"text\":\"'" s "'\"}'\n"
#define END "echo '{\"type\":\"end\",\"status\":\"ok\"}'\n"

static const struct {
    const char *script, *text; /* what it said; NULL: a fault */
    enum attempt_error error;
    const char *message; /* of the error or the fault */
} questions[] = {
    {"read line\n" TEXT("\"$line\"") END, "the question", ERROR_NONE, ""},
    {TEXT("$1") END, "--model=m", ERROR_NONE, ""},
    {TEXT("$2") END, "--more", ERROR_NONE, ""},
    {TEXT("$SAMPLE_KEY/$OWN/$CLAUDECODE/$NOT_LISTED/$TZ") END, "k/o///Stub/Zone", ERROR_NONE, ""},
    {TEXT("$(cat $SAMPLE_HOME/conf/settings.json)") END, "{}", ERROR_NONE, ""},
    {TEXT("half"), "half", ERROR_CRASH, "its output ended before its last word"},
    {"echo '{\"type\":\"error\",\"error\":\"auth\",\"message\":\"no key\"}'\nexit 1\n", "",
     ERROR_AUTH, "no key"},
    {"exec sleep 60\n", NULL, ERROR_NONE, "'sample' did not answer within 1 s"},
};

static const char *const user[] = {
    "PATH=/usr/bin:/bin", "HOME=/nonexistent", "SAMPLE_KEY=k",     "OWN=o",
    "CLAUDECODE=1",       "NOT_LISTED=x",      "TZ=Europe/Berlin", NULL,
};

Test(ask, one_question)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *program = os_path(dir, "program");
    static const char *more[] = {"--more"}, *names[] = {"OWN", "CLAUDECODE"};
    const struct config_driver own = {
        .name = "sample", .args = {more, 1}, .environment = {names, 2}};
    const struct plan_settings settings = {.agent = "sample", .model = "m", .base_url = ""};
    const struct roster_entry entry = {.driver = sample_roster.at[0].driver, .program = program};
    const struct ask q = {.agent = &entry,
                          .own = &own,
                          .settings = &settings,
                          .prompt = "the question\n",
                          .environ = user,
                          .limit_ms = 1000};

    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        AUTO_FREE char *script = text_format("#!/bin/sh\n%s", questions[i].script);
        AUTO_FAULT f = {0};
        AUTO_READING r = {0};
        cr_assert_eq(os_write_file(program, script, strlen(script), 0700, &f), 0);
        struct ask patient = q;
        patient.limit_ms = questions[i].text ? 30000 : 1000;
        int code = ask_agent(&patient, &r, &f);
        cr_expect_eq(code, questions[i].text ? 0 : -FAULT_LIMIT, "row %zu: %s", i, f.message);
        cr_expect_str_eq(code < 0 ? f.message : text_get(&r.message), questions[i].message);
        cr_expect_eq(r.error, questions[i].error, "row %zu", i);
        cr_expect_str_eq(text_get(&r.text), questions[i].text ? questions[i].text : "");
    }
}

/* It can write where it works, and not beside; nothing of it is left. */
Test(ask, is_kept_in)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *program = os_path(dir, "program");
    AUTO_FREE char *work = os_path(dir, "work"), *left = os_path(dir, "left");
    AUTO_FREE char *temporary = text_format("TMPDIR=%s", left);
    const char *const environ_here[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", temporary, NULL};
    AUTO_FREE char *script = text_format("#!/bin/sh\necho a > made\necho a > $TMPDIR/x\n"
                                         "echo a > %s/beside 2>/dev/null\n" END,
                                         dir);
    AUTO_FREE char *made = os_path(work, "made"), *beside = os_path(dir, "beside");
    const struct plan_settings settings = {.agent = "sample", .model = "", .base_url = ""};
    const struct roster_entry entry = {.driver = sample_roster.at[0].driver, .program = program};
    const struct ask q = {.agent = &entry,
                          .settings = &settings,
                          .prompt = "",
                          .work = work,
                          .environ = environ_here,
                          .sandbox = true};
    AUTO_FAULT f = {0};
    AUTO_READING r = {0};

    if (sandbox_landlock_version() == 0)
        cr_skip("the kernel has no Landlock");
    cr_assert_eq(os_make_dirs(work, 0700, &f), 0);
    cr_assert_eq(os_make_dirs(left, 0700, &f), 0);
    cr_assert_eq(os_write_file(program, script, strlen(script), 0700, &f), 0);
    cr_assert_eq(ask_agent(&q, &r, &f), 0, "%s", f.message);
    cr_expect_eq(r.error, ERROR_NONE, "%s", text_get(&r.message));
    cr_expect(os_exists(made));
    cr_expect_not(os_exists(beside));
    cr_expect_eq(rmdir(left), 0, "something is left in '%s'", left);
}

/* In a process of its own: the agent ends that one, as a user would who has waited enough. */
static pid_t ask_and_be_ended(const struct ask *q)
{
    pid_t asker = fork();

    if (asker == 0) {
        AUTO_FAULT f = {0};
        AUTO_READING r = {0};
        (void)!ask_agent(q, &r, &f);
        _exit(1);
    }
    return asker;
}

/* Neither the agent nor its folder outlives who asked. */
Test(ask, ends_with_who_asked)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *program = os_path(dir, "program"), *pid_path = os_path(dir, "pid");
    AUTO_FREE char *left = os_path(dir, "left");
    AUTO_FREE char *temporary = text_format("TMPDIR=%s", left);
    const char *const environ_here[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", temporary, NULL};
    AUTO_FREE char *script =
        text_format("#!/bin/sh\necho $$ > %s\nkill -INT $PPID\nexec sleep 60\n", pid_path);
    const struct plan_settings settings = {.agent = "sample", .model = "", .base_url = ""};
    const struct roster_entry entry = {.driver = sample_roster.at[0].driver, .program = program};
    const struct ask q = {
        .agent = &entry, .settings = &settings, .prompt = "", .environ = environ_here};
    AUTO_TEXT pid = {0};
    AUTO_FAULT f = {0};
    int64_t number;
    int status;

    cr_assert_eq(os_make_dirs(left, 0700, &f), 0);
    cr_assert_eq(os_write_file(program, script, strlen(script), 0700, &f), 0);
    pid_t asker = ask_and_be_ended(&q);
    cr_assert_eq(waitpid(asker, &status, 0), asker);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT, "status %x", (unsigned)status);
    cr_expect_eq(rmdir(left), 0, "something is left in '%s'", left);
    cr_assert_eq(os_read_file(pid_path, 64, &pid, &f), 0);
    text_cut(&pid, pid.length - 1);
    cr_assert(text_to_int64(text_get(&pid), 1, INT32_MAX, &number));
    cr_expect_eq(kill((pid_t)number, 0), -1, "the agent goes on");
}
