/* SPDX-License-Identifier: Apache-2.0 */
#include "process/spawn.h"

#include "folder.h"

#include "base/os.h"
#include "base/text.h"
#include "process/proc.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const no_environment[] = {NULL};
static char *folder;

static void setup(void)
{
    folder = folder_make();
}

static void teardown(void)
{
    folder_remove(folder);
}

TestSuite(spawn, .init = setup, .fini = teardown);

static struct spawn shell(const char *const argv[], const char *out, enum spawn_method method)
{
    return (struct spawn){
        .program = "/bin/sh",
        .argv = argv,
        .envp = no_environment,
        .streams = {{.path = "/dev/null", .flags = O_RDONLY},
                    {.path = out, .flags = O_WRONLY | O_CREAT | O_TRUNC},
                    {.path = "/dev/null", .flags = O_WRONLY}},
        .method = method,
    };
}

static void handler(int signal_number UNUSED)
{
}

/* 32 is the C library's own: signal() refuses it, but programs that do not use the library ignore
 * it, and their children inherit that. */
static void ignore_reserved_signal(void)
{
    static const uint64_t ignored[8] = {(uint64_t)(uintptr_t)SIG_IGN};

    cr_assert_eq(syscall(SYS_rt_sigaction, 32, ignored, NULL, (size_t)8), 0);
}

/* Whatever the caller has done with its signals, the child has them as they were meant to be. */
Test(spawn, a_child_is_the_same_by_every_method)
{
    static const char *const argv[] = {
        "sh", "-c", "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status", NULL};
    const char *out = folder_path(folder, "out");
    sigset_t mask;

    (void)signal(SIGUSR1, SIG_IGN);
    (void)signal(SIGUSR2, handler);
    ignore_reserved_signal();
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &mask, NULL);
    cr_assert_gt(fcntl(0, F_DUPFD_CLOEXEC, 50), 0);
    for (int m = SPAWN_AUTO; m < SPAWN_METHOD_COUNT; m++) {
        const char *name = spawn_method_name((enum spawn_method)m);
        struct spawn spawn = shell(argv, out, (enum spawn_method)m);
        struct spawned spawned;
        int status;
        cr_assert_eq(spawn_process(&spawn, &spawned), 0, "%s", name);
        cr_expect(m == SPAWN_AUTO || spawned.method == (enum spawn_method)m);
        cr_expect_eq(spawned.pidfd >= 0, m != SPAWN_FORK_PLAIN, "%s", name);
        cr_assert_eq(waitpid(spawned.pid, &status, 0), spawned.pid);
        cr_expect_eq(status, 0, "%s", name);
        cr_expect_str_eq(folder_read(folder, "out"),
                         "4\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", "%s", name);
        if (spawned.pidfd >= 0)
            (void)close(spawned.pidfd);
    }
    sigset_t now;
    (void)sigprocmask(SIG_BLOCK, NULL, &now);
    cr_expect(sigismember(&now, SIGTERM), "the caller's mask is as it was");
    cr_expect_not(sigismember(&now, SIGUSR1));
}

Test(spawn, every_method_tells_which_step_failed)
{
    static const char *const argv[] = {"sh", "-c", ":", NULL};
    struct rlimit too_high = {.rlim_cur = 20, .rlim_max = 10};

    for (int m = SPAWN_CLONE3; m < SPAWN_METHOD_COUNT; m++) {
        const char *name = spawn_method_name((enum spawn_method)m);
        struct spawned spawned;
        struct spawn cwd = shell(argv, "/dev/null", (enum spawn_method)m);
        struct spawn out = shell(argv, "/nowhere/out", (enum spawn_method)m);
        struct spawn exec = shell(argv, "/dev/null", (enum spawn_method)m);
        struct spawn limits = shell(argv, "/dev/null", (enum spawn_method)m);
        struct spawn bound = shell(argv, "/dev/null", (enum spawn_method)m);
        cwd.cwd = "/nowhere";
        exec.program = "/nowhere";
        limits.files = &too_high;
        bound.joins[1] = "/nowhere/cgroup.procs";
        cr_expect_eq(spawn_process(&cwd, &spawned), -ENOENT, "%s", name);
        cr_expect_eq(spawned.step, SPAWN_STEP_CWD);
        cr_expect_eq(spawn_process(&out, &spawned), -ENOENT, "%s", name);
        cr_expect_eq(spawned.step, SPAWN_STEP_STDOUT);
        cr_expect_eq(spawn_process(&exec, &spawned), -ENOENT, "%s", name);
        cr_expect_eq(spawned.step, SPAWN_STEP_EXEC);
        cr_expect_eq(spawn_process(&limits, &spawned), -EINVAL, "%s", name);
        cr_expect_eq(spawned.step, SPAWN_STEP_LIMITS);
        cr_expect_eq(spawn_process(&bound, &spawned), -ENOENT, "%s", name);
        cr_expect_eq(spawned.step, SPAWN_STEP_BOUND);
        cr_expect_eq(spawned.pidfd, -1);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "%s leaves a child", name);
    }
}

/* It has left the caller's table of descriptors alone, although it began with the same one. */
Test(spawn, the_callers_descriptors_stay)
{
    static const char *const argv[] = {"sh", "-c", ":", NULL};
    int mine = open("/dev/null", O_RDONLY | O_CLOEXEC);

    for (int m = SPAWN_CLONE3; m < SPAWN_METHOD_COUNT; m++) {
        struct spawn spawn = shell(argv, "/dev/null", (enum spawn_method)m);
        struct spawned spawned;
        cr_assert_eq(spawn_process(&spawn, &spawned), 0);
        cr_assert_eq(waitpid(spawned.pid, NULL, 0), spawned.pid);
        for (int fd = 0; fd <= 2; fd++)
            cr_expect_geq(fcntl(fd, F_GETFD), 0);
        cr_expect_eq(fcntl(mine, F_GETFD), FD_CLOEXEC);
        if (spawned.pidfd >= 0)
            (void)close(spawned.pidfd);
    }
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_expect_eq(next, mine + 1, "none was left open");
}

Test(spawn, the_start_time_is_exact)
{
    static const char *const argv[] = {"sh", "-c", "exec sleep 1000", NULL};

    for (int i = 0; i < 30; i++) {
        struct spawn spawn = shell(argv, "/dev/null", SPAWN_AUTO);
        struct spawned spawned;
        struct proc_stat stat;
        cr_assert_eq(spawn_process(&spawn, &spawned), 0);
        cr_assert_eq(proc_stat_read(spawned.pid, &stat), 0);
        cr_expect_eq(stat.start_ticks, spawned.start_ticks);
        (void)kill(spawned.pid, SIGKILL);
        cr_assert_eq(waitpid(spawned.pid, NULL, 0), spawned.pid);
        (void)close(spawned.pidfd);
    }
}

static void make_file(const char *name, mode_t mode)
{
    const char *path = folder_path(folder, name);

    folder_write(folder, name, "#!/bin/sh\n");
    cr_assert_eq(chmod(path, mode), 0);
}

Test(spawn, finds_programs_as_a_shell_does)
{
    const char *first = folder_path(folder, "first");
    const char *second = folder_path(folder, "second");
    cr_assert_eq(mkdir(first, 0700), 0);
    cr_assert_eq(mkdir(second, 0700), 0);
    make_file("first/not-executable", 0600);
    make_file("second/tool", 0700);
    make_file("first/both", 0600);
    make_file("second/both", 0700);
    AUTO_FREE char *path = text_format("PATH=%s:%s", first, second);
    const char *const envp[] = {"A=1", path, NULL};
    const struct {
        const char *name;
        int result;
        const char *found; /* below the folder, or itself */
    } cases[] = {
        {"tool", 0, "second/tool"}, {"both", 0, "second/both"}, {"not-executable", -EACCES, NULL},
        {"nothing", -ENOENT, NULL}, {"", -ENOENT, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *found = NULL;
        cr_expect_eq(spawn_find_program(cases[i].name, envp, &found), cases[i].result, "%s",
                     cases[i].name);
        if (cases[i].found)
            cr_expect_str_eq(found, folder_path(folder, cases[i].found));
    }
}

Test(spawn, a_name_with_a_slash_is_taken_as_it_is)
{
    AUTO_FREE char *found = NULL;

    cr_expect_eq(spawn_find_program("./x", no_environment, &found), 0);
    cr_expect_str_eq(found, "./x");
}

Test(spawn, without_a_path_the_usual_places_are_searched)
{
    AUTO_FREE char *found = NULL;

    cr_expect_eq(spawn_find_program("sh", no_environment, &found), 0);
    cr_expect(text_ends(found, "/bin/sh"));
}

Test(spawn, names_of_methods_come_back)
{
    for (int m = 0; m < SPAWN_METHOD_COUNT; m++) {
        enum spawn_method method;
        cr_expect(spawn_method_parse(spawn_method_name((enum spawn_method)m), &method));
        cr_expect_eq(method, (enum spawn_method)m);
    }
    enum spawn_method method = SPAWN_FORK;
    cr_expect_not(spawn_method_parse("magic", &method));
    cr_expect_eq(method, SPAWN_FORK);
}

Test(spawn, every_step_has_its_words)
{
    for (unsigned step = SPAWN_STEP_RECORD; step < SPAWN_STEP_COUNT; step++)
        cr_expect_gt(strlen(spawn_step_words(step)), 0);
    cr_expect_str_eq(spawn_step_words(SPAWN_STEP_COUNT), "start it");
}

/* Cores fill the disk, and the kernel is to take agents before it takes kelp. */
Test(spawn, what_is_expendable_dumps_no_core_and_goes_first)
{
    AUTO_FREE char *out = text_format("%s/out", folder);
    const char *const argv[] = {"sh", "-c", "ulimit -c; cat /proc/self/oom_score_adj", NULL};
    struct spawn plain = shell(argv, out, SPAWN_AUTO);
    struct spawned spawned;
    AUTO_TEXT said = {0};
    AUTO_FAULT f = {0};

    plain.expendable = true;
    cr_assert_eq(spawn_process(&plain, &spawned), 0);
    cr_assert_eq(waitpid(spawned.pid, NULL, 0), spawned.pid);
    (void)close(spawned.pidfd);
    cr_assert_eq(os_read_file(out, 100, &said, &f), 0, "%s", f.message);
    cr_expect_str_eq(text_get(&said), "0\n500\n");
}

static bool holds(void)
{
    return true;
}

static bool fails(void)
{
    return false;
}

static bool dies(void)
{
    abort();
}

Test(spawn, what_is_tried_in_a_child_is_told)
{
    cr_expect(spawn_try(holds));
    cr_expect_not(spawn_try(fails));
    cr_expect_not(spawn_try(dies));
}
