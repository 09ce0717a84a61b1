/* SPDX-License-Identifier: Apache-2.0 */
#include "process/proc.h"

#include "base/text.h"
#include "base/vector.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits for its end. */
static pid_t child(void)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    for (;;)
        (void)pause();
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static struct proc_id id_of(pid_t pid)
{
    struct proc_stat stat;

    cr_assert_eq(proc_stat_read(pid, &stat), 0);
    return (struct proc_id){pid, stat.start_ticks};
}

Test(proc, reads_its_own_line)
{
    struct proc_stat stat;

    cr_assert_eq(proc_stat_read(getpid(), &stat), 0);
    cr_expect_eq(stat.parent, getppid());
    cr_expect_eq(stat.group, getpgrp());
    cr_expect_eq(stat.session, getsid(0));
    cr_expect_eq(stat.state, 'R');
    cr_expect_not(stat.dead);
    cr_expect_leq(stat.start_ticks, proc_ticks_now());
}

Test(proc, reads_what_was_given_up)
{
    struct proc_bonds bonds = {.filters = -1};

    cr_assert_eq(prctl(PR_SET_NAME, "\nNoNewPrivs:\t1", 0, 0, 0), 0);
    cr_assert_eq(proc_bonds_read(getpid(), &bonds), 0);
    cr_expect_eq(bonds.no_new_privileges, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
                 "a name may look like the line");
    cr_expect_geq(bonds.filters, 0);
    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_assert_eq(proc_bonds_read(getpid(), &bonds), 0);
    cr_expect(bonds.no_new_privileges);
    cr_expect_lt(proc_bonds_read(INT32_MAX, &bonds), 0);
}

/* The name is the only foreign text in the line, and may look like the rest of it. */
Test(proc, a_name_may_look_like_the_line)
{
    struct proc_stat stat;

    cr_assert_eq(prctl(PR_SET_NAME, "a) Z 1 (b) 2", 0, 0, 0), 0);
    cr_assert_eq(proc_stat_read(getpid(), &stat), 0);
    cr_expect_eq(stat.state, 'R');
    cr_expect_eq(stat.parent, getppid());
}

Test(proc, a_process_that_is_not_there_is_said)
{
    struct proc_stat stat;

    cr_expect_eq(proc_stat_read(0x3fffffff, &stat), -ENOENT);
}

Test(proc, alive_means_this_very_process)
{
    pid_t pid = child();
    struct proc_id id = id_of(pid), other = {pid, id.start_ticks + 1};

    cr_expect(proc_alive(id));
    cr_expect_not(proc_alive(other));
    (void)kill(pid, SIGKILL);
    siginfo_t info;
    cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    cr_expect_not(proc_alive(id), "it is dead, although nobody has reaped it");
    end(pid);
}

Test(proc, signals_go_to_this_very_process_or_nowhere)
{
    pid_t pid = child();
    struct proc_id id = id_of(pid), other = {pid, id.start_ticks + 1};

    cr_expect_eq(proc_signal(other, SIGKILL), -ESRCH);
    cr_expect(proc_alive(id));
    cr_expect_eq(proc_signal(id, SIGKILL), 0);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    cr_expect_eq(proc_signal(id, SIGKILL), -ESRCH);
}

Test(proc, finds_children_and_what_is_below_them)
{
    struct proc_list children = {0}, below = {0};
    pid_t first = child();
    int ends[2];
    pid_t second, third;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    second = fork();
    if (second == 0) {
        third = child();
        (void)!write(ends[1], &third, sizeof third);
        for (;;)
            (void)pause();
    }
    cr_assert_eq(read(ends[0], &third, sizeof third), sizeof third);

    cr_assert_eq(proc_children(getpid(), &children), 0);
    cr_expect_eq(children.count, 2);
    proc_descendants(getpid(), &below);
    cr_expect_eq(below.count, 3);
    cr_expect(proc_list_has(&below, id_of(first)));
    cr_expect(proc_list_has(&below, id_of(second)));
    cr_expect(proc_list_has(&below, id_of(third)));
    (void)kill(third, SIGKILL);
    end(second);
    end(first);
    vector_free(&children);
    vector_free(&below);
}

Test(proc, finds_everything_that_runs)
{
    struct proc_list all = {0};

    cr_assert_eq(proc_all(&all), 0);
    cr_expect(proc_list_has(&all, id_of(getpid())));
    cr_expect(proc_list_has(&all, id_of(getppid())));
    vector_free(&all);
}

Test(proc, reads_the_environment_of_a_start)
{
    int ends[2];
    char byte;

    cr_assert_eq(pipe2(ends, 0), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char *const envp[] = {(char[]){"NAMES=no"}, (char[]){"NAME=va=lue"}, NULL};
        /* It does not become another program: while one is being loaded there is nothing to read.
         */
        char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"echo; kill -STOP $$"},
                              NULL};
        (void)dup2(ends[1], 1);
        (void)execve("/bin/sh", argv, envp);
        _exit(1);
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    AUTO_FREE char *value = proc_environ(pid, "NAME");
    AUTO_FREE char *shorter = proc_environ(pid, "NAM");
    end(pid);
    cr_assert_not_null(value);
    cr_expect_str_eq(value, "va=lue");
    cr_expect_null(shorter);
    cr_expect_null(proc_environ(0x3fffffff, "NAME"));
}

Test(proc, a_boot_has_an_identity)
{
    char a[PROC_BOOT_ID_BYTES], b[PROC_BOOT_ID_BYTES];

    proc_boot_id(a);
    proc_boot_id(b);
    cr_expect_eq(strlen(a), PROC_BOOT_ID_BYTES - 1);
    cr_expect_str_eq(a, b);
}
