/* SPDX-License-Identifier: Apache-2.0 */
#include "process/run.h"

#include "folder.h"

#include "process/proc.h"
#include "process/sandbox.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SHELL(script)                 \
    (const char *const[])             \
    {                                 \
        "/bin/sh", "-c", script, NULL \
    }

static struct run_result run(const struct run_spec *spec)
{
    AUTO_FAULT fault = {0};
    struct run_result result;

    cr_assert_eq(run_command(spec, &result, &fault), 0, "%s", fault.message);
    return result;
}

Test(run, hands_back_what_was_said)
{
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL("echo out; echo err >&2; exit 3")});

    cr_expect_str_eq(text_get(&r.out), "out\n");
    cr_expect_str_eq(text_get(&r.err), "err\n");
    cr_expect_eq(r.exit_code, 3);
    cr_expect_eq(r.signal, 0);
    cr_expect_not(r.timed_out);
    cr_expect_not(r.truncated);
}

Test(run, silence_is_an_empty_text)
{
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL(":")});

    cr_expect_str_eq(text_get(&r.out), "");
    cr_expect_eq(r.exit_code, 0);
}

Test(run, names_the_signal)
{
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL("kill -TERM $$")});

    cr_expect_eq(r.exit_code, -1);
    cr_expect_eq(r.signal, SIGTERM);
}

/* More than a pipe holds, both ways at once: neither side may wait for the other. */
Test(run, passes_much_through_in_both_directions)
{
    enum { BYTES = 3 << 20 };
    AUTO_FREE char *input = mem_alloc(BYTES + 1);
    const char *const argv[] = {"cat", NULL};

    memset(input, 'x', BYTES);
    input[BYTES] = '\0';
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = argv, .input = input});
    cr_expect_eq(r.out.length, BYTES);
    cr_expect_eq(memcmp(r.out.data, input, BYTES), 0);
}

Test(run, input_may_hold_nul_bytes)
{
    const char *const argv[] = {"cat", NULL};
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = argv, .input = "a\0b", .input_bytes = 3});

    cr_expect_eq(r.out.length, 3);
    cr_expect_eq(memcmp(r.out.data, "a\0b", 3), 0);
}

/* Writing to it must not end the caller, and the signal must not wait for later either. */
Test(run, a_program_that_does_not_read_is_no_harm)
{
    enum { BYTES = 1 << 20 };
    AUTO_FREE char *input = mem_alloc(BYTES + 1);
    sigset_t pending;

    memset(input, 'x', BYTES);
    input[BYTES] = '\0';
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL("exec <&-; exit 2"), .input = input});
    cr_expect_eq(r.exit_code, 2);
    cr_assert_eq(sigpending(&pending), 0);
    cr_expect_not(sigismember(&pending, SIGPIPE));
}

Test(run, without_input_it_reads_nothing)
{
    const char *const argv[] = {"cat", NULL};
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = argv});

    cr_expect_eq(r.out.length, 0);
    cr_expect_eq(r.exit_code, 0);
}

Test(run, outputs_are_bounded)
{
    AUTO_RUN_RESULT r = run(&(struct run_spec){
        .argv = SHELL("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; echo end"),
        .stdout_max_bytes = 1000,
        .stderr_max_bytes = 10});

    cr_expect_eq(r.out.length, 1000);
    cr_expect_eq(r.err.length, 10);
    cr_expect(r.truncated);
    cr_expect_eq(r.exit_code, 0, "it is not disturbed");
}

Test(run, what_just_fits_is_not_truncated)
{
    AUTO_RUN_RESULT r =
        run(&(struct run_spec){.argv = SHELL("printf 1234"), .stdout_max_bytes = 4});

    cr_expect_str_eq(text_get(&r.out), "1234");
    cr_expect_not(r.truncated);
}

Test(run, time_ends_it_and_its_group)
{
    char *folder = folder_make();
    AUTO_RUN_RESULT r = run(&(struct run_spec){
        .argv = SHELL("trap '' TERM; sleep 1000 & echo $! > pid; echo said; wait; sleep 1000"),
        .cwd = folder,
        .limit_ms = 1000});
    const char *pid_text = folder_read(folder, "pid");
    struct proc_stat stat;
    int64_t pid;

    cr_expect(r.timed_out);
    cr_expect_eq(r.signal, SIGKILL);
    cr_expect_str_eq(text_get(&r.out), "said\n");
    AUTO_FREE char *digits = mem_string_n(pid_text, strcspn(pid_text, "\n"));
    cr_assert(text_to_int64(digits, 1, INT32_MAX, &pid));
    for (int i = 0; i < 1000 && proc_stat_read((pid_t)pid, &stat) == 0 && !stat.dead; i++)
        (void)poll(NULL, 0, 10);
    cr_expect(proc_stat_read((pid_t)pid, &stat) < 0 || stat.dead, "its child lives on");
    folder_remove(folder);
}

Test(run, a_flood_does_not_hide_that_the_time_is_over)
{
    const char *const argv[] = {"yes", NULL};
    AUTO_RUN_RESULT r =
        run(&(struct run_spec){.argv = argv, .limit_ms = 100, .stdout_max_bytes = 100});

    cr_expect(r.timed_out);
    cr_expect(r.truncated);
}

/* The end of the program counts, not the end of the pipe that a descendant may hold. */
Test(run, a_descendant_that_holds_the_pipe_holds_nothing_up)
{
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL("setsid sleep 3 & echo said; exit 4"),
                                               .limit_ms = 60 * 1000});

    cr_expect_eq(r.exit_code, 4);
    cr_expect_str_eq(text_get(&r.out), "said\n");
}

Test(run, uses_the_environment_and_the_folder_that_it_is_given)
{
    const char *const envp[] = {"PATH=/usr/bin:/bin", "A=1", NULL};
    const char *const argv[] = {"sh", "-c", "echo $A; pwd", NULL};
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = argv, .envp = envp, .cwd = "/usr"});

    cr_expect_str_eq(text_get(&r.out), "1\n/usr\n");
}

/* A caller may have lost its standard streams; the pipes then have their numbers. */
Test(run, works_without_standard_streams_of_the_caller)
{
    int kept = fcntl(2, F_DUPFD_CLOEXEC, 10);
    for (int fd = 0; fd <= 2; fd++)
        (void)close(fd);
    AUTO_RUN_RESULT r = run(&(struct run_spec){
        .argv = SHELL("cat; echo err >&2; ls /proc/self/fd | wc -l"), .input = "in\n"});
    (void)dup2(kept, 2);

    cr_expect_str_eq(text_get(&r.out), "in\n4\n");
    cr_expect_str_eq(text_get(&r.err), "err\n");
}

Test(run, leaves_no_descriptor_and_no_child_behind)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(before);
    for (int i = 0; i < 5; i++) {
        AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL("cat"), .input = "x"});
        cr_expect_eq(r.exit_code, 0);
    }
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct proc_list children = {0};

    cr_expect_eq(after, before);
    cr_assert_eq(proc_children(getpid(), &children), 0);
    cr_expect_eq(children.count, 0);
    (void)close(after);
}

Test(run, says_what_could_not_be_started)
{
    static const struct {
        const char *program, *cwd;
        int code;
        const char *message;
    } cases[] = {
        {"no-such-program", NULL, FAULT_NOT_FOUND, "there is no program 'no-such-program'"},
        {"/no/such/program", NULL, FAULT_NOT_FOUND, "there is no program '/no/such/program'"},
        {"/etc/passwd", NULL, FAULT_SYSTEM,
         "cannot run '/etc/passwd': cannot execute the program: Permission denied"},
        {"true", "/no/such", FAULT_SYSTEM,
         "cannot run 'true': cannot enter its folder: No such file or directory"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT fault = {0};
        const char *const argv[] = {cases[i].program, NULL};
        struct run_spec spec = {.argv = argv, .cwd = cases[i].cwd};
        struct run_result result;
        cr_expect_eq(run_command(&spec, &result, &fault), -cases[i].code);
        cr_expect_str_eq(fault.message, cases[i].message);
    }
}

Test(run, check_takes_anything_but_success_for_a_fault)
{
    static const struct {
        const char *script, *message;
    } cases[] = {
        {"exit 0", NULL},
        {"echo first >&2; echo last >&2; echo >&2; exit 3", "'sh' ended with 3: last"},
        {"exit 4", "'sh' ended with 4"},
        {"kill -KILL $$", "'sh' was ended by signal 9"},
        {"sleep 1000", "'sh' took longer than it may"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT fault = {0};
        const char *const argv[] = {"sh", "-c", cases[i].script, NULL};
        struct run_spec spec = {.argv = argv, .limit_ms = i + 1 == COUNT_OF(cases) ? 50 : 0};
        AUTO_RUN_RESULT r = run(&spec);
        int code = cases[i].message ? -FAULT_GIT : 0;
        cr_expect_eq(run_check(&spec, &r, FAULT_GIT, &fault), code);
        cr_expect_str_eq(fault.message ? fault.message : "",
                         cases[i].message ? cases[i].message : "");
    }
}

Test(run, in_a_sandbox_writes_where_it_may)
{
    static const char *const writable[] = {"/dev/shm"};
    const struct sandbox box = {.writable = writable, .writable_count = 1};
    AUTO_FREE char *script =
        text_format("echo a >/dev/shm/kelp-run-%d && rm /dev/shm/kelp-run-%d && echo in; "
                    "echo a >/tmp/kelp-run-%d || echo kept out; rm -f /tmp/kelp-run-%d",
                    getpid(), getpid(), getpid(), getpid());

    if (sandbox_landlock_version() == 0)
        cr_skip("the kernel has no Landlock");
    AUTO_RUN_RESULT r = run(&(struct run_spec){.argv = SHELL(script), .sandbox = &box});
    cr_expect_str_eq(text_get(&r.out), "in\nkept out\n");
}
