/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel lets through and what not, seen from inside. Without Landlock the tests say so.
 */
#include "process/sandbox.h"
#include "process/sandbox_filter.h"

#include "folder.h"
#include "hold.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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
static const char *inside(const char *script, enum sandbox_network network)
{
    AUTO_FAULT fault = {0};
    const char *in = folder_path(hold.folder, "in");
    const char *const writable[] = {in, "/no/such/path"};
    struct sandbox sandbox = {writable, COUNT_OF(writable), network};
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
static void expect_each(const char *const (*cases)[2], size_t count, enum sandbox_network network)
{
    AUTO_TEXT script = {0};
    AUTO_TEXT expected = {0};

    for (size_t i = 0; i < count; i++) {
        text_printf(&script, "if (%s) 2>/dev/null; then echo '%zu yes'; else echo '%zu no'; fi\n",
                    cases[i][0], i, i);
        text_printf(&expected, "%zu %s\n", i, cases[i][1]);
    }
    cr_expect_str_eq(inside(script.data, network), expected.data);
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
    expect_each(cases, COUNT_OF(cases), SANDBOX_NETWORK_ALL);
    cr_expect_str_eq(folder_read(hold.folder, "kept"), "kept\n");
    cr_expect_not(os_exists(folder_path(hold.folder, "outside")));
}

Test(sandbox, a_single_file_can_be_writable)
{
    const char *path = folder_path(hold.folder, "result");
    struct sandbox sandbox = {&path, 1, SANDBOX_NETWORK_ALL};
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
    expect_each(cases, COUNT_OF(cases), SANDBOX_NETWORK_ALL);
}

/* Each is tried with arguments that the kernel would refuse for another reason. */
Test(sandbox, doors_of_the_kernel_are_shut)
{
    static const struct {
        long call;
        int error;
    } cases[] = {
        {SYS_mount, EPERM},           {SYS_umount2, EPERM},     {SYS_setns, EPERM},
        {SYS_init_module, EPERM},     {SYS_bpf, EPERM},         {SYS_keyctl, EPERM},
        {SYS_perf_event_open, EPERM}, {SYS_userfaultfd, EPERM}, {SYS_open_by_handle_at, EPERM},
        {SYS_io_uring_setup, ENOSYS}, {SYS_getppid, 0},         {SYS_unshare, 0},
        {SYS_prlimit64, EFAULT},
    };
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || sandbox_filter_doors())
            _exit(100);
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            long r = syscall(cases[i].call, 0, -1, -1, -1, -1, -1);
            if ((r < 0 ? errno : 0) != cases[i].error)
                _exit((int)i + 1);
        }
        if (ioctl(0, TIOCSTI, "x") == 0 || errno != EPERM)
            _exit(99);
        if (prlimit(getppid(), RLIMIT_FSIZE, NULL, &(struct rlimit){0}) == 0 || errno != EPERM)
            _exit(98);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0, "case %d", WEXITSTATUS(status) - 1);
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

    expect_each(cases, COUNT_OF(cases), SANDBOX_NETWORK_ALL);
}

Test(sandbox, root_makes_no_devices)
{
    static const char *const cases[][2] = {
        {"mknod in/disk b 7 0", "no"}, {"mknod in/null c 1 3", "no"}, {"mkfifo in/fifo", "yes"}};

    expect_each(cases, COUNT_OF(cases), SANDBOX_NETWORK_ALL);
}

Test(sandbox, it_can_gain_no_privileges)
{
    cr_expect_str_eq(inside("grep NoNewPrivs /proc/self/status", SANDBOX_NETWORK_ALL),
                     "NoNewPrivs:\t1\n");
}

/* Bits of the filters that allow it. */
enum {
    IN_NONE = 1 << SANDBOX_SOCKETS_NONE,
    IN_INTERNET = 1 << SANDBOX_SOCKETS_INTERNET,
    IN_TCP = 1 << SANDBOX_SOCKETS_TCP,
    IN_ALL = IN_NONE | IN_INTERNET | IN_TCP
};

static const struct {
    const char *name;
    int family, type, protocol;
    unsigned allowed;
} sockets[] = {
    {"tcp", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, IN_INTERNET | IN_TCP},
    {"tcp by number", AF_INET, SOCK_STREAM, IPPROTO_TCP, IN_INTERNET | IN_TCP},
    {"tcp6", AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0, IN_INTERNET | IN_TCP},
    {"mptcp", AF_INET, SOCK_STREAM, IPPROTO_MPTCP, IN_INTERNET},
    {"sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP, IN_INTERNET},
    {"udp", AF_INET, SOCK_DGRAM, 0, IN_INTERNET},
    {"udp6", AF_INET6, SOCK_DGRAM, 0, IN_INTERNET},
    {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP, IN_INTERNET},
    {"unix", AF_UNIX, SOCK_STREAM, 0, 0},
    {"unix datagrams", AF_UNIX, SOCK_DGRAM, 0, 0},
    {"routes", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, IN_ALL},
    {"audit", AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, 0},
    {"firewall", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, 0},
    {"packets", AF_PACKET, SOCK_RAW, 0, 0},
    {"vsock", AF_VSOCK, SOCK_STREAM, 0, 0},
    {"alg", AF_ALG, SOCK_SEQPACKET, 0, 0},
    {"bluetooth", AF_BLUETOOTH, SOCK_RAW, 0, 0},
    {"smc", AF_SMC, SOCK_STREAM, 0, 0},
    {"xdp", AF_XDP, SOCK_RAW, 0, 0},
};

/* A socket that the filter lets through may be one that the machine does not have. */
static bool is_refused(int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);
    bool refused = fd < 0 && errno == EACCES;

    if (fd >= 0)
        (void)close(fd);
    return refused;
}

/* In a child that entered a filter, the count of what is not as the table has it. */
static int count_wrong(enum sandbox_sockets filter)
{
    int wrong = 0, pair[2];

    for (size_t i = 0; i < COUNT_OF(sockets); i++) {
        bool refused = is_refused(sockets[i].family, sockets[i].type, sockets[i].protocol);
        bool allowed = sockets[i].allowed & (1U << filter);
        if (refused == allowed) {
            (void)fprintf(stderr, "%s in filter %d\n", sockets[i].name, filter);
            wrong++;
        }
    }
    wrong += socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0;
    wrong += socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0;
    wrong += socketpair(AF_UNIX, SOCK_RAW, 0, pair) == 0;
    wrong += syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != ENOSYS;
    return wrong;
}

Test(sandbox, each_filter_makes_its_sockets_and_no_others)
{
    for (enum sandbox_sockets f = SANDBOX_SOCKETS_NONE; f <= SANDBOX_SOCKETS_TCP; f++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            _exit(sandbox_filter_sockets(f) == 0 ? count_wrong(f) : 99);
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_expect_eq(status, 0, "filter %d: %d wrong", f, WEXITSTATUS(status));
    }
}

/* Data with the first packet would connect without connect(). */
Test(sandbox, nothing_connects_by_sending)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int status;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (sandbox_filter_sockets(SANDBOX_SOCKETS_TCP) != 0)
            _exit(99);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        ssize_t n = sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to);
        _exit(n < 0 && errno == EOPNOTSUPP ? 0 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
}

/* The sandbox itself, started with each network. */
static int status_inside(enum sandbox_network network, int (*try)(void))
{
    const char *path = folder_path(hold.folder, "in");
    struct sandbox sandbox = {&path, 1, network};
    struct sandbox_jail jail;
    int status;

    cr_assert_eq(sandbox_prepare(&sandbox, &jail), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(sandbox_enter(&jail) == 0 ? try() : 99);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    sandbox_finish(&jail);
    return status;
}

static int try_tcp(void)
{
    return is_refused(AF_INET, SOCK_STREAM, 0) || is_refused(AF_UNIX, SOCK_STREAM, 0);
}

Test(sandbox, only_without_network_are_sockets_refused)
{
    cr_expect_eq(status_inside(SANDBOX_NETWORK_ALL, try_tcp), 0);
    cr_expect_eq(status_inside(SANDBOX_NETWORK_RELAYED, try_tcp), 0);
    cr_expect_eq(status_inside(SANDBOX_NETWORK_NONE, try_tcp), 1 << 8);
}

Test(sandbox, a_path_that_cannot_be_opened_is_a_failed_start)
{
    const char *path = "/etc/passwd/below";
    struct sandbox sandbox = {&path, 1, SANDBOX_NETWORK_ALL};
    struct sandbox_jail jail;

    cr_expect_eq(sandbox_prepare(&sandbox, &jail), -ENOTDIR);
}
