/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel lets through and what not, seen from inside. Without Landlock the tests say so.
 */
#include "process/sandbox.h"

#include "folder.h"
#include "hold.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct hold hold;

static void setup(void)
{
    if (sandbox_landlock_version() == 0)
        cr_skip_test("this kernel has no Landlock");
    hold_open(&hold, NULL);
}

static void teardown(void)
{
    hold_close(&hold);
}

TestSuite(sandbox, .init = setup, .fini = teardown);

/* Runs a script in a sandbox in which FOLDER/in can be written; its output is returned. */
static const char *inside(const char *script, bool deny_network)
{
    AUTO_FAULT fault = {0};
    const char *in = folder_path(hold.folder, "in");
    const char *const writable[] = {in, "/no/such/path"};
    struct sandbox sandbox = {writable, COUNT_OF(writable), deny_network};
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};
    struct keeper_spec spec = {
        .id = "a",
        .argv = argv,
        .envp = envp,
        .cwd = hold.folder,
        .stdout_path = folder_path(hold.folder, "out"),
        .stderr_path = folder_path(hold.folder, "err"),
        .sandbox = &sandbox,
    };

    cr_assert_eq(os_make_dirs(in, 0700, &fault), 0);
    hold_start_spec(&hold, &spec);
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    return folder_read(hold.folder, "out");
}

/* Each line of the script is tried; what it should say is behind it. */
static void expect_each(const char *const (*cases)[2], size_t count, bool deny_network)
{
    AUTO_TEXT script = {0};
    AUTO_TEXT expected = {0};

    for (size_t i = 0; i < count; i++) {
        text_printf(&script, "if (%s) 2>/dev/null; then echo '%zu yes'; else echo '%zu no'; fi\n",
                    cases[i][0], i, i);
        text_printf(&expected, "%zu %s\n", i, cases[i][1]);
    }
    cr_expect_str_eq(inside(script.data, deny_network), expected.data);
}

Test(sandbox, writes_are_kept_inside)
{
    static const char *const cases[][2] = {
        {"echo x > in/file", "yes"},
        {"mkdir in/dir && mv in/file in/dir/file && rm in/dir/file && rmdir in/dir", "yes"},
        {"ln -s /etc in/link && test -r in/link/passwd", "yes"},
        {"echo x > outside", "no"},
        {"echo x >> kept", "no"},
        {"rm kept", "no"},
        {"mv kept in/kept", "no"},
        {"ln kept in/kept", "no"},
        {"mkdir dir", "no"},
        {"mkfifo fifo", "no"},
        {"ln -s x y", "no"},
        {"cd in; echo x > ../outside", "no"},
        {"echo x > in/link/kelp-test", "no"},
        {"truncate -s 0 kept", "no"},
        {"echo x > /dev/shm/kelp-test", "no"},
        {"echo x > /dev/null && echo x > /dev/zero", "yes"},
        {"cat kept /etc/passwd >/dev/null && ls / >/dev/null", "yes"},
        {"/bin/true", "yes"},
        {"sh -c 'setsid sh -c \"echo x > outside\"'", "no"},
    };

    folder_write(hold.folder, "kept", "kept\n");
    expect_each(cases, COUNT_OF(cases), false);
    cr_expect_str_eq(folder_read(hold.folder, "kept"), "kept\n");
    cr_expect_not(os_exists(folder_path(hold.folder, "outside")));
}

Test(sandbox, a_single_file_can_be_writable)
{
    const char *path = folder_path(hold.folder, "result");
    struct sandbox sandbox = {&path, 1, false};
    const char *const argv[] = {"/bin/sh", "-c", "echo x > result; echo x > other", NULL};
    struct keeper_spec spec = {.id = "a", .argv = argv, .cwd = hold.folder, .sandbox = &sandbox};

    folder_write(hold.folder, "result", "");
    hold_start_spec(&hold, &spec);
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    cr_expect_str_eq(folder_read(hold.folder, "result"), "x\n");
    cr_expect_not(os_exists(folder_path(hold.folder, "other")));
}

Test(sandbox, processes_outside_are_out_of_reach)
{
    static const char *const cases[][2] = {
        {"kill -0 $PPID", "no"}, {"kill -0 1", "no"}, {"sleep 10 & kill $!", "yes"}};

    if (sandbox_landlock_version() < 6)
        cr_skip_test("this kernel's Landlock does not scope signals");
    expect_each(cases, COUNT_OF(cases), false);
}

/* Also for root, and also where the kernel lets a right of its own pass for tracing. */
Test(sandbox, memory_and_environment_outside_are_out_of_reach)
{
    static const char *const cases[][2] = {
        {"test $(head -c 1 /proc/$PPID/environ | wc -c) = 1", "no"},
        {"test $(head -c 1 /proc/$PPID/maps | wc -c) = 1", "no"},
        {"readlink /proc/$PPID/fd/0", "no"},
        {"test $(head -c 1 /proc/self/environ | wc -c) = 1", "yes"},
    };

    expect_each(cases, COUNT_OF(cases), false);
}

Test(sandbox, root_makes_no_devices)
{
    static const char *const cases[][2] = {
        {"mknod in/disk b 7 0", "no"}, {"mknod in/null c 1 3", "no"}, {"mkfifo in/fifo", "yes"}};

    expect_each(cases, COUNT_OF(cases), false);
}

Test(sandbox, it_can_gain_no_privileges)
{
    cr_expect_str_eq(inside("grep NoNewPrivs /proc/self/status", false), "NoNewPrivs:\t1\n");
}

/* The test itself, started anew inside, tries what no shell can. */
static int try_sockets(void)
{
    static const struct {
        const char *name;
        int family, type;
    } sockets[] = {
        {"tcp", AF_INET, SOCK_STREAM},     {"udp", AF_INET, SOCK_DGRAM},
        {"tcp6", AF_INET6, SOCK_STREAM},   {"unix", AF_UNIX, SOCK_STREAM},
        {"netlink", AF_NETLINK, SOCK_RAW},
    };

    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        int fd = socket(sockets[i].family, sockets[i].type, 0);
        (void)printf("%s %s\n", sockets[i].name, fd >= 0 ? "yes" : strerror(errno));
    }
    return fflush(stdout);
}

static const char *sockets_inside(bool deny_network)
{
    const char *path = folder_path(hold.folder, "in");
    struct sandbox sandbox = {&path, 1, deny_network};
    struct sandbox_jail jail;
    int status;

    cr_assert_eq(sandbox_prepare(&sandbox, &jail), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(folder_path(hold.folder, "said"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
        (void)dup2(fd, 1);
        _exit(sandbox_enter(&jail) == 0 ? try_sockets() : 9);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    sandbox_finish(&jail);
    return folder_read(hold.folder, "said");
}

Test(sandbox, without_network_only_local_sockets_are_made)
{
    cr_expect_str_eq(sockets_inside(true),
                     "tcp Permission denied\nudp Permission denied\ntcp6 Permission denied\n"
                     "unix yes\nnetlink yes\n");
    cr_expect_str_eq(sockets_inside(false), "tcp yes\nudp yes\ntcp6 yes\nunix yes\nnetlink yes\n");
}

Test(sandbox, a_path_that_cannot_be_opened_is_a_failed_start)
{
    const char *path = "/etc/passwd/below";
    struct sandbox sandbox = {&path, 1, false};
    struct sandbox_jail jail;

    cr_expect_eq(sandbox_prepare(&sandbox, &jail), -ENOTDIR);
}
