/* SPDX-License-Identifier: Apache-2.0 */
#include "process/peer.h"

#include "folder.h"

#include "base/fault.h"
#include "process/address.h"
#include "process/sandbox_filter.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static char *folder;
static int listener = -1;

static void setup(void)
{
    AUTO_FAULT f = {0};

    folder = folder_make();
    cr_assert_eq(address_listen(folder, "test.sock", &listener, &f), 0, "%s", f.message);
}

static void teardown(void)
{
    (void)close(listener);
    folder_remove(folder);
}

TestSuite(peer, .init = setup, .fini = teardown);

static void do_nothing(void)
{
}

static void give_up_privileges(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        _exit(2);
}

static void shut_doors(void)
{
    if (sandbox_filter_doors() != 0)
        _exit(2);
}

/* A process that has connected and stays; `*ret_fd` is this end. */
static pid_t client(void (*prepare)(void), int *ret_fd)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        AUTO_FAULT f = {0};
        int fd;
        prepare();
        if (address_connect(folder, "test.sock", &fd, &f) < 0)
            _exit(1);
        for (;;)
            (void)pause();
    }
    do
        *ret_fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (*ret_fd < 0 && errno == EAGAIN);
    cr_assert_geq(*ret_fd, 0);
    return pid;
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(peer, lives_as_long_as_its_process)
{
    struct peer peer;
    int fd;
    pid_t pid = client(do_nothing, &fd);

    cr_assert_eq(peer_open(fd, &peer), 0);
    cr_expect_eq(peer.pid, pid);
    cr_expect(peer_lives(&peer));
    end(pid);
    cr_expect_not(peer_lives(&peer));
    peer_close(&peer);
    (void)close(fd);
}

Test(peer, of_another_end_than_a_process_there_is_none)
{
    struct peer peer = {.pid = -7, .pidfd = -7};
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_expect_eq(peer_open(ends[0], &peer), -ENOTSOCK);
    cr_expect_eq(peer.pid, -7, "it is left as it was");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Who may says which number comes next; others make processes until it does. -1: it never did. */
static pid_t fork_with_number(pid_t number)
{
    enum { TRIES_MAX = 200000 };

    for (int i = 0; i < TRIES_MAX; i++) {
        FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "w");
        if (last)
            (void)fprintf(last, "%d", (int)number - 1);
        if (last)
            (void)fclose(last);
        pid_t pid = fork();
        if (pid == 0 && getpid() != number)
            _exit(0);
        while (pid == 0)
            (void)pause();
        if (pid < 0 || pid == number)
            return pid;
        (void)waitpid(pid, NULL, 0);
    }
    return -1;
}

static bool is_true_in_a_child(bool (*holds)(void))
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(holds() ? 0 : 1);
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool (*asked)(void);

/* Where the machine allows it, in numbers of its own: there anybody may say which comes next. */
static bool in_own_numbers(void)
{
    if (unshare(CLONE_NEWPID | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) < 0)
        return asked();
    return is_true_in_a_child(asked);
}

/* This process itself stays what it is: it is to look for leaks at its end. */
static bool holds_in_own_numbers(bool (*holds)(void))
{
    asked = holds;
    return is_true_in_a_child(in_own_numbers);
}

static bool kernel_tells_who_connected(void)
{
    int ends[2], pidfd = -1;
    socklen_t bytes = sizeof pidfd;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    bool tells = getsockopt(ends[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &bytes) == 0;
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(pidfd);
    return tells;
}

static bool is_not_found_by_its_number(void)
{
    struct peer peer = {.pidfd = -1};
    int fd;
    pid_t pid = client(do_nothing, &fd);

    end(pid);
    pid_t later = fork_with_number(pid);
    bool found = peer_open(fd, &peer) == 0 && peer_lives(&peer);
    peer_close(&peer);
    (void)close(fd);
    if (later > 0)
        end(later);
    return later == pid && found == !kernel_tells_who_connected();
}

static bool does_not_live_by_its_number(void)
{
    struct peer peer;
    int fd;
    pid_t pid = client(do_nothing, &fd);

    if (peer_open(fd, &peer) != 0)
        return false;
    end(pid);
    pid_t later = fork_with_number(pid);
    bool lives = peer_lives(&peer);
    peer_close(&peer);
    (void)close(fd);
    if (later > 0)
        end(later);
    return later == pid && !lives;
}

/* Between connecting and being looked at. */
Test(peer, is_not_who_has_its_number_later)
{
    cr_expect(holds_in_own_numbers(is_not_found_by_its_number));
}

/* While it is looked at: no kernel hides that. */
Test(peer, is_gone_though_its_number_is_not)
{
    cr_expect(holds_in_own_numbers(does_not_live_by_its_number));
}

static bool is_confined(void (*prepare)(void))
{
    struct peer peer;
    int fd;
    pid_t pid = client(prepare, &fd);

    cr_assert_eq(peer_open(fd, &peer), 0);
    bool confined = peer_is_confined(&peer);
    peer_close(&peer);
    (void)close(fd);
    end(pid);
    return confined;
}

Test(peer, is_confined_if_it_gave_up_what_this_process_has)
{
    cr_expect_not(is_confined(do_nothing));
    cr_expect(is_confined(give_up_privileges));
    give_up_privileges(); /* this process, too: then it is no difference */
    cr_expect_not(is_confined(do_nothing));
    cr_expect_not(is_confined(give_up_privileges));
    cr_expect(is_confined(shut_doors));
    shut_doors();
    cr_expect_not(is_confined(do_nothing));
    cr_expect(is_confined(shut_doors));
}

Test(peer, that_is_gone_is_taken_for_confined)
{
    struct peer peer;
    int fd;
    pid_t pid = client(do_nothing, &fd);

    cr_assert_eq(peer_open(fd, &peer), 0);
    end(pid);
    cr_expect(peer_is_confined(&peer));
    peer_close(&peer);
    (void)close(fd);
}
