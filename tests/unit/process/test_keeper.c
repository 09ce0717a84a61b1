/* SPDX-License-Identifier: Apache-2.0 */
#include "process/keeper.h"

#include "folder.h"
#include "hold.h"

#include "base/os.h"
#include "process/proc.h"
#include "process/spawn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct hold hold;

static void setup(void)
{
    hold_open(&hold, NULL);
}

static void teardown(void)
{
    hold_close(&hold);
}

TestSuite(keeper, .init = setup, .fini = teardown);

Test(keeper, reports_start_and_end)
{
    hold_start(&hold, "a", "echo out; echo err >&2; exit 7");
    struct keeper_event started = hold_await(&hold, "a", KEEPER_STARTED);
    struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);

    cr_expect_gt(started.pid, 0);
    cr_expect_gt(started.start_ticks, 0);
    cr_expect_gt(started.at_ms, 1600000000000);
    cr_expect_eq(ended.pid, started.pid);
    cr_expect_eq(ended.start_ticks, started.start_ticks);
    cr_expect_eq(ended.exit_code, 7);
    cr_expect_eq(ended.signal, 0);
    cr_expect_eq(ended.survivors, 0);
    cr_expect_not(ended.lost);
    cr_expect_gt(ended.max_rss_kib, 0);
    cr_expect_str_eq(folder_read(hold.folder, "a.out"), "out\n");
    cr_expect_str_eq(folder_read(hold.folder, "a.err"), "err\n");
}

Test(keeper, reports_the_signal_that_ended_it)
{
    hold_start(&hold, "a", "kill -SEGV $$");
    struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);

    cr_expect_eq(ended.exit_code, -1);
    cr_expect_eq(ended.signal, SIGSEGV);
}

Test(keeper, the_start_time_is_that_of_the_process)
{
    hold_start(&hold, "a", "exec sleep 100");
    struct keeper_event started = hold_await(&hold, "a", KEEPER_STARTED);
    struct proc_stat stat;

    cr_assert_eq(proc_stat_read(started.pid, &stat), 0);
    cr_expect_eq(stat.start_ticks, started.start_ticks);
    cr_expect_eq(stat.session, started.pid, "it leads a session of its own");
    cr_expect_eq(stat.group, started.pid);
    cr_expect_eq(stat.parent, hold.keeper_pid);
}

/* What a shell sees of the world in which an attempt begins. */
Test(keeper, an_attempt_begins_clean)
{
    struct rlimit files;

    hold_close(&hold);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 500; /* the keeper raises its own, and an attempt is to get this one */
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    hold_open(&hold, NULL);
    hold_start(&hold, "a",
               "ls /proc/self/fd | wc -l; pwd; cat; ulimit -n; tr '\\0' '\\n' < /proc/$$/environ |"
               " grep -v MARK | sort; grep -E 'Sig(Blk|Ign)' /proc/self/status");
    (void)hold_await(&hold, "a", KEEPER_ENDED);

    AUTO_FREE char *expected = text_format("4\n%s\n500\nKELP_ATTEMPT_ID=a\nPATH=/usr/bin:/bin\n"
                                           "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n",
                                           hold.folder);
    cr_expect_str_eq(folder_read(hold.folder, "a.out"), expected);
}

Test(keeper, output_is_appended_and_private)
{
    struct stat st;

    folder_write(hold.folder, "a.out", "before\n");
    hold_start(&hold, "a", "echo after");
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_str_eq(folder_read(hold.folder, "a.out"), "before\nafter\n");
    cr_assert_eq(stat(folder_path(hold.folder, "a.err"), &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0600);
}

Test(keeper, makes_the_folder_first)
{
    const char *const argv[] = {"sh", "-c", "echo here", NULL};
    const char *dir = folder_path(hold.folder, "deep/er"), *out = folder_path(dir, "out");
    struct keeper_spec spec = {.id = "a", .argv = argv, .make_dir = dir, .stdout_path = out};
    struct stat st;

    hold_start_spec(&hold, &spec);
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_str_eq(folder_read(dir, "out"), "here\n");
    cr_assert_eq(stat(dir, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0700);
}

static void expect_failure(const struct keeper_spec *spec, enum spawn_step step, int error)
{
    hold_start_spec(&hold, spec);
    struct keeper_event failed = hold_await(&hold, spec->id, KEEPER_START_FAILED);

    cr_expect_eq(failed.error, error, "%s: %s", spec->id, strerror(failed.error));
    cr_expect_str_eq(failed.error_step, spawn_step_words(step));
    cr_expect_eq(hold_seen(&hold, spec->id, KEEPER_STARTED), 0);
}

Test(keeper, says_which_step_of_a_start_failed)
{
    const char *const good[] = {"/bin/true", NULL};
    const char *const missing[] = {"/nowhere/program", NULL};
    const char *const unknown[] = {"no-such-program", NULL};
    const char *const folder[] = {"/tmp", NULL};
    const struct {
        struct keeper_spec spec;
        enum spawn_step step;
        int error;
    } cases[] = {
        {{.id = "exec", .argv = missing}, SPAWN_STEP_EXEC, ENOENT},
        {{.id = "find", .argv = unknown}, SPAWN_STEP_PROGRAM, ENOENT},
        {{.id = "exec-folder", .argv = folder}, SPAWN_STEP_EXEC, EACCES},
        {{.id = "cwd", .argv = good, .cwd = "/nowhere"}, SPAWN_STEP_CWD, ENOENT},
        {{.id = "in", .argv = good, .stdin_path = "/nowhere"}, SPAWN_STEP_STDIN, ENOENT},
        {{.id = "out", .argv = good, .stdout_path = "/nowhere/o"}, SPAWN_STEP_STDOUT, ENOENT},
        {{.id = "err", .argv = good, .stderr_path = "/proc"}, SPAWN_STEP_STDERR, EISDIR},
        {{.id = "dir", .argv = good, .make_dir = "/proc/x/y"}, SPAWN_STEP_FOLDER, ENOENT},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_failure(&cases[i].spec, cases[i].step, cases[i].error);
}

Test(keeper, refuses_specs_that_cannot_be)
{
    const char *const good[] = {"/bin/true", NULL};
    const char *const none[] = {NULL};
    char long_id[KEEPER_ID_MAX + 2];
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    const struct keeper_spec cases[] = {
        {.id = "", .argv = good},
        {.id = NULL, .argv = good},
        {.id = long_id, .argv = good},
        {.id = "a", .argv = none},
        {.id = "a", .argv = NULL},
        {.id = "a", .argv = good, .cwd = "relative"},
        {.id = "a", .argv = good, .stdout_path = "out"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT fault = {0};
        cr_expect_eq(keeper_start(hold.keeper, &cases[i], &fault), -FAULT_USAGE, "case %zu", i);
    }
}

Test(keeper, refuses_what_no_program_could_be_given)
{
    AUTO_FAULT fault = {0};
    size_t bytes = (4 << 20) + 1;
    AUTO_FREE char *word = mem_alloc(bytes + 1);
    const char *const argv[] = {"/bin/true", word, NULL};
    struct keeper_spec spec = {.id = "a", .argv = argv};

    memset(word, 'x', bytes);
    word[bytes] = '\0';
    cr_expect_eq(keeper_start(hold.keeper, &spec, &fault), -FAULT_LIMIT);
    hold_start(&hold, "b", "exit 0");
    (void)hold_await(&hold, "b", KEEPER_ENDED); /* and the connection is as it was */
}

Test(keeper, arguments_that_the_kernel_refuses_are_a_failed_start)
{
    size_t bytes = 1 << 20;
    AUTO_FREE char *word = mem_alloc(bytes + 1);
    const char *const argv[] = {"/bin/true", word, NULL};
    struct keeper_spec spec = {.id = "a", .argv = argv};

    memset(word, 'x', bytes);
    word[bytes] = '\0';
    expect_failure(&spec, SPAWN_STEP_EXEC, E2BIG);
}

/* A driver that talks both ways writes to a FIFO. Writers come and go, and so may engines; the
 * attempt sees no end of file. */
Test(keeper, a_fifo_as_input_outlives_its_writers)
{
    const char *fifo = folder_path(hold.folder, "in");
    const char *const argv[] = {"/bin/sh", "-c", "read a; read b; echo $a $b", NULL};
    struct keeper_spec spec = {.id = "a",
                               .argv = argv,
                               .stdin_path = fifo,
                               .stdout_path = folder_path(hold.folder, "a.out")};

    cr_assert_eq(mkfifo(fifo, 0600), 0);
    hold_start_spec(&hold, &spec);
    (void)hold_await(&hold, "a", KEEPER_STARTED);
    for (int i = 1; i <= 2; i++) {
        AUTO_CLOSE fd = open(fifo, O_WRONLY | O_CLOEXEC);
        cr_assert_eq(os_write_all(fd, i == 1 ? "1\n" : "2\n", 2), 0);
    }
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_str_eq(folder_read(hold.folder, "a.out"), "1 2\n");
}

Test(keeper, an_identity_is_started_once)
{
    for (int i = 0; i < 3; i++)
        hold_start(&hold, "a", "echo x >> count; exec sleep 100");
    (void)hold_await(&hold, "a", KEEPER_STARTED);
    hold_start(&hold, "b", "exit 0");
    (void)hold_await(&hold, "b", KEEPER_ENDED);
    hold_await_lines(&hold, "count", 1);
    hold_stop(&hold, "a", 0);
    (void)hold_await(&hold, "a", KEEPER_ENDED);

    size_t before = hold_seen(&hold, "a", KEEPER_ENDED);
    hold_start(&hold, "a", "echo x >> count");
    hold_start(&hold, "c", "exit 0");
    (void)hold_await(&hold, "c", KEEPER_ENDED);
    cr_expect_str_eq(folder_read(hold.folder, "count"), "x\n");
    cr_expect_eq(hold_seen(&hold, "a", KEEPER_ENDED), before + 1, "it is reported again");
}

/* The engine dies and another one takes over: nothing is lost and nothing happens twice. */
Test(keeper, a_new_engine_is_told_everything)
{
    hold_start(&hold, "done", "exit 3");
    hold_start(&hold, "running", "while [ ! -e go ]; do sleep 0.01; done; exit 4");
    hold_start(&hold, "ends-alone", "while [ ! -e go ]; do sleep 0.01; done; exit 5");
    (void)hold_await(&hold, "done", KEEPER_ENDED);
    struct keeper_event before = hold_await(&hold, "running", KEEPER_STARTED);
    (void)hold_await(&hold, "ends-alone", KEEPER_STARTED);
    pid_t keeper = hold.keeper_pid;

    hold_drop(&hold);
    folder_write(hold.folder, "go", "");
    hold_open_again(&hold);
    cr_expect_eq(hold.keeper_pid, keeper, "it is the same keeper");
    cr_expect_eq(hold_await(&hold, "done", KEEPER_ENDED).exit_code, 3);
    cr_expect_eq(hold_await(&hold, "running", KEEPER_STARTED).pid, before.pid);
    cr_expect_eq(hold_await(&hold, "running", KEEPER_ENDED).exit_code, 4);
    cr_expect_eq(hold_await(&hold, "ends-alone", KEEPER_ENDED).exit_code, 5);
    cr_expect_eq(hold_seen(&hold, "done", KEEPER_ENDED), 1);
    cr_expect_eq(hold_seen(&hold, "running", KEEPER_STARTED), 1);
}

Test(keeper, one_engine_at_a_time)
{
    AUTO_FAULT fault = {0};
    struct keeper *second;

    cr_expect_eq(keeper_open(hold.folder, &hold.options, &second, &fault), -FAULT_BUSY);
    hold_start(&hold, "a", "exit 0");
    (void)hold_await(&hold, "a", KEEPER_ENDED); /* the first is not disturbed */
}

/* An engine that is killed may leave requests that the keeper has not read yet. */
/* An attempt of another run would be started outside of its sandbox what it likes. */
Test(keeper, nobody_in_a_sandbox_is_an_engine)
{
    hold_drop(&hold);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct keeper *k = NULL;
        AUTO_FAULT f = {0};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
            _exit(1);
        _exit(keeper_open(hold.folder, &hold.options, &k, &f) == -FAULT_REFUSED ? 0 : 2);
    }
    int status = -1;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    hold_open_again(&hold);
    hold_start(&hold, "a", "true");
    cr_expect_eq(hold_await(&hold, "a", KEEPER_ENDED).exit_code, 0, "others are heard");
}

Test(keeper, a_dead_engine_does_not_keep_the_place)
{
    cr_assert_eq(kill(hold.keeper_pid, SIGSTOP), 0);
    hold_start(&hold, "a", "exec sleep 1000");
    hold_drop(&hold);
    cr_assert_eq(kill(hold.keeper_pid, SIGCONT), 0);
    hold_open_again(&hold);
    hold_start(&hold, "a", "exit 2");
    (void)hold_await(&hold, "a", KEEPER_STARTED);
}

/* Whoever speaks another language is cut off, and the next engine is served. */
Test(keeper, nonsense_ends_the_connection_only)
{
    hold_start(&hold, "a", "exec sleep 100");
    (void)hold_await(&hold, "a", KEEPER_STARTED);
    cr_assert_eq(os_write_all(keeper_fd(hold.keeper), "GET / HTTP/1.1\r\n\r\n", 18), 0);
    AUTO_FAULT fault = {0};
    while (keeper_pump(hold.keeper, NULL, NULL, &fault) >= 0)
        ;
    cr_expect_eq(fault.sys_errno, ECONNRESET);
    hold_drop(&hold);
    hold_open_again(&hold);
    (void)hold_await(&hold, "a", KEEPER_STARTED);
    cr_expect_eq(hold_seen(&hold, "a", KEEPER_ENDED), 0);
}

Test(keeper, leaves_by_itself_when_nobody_needs_it)
{
    hold_close(&hold);
    hold_open(&hold, &(struct keeper_options){.leave_after_ms = 1});
    hold_start(&hold, "a", "exit 0");
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    hold_drop(&hold);
    hold_await_keeper_gone(&hold);
    cr_expect_not(os_exists(folder_path(hold.folder, "keeper.sock")));
    hold_open_again(&hold);
    cr_expect_eq(hold_await(&hold, "a", KEEPER_ENDED).exit_code, 0, "its records stay");
}

/* A process that lets another one go on after a while. */
static pid_t wake(pid_t pid, long after_ms)
{
    struct timespec after = {.tv_nsec = after_ms * 1000 * 1000};
    pid_t waker = fork();

    cr_assert_geq(waker, 0);
    if (waker > 0)
        return waker;
    (void)nanosleep(&after, NULL);
    (void)kill(pid, SIGCONT);
    _exit(0);
}

/* The keeper wakes up to two things at once: its time alone is over, and an engine has come. */
Test(keeper, stays_for_an_engine_that_comes_at_the_last_moment)
{
    enum { LEAVE_AFTER_MS = 400, NOTICE_MS = 100 };

    hold_close(&hold);
    hold_open(&hold, &(struct keeper_options){.leave_after_ms = LEAVE_AFTER_MS});
    pid_t keeper = hold.keeper_pid;
    hold_drop(&hold);
    (void)poll(NULL, 0, NOTICE_MS);
    cr_assert_eq(kill(keeper, SIGSTOP), 0);
    pid_t waker = wake(keeper, 2L * LEAVE_AFTER_MS);
    hold_open_again(&hold);
    cr_assert_eq(waitpid(waker, NULL, 0), waker);
    cr_expect_eq(hold.keeper_pid, keeper, "it is the same keeper");
    hold_start(&hold, "a", "exit 3");
    cr_expect_eq(hold_await(&hold, "a", KEEPER_ENDED).exit_code, 3);
}

Test(keeper, stays_while_an_attempt_runs)
{
    hold_close(&hold);
    hold_open(&hold, &(struct keeper_options){.leave_after_ms = 1});
    hold_start(&hold, "a", "while [ ! -e go ]; do sleep 0.01; done");
    (void)hold_await(&hold, "a", KEEPER_STARTED);
    hold_drop(&hold);
    folder_write(hold.folder, "go", "");
    hold_await_keeper_gone(&hold);
    hold_open_again(&hold);
    cr_expect_eq(hold_await(&hold, "a", KEEPER_ENDED).exit_code, 0);
}

/* Many messages a packet, many ends a turn, and the identities one after the other. */
Test(keeper, many_at_once)
{
    enum { MANY = 300 };

    for (int i = 0; i < MANY; i++) {
        AUTO_FREE char *id = text_format("a%d", i);
        AUTO_FREE char *script = text_format("exit %d", i % 256);
        hold_start(&hold, id, script);
    }
    for (int i = 0; i < MANY; i++) {
        AUTO_FREE char *id = text_format("a%d", i);
        cr_expect_eq(hold_await(&hold, id, KEEPER_ENDED).exit_code, i % 256);
        cr_expect_eq(hold_seen(&hold, id, KEEPER_STARTED), 1);
        cr_expect_eq(hold_seen(&hold, id, KEEPER_ENDED), 1);
    }
}

/* TERM to the keeper, as a system that goes down sends it: its attempts end, are recorded, and it
 * leaves. */
Test(keeper, ends_its_attempts_when_it_is_to_end)
{
    AUTO_FAULT fault = {0};

    hold_start(&hold, "a", "echo > ready; exec sleep 1000");
    hold_await_lines(&hold, "ready", 1);
    cr_assert_eq(kill(hold.keeper_pid, SIGTERM), 0);
    struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_eq(ended.signal, SIGTERM);
    cr_expect_not(ended.lost);
    while (keeper_pump(hold.keeper, NULL, NULL, &fault) >= 0)
        ;
    hold_await_keeper_gone(&hold);
    hold_drop(&hold);
}

static void count_event(void *ctx, const struct keeper_event *event UNUSED)
{
    ++*(int *)ctx;
}

Test(keeper, records_can_be_read_beside_it)
{
    AUTO_FAULT fault = {0};
    int count = 0;

    hold_start(&hold, "a", "exit 0");
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_eq(keeper_records_read(hold.folder, count_event, &count, &fault), 2);
    cr_expect_eq(count, 2);
    cr_expect_eq(keeper_records_read("/nowhere", count_event, &count, &fault), 0);
}

Test(keeper, works_below_a_path_longer_than_an_address)
{
    AUTO_FAULT fault = {0};
    AUTO_TEXT path = {0};
    struct keeper *keeper;

    text_add(&path, hold.folder);
    while (path.length < 300)
        text_add(&path, "/a-rather-long-name-of-a-folder");
    cr_assert_eq(os_make_dirs(path.data, 0700, &fault), 0);
    cr_assert_eq(keeper_open(path.data, &hold.options, &keeper, &fault), 0, "%s", fault.message);
    cr_expect_eq(keeper_dismiss(keeper, &fault), 0);
    while (keeper_pump(keeper, NULL, NULL, &fault) >= 0)
        ;
    keeper_close(keeper);
}

Test(keeper, a_missing_program_is_said)
{
    AUTO_FAULT fault = {0};
    struct keeper *keeper;
    const char *dir = folder_path(hold.folder, "other");
    struct keeper_options options = {.program = "/nowhere/kelp-keeper"};

    cr_assert_eq(mkdir(dir, 0700), 0);
    cr_expect_eq(keeper_open(dir, &options, &keeper, &fault), -FAULT_NOT_FOUND);
    cr_expect(strstr(fault.message, "/nowhere/kelp-keeper"), "%s", fault.message);
    fault_clear(&fault);
    cr_expect_eq(keeper_open("/nowhere", &options, &keeper, &fault), -FAULT_SYSTEM);
}

/* Head and tail of a flood stay, and the file takes little of the disk. */
Test(keeper, the_middle_of_a_flood_is_cut_out)
{
    const char *const argv[] = {
        "/bin/sh", "-c", "echo first; head -c 20000000 /dev/zero | tr '\\0' x; echo last", NULL};
    const char *out = folder_path(hold.folder, "out");
    struct keeper_spec spec = {
        .id = "a", .argv = argv, .stdout_path = out, .output_max_bytes = 100000};
    struct stat st;

    hold_start_spec(&hold, &spec);
    struct keeper_event ended = hold_await(&hold, "a", KEEPER_ENDED);
    cr_assert_eq(stat(out, &st), 0);
    cr_expect_eq(st.st_size, 20000000 + 11);
    cr_expect_leq(st.st_blocks * 512, 100000 + 3 * 4096);
    cr_expect_geq(ended.dropped_bytes, 20000000 - 100000 - 2 * 4096);
    const char *text = folder_read(hold.folder, "out");
    cr_expect_eq(memcmp(text, "first\nxxx", 9), 0);
    cr_expect_eq(memcmp(text + st.st_size - 8, "xxxlast\n", 8), 0);
}
