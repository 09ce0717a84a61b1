/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/cage.h"

#include "base/call_numbers.h"
#include "base/os.h"
#include "process/sandbox.h"
#include "process/sandbox_filter.h"
#include "relay/restrict.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_LIMIT_MS = 30 * 1000, BACKLOG = 128 };

/* What the child tells: a listener with its descriptor, or why it could not start. The end without
 * the second means that the program runs. */
struct report {
    enum { REPORT_LISTENER, REPORT_STEP, REPORT_PROGRAM } kind; /* which of them failed */
    int place;                                                  /* of LISTENER */
    int error;                                                  /* errno */
    char what[64];                                              /* of STEP */
};

/* The child, between fork and exec. It is the copy of a process with one thread. */
struct inmate {
    const struct cage_options *options;
    int report_fd;
    bool own_network;
    uint16_t proxy_port;
    uint16_t ports[CAGE_LISTENERS_MAX];
    unsigned port_count;
};

_Noreturn static void end_with(const struct inmate *m, const struct report *report)
{
    (void)!send(m->report_fd, report, sizeof *report, MSG_NOSIGNAL); /* nobody else to tell */
    _exit(127);
}

_Noreturn static void give_up(const struct inmate *m, const char *what, int error)
{
    struct report report = {.kind = REPORT_STEP, .error = error};

    memcpy(report.what, what, strnlen(what, sizeof report.what - 1));
    end_with(m, &report);
}

static void must(const struct inmate *m, int r, const char *what)
{
    if (r < 0)
        give_up(m, what, -r);
}

static void send_listener(const struct inmate *m, int fd, int place)
{
    struct report report = {.kind = REPORT_LISTENER, .place = place};
    struct iovec data = {&report, sizeof report};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};

    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    if (sendmsg(m->report_fd, &message, MSG_NOSIGNAL) < 0)
        give_up(m, "hand over a listening socket", errno);
    (void)close(fd);
}

/* Returns the port, or -errno. */
static int listen_at(const struct inmate *m, const union place_address *at, int place)
{
    static const int yes = 1;
    union place_address bound = *at;
    socklen_t size = at->any.sa_family == AF_INET ? sizeof at->v4 : sizeof at->v6;
    int fd = socket(at->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        (at->any.sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) < 0) ||
        bind(fd, &at->any, size) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, &bound.any, &size) < 0) {
        int r = -errno;
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    send_listener(m, fd, place);
    return ntohs(at->any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
}

/* At a port that the kernel chooses. */
static union place_address loopback(int family)
{
    union place_address address = {.any.sa_family = (sa_family_t)family};

    if (family == AF_INET)
        address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        address.v6.sin6_addr = in6addr_loopback;
    return address;
}

/* Two places can come down to one address. */
static void open_local_place(const struct inmate *m, int i)
{
    static const char what[] = "listen for an allowed host of this machine";
    const struct place *place = &m->options->places->at[i];
    bool named = place->literal.any.sa_family == AF_UNSPEC;
    union place_address at = named ? loopback(AF_INET) : place->literal;

    place_set_port(&at, place->port);
    int r = listen_at(m, &at, i);
    if (r != -EADDRINUSE)
        must(m, r, what);
    at = loopback(AF_INET6);
    place_set_port(&at, place->port);
    if (named)
        (void)listen_at(m, &at, i); /* not every machine has it */
}

/* Programs that take no proxy for what is on the machine find it where they expect it. */
static void open_local_places(struct inmate *m)
{
    const place_list *places = m->options->places;

    for (size_t i = 0; i < places->count; i++) {
        if (!place_is_local(&places->at[i]))
            continue;
        m->ports[m->port_count++] = places->at[i].port;
        if (m->own_network)
            open_local_place(m, (int)i);
    }
}

static void set_variable(const struct inmate *m, const char *name, const char *value)
{
    if (setenv(name, value, 1) < 0)
        give_up(m, "set the environment", errno);
}

/* Whatever the user's own proxy is, it is out of the agent's reach. */
static void set_proxy(const struct inmate *m)
{
    static const char *const names[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                        "https_proxy", "ALL_PROXY",  "all_proxy"};
    static const char direct[] = "localhost,127.0.0.1,::1";
    AUTO_FREE char *url = text_format("http://127.0.0.1:%u", m->proxy_port);

    for (size_t i = 0; i < COUNT_OF(names); i++)
        set_variable(m, names[i], url);
    set_variable(m, "NO_PROXY", direct);
    set_variable(m, "no_proxy", direct);
    set_variable(m, "NODE_USE_ENV_PROXY", "1"); /* or Node.js would not look at them */
}

static void restrict_self(const struct inmate *m)
{
    enum sandbox_sockets sockets = m->own_network ? SANDBOX_SOCKETS_INTERNET : SANDBOX_SOCKETS_TCP;

    must(m, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0, "give up privileges");
    sandbox_drop_rights();
    if (m->own_network)
        must(m, restrict_signals(), "keep signals inside");
    else
        must(m, restrict_to_ports(m->ports, m->port_count), "restrict the network");
    must(m, -sandbox_filter_sockets(sockets), "restrict sockets");
}

_Noreturn static void run_inmate(struct inmate *m)
{
    const union place_address anywhere = loopback(AF_INET);
    int port;

    if (m->options->way != CAGE_PORTS) {
        int r = restrict_to_own_network();
        m->own_network = r == 0;
        if (m->options->way == CAGE_NAMESPACE)
            must(m, r, "make a network namespace");
    }
    port = listen_at(m, &anywhere, -1);
    must(m, port, "listen on the loopback interface");
    m->proxy_port = (uint16_t)port;
    m->ports[m->port_count++] = m->proxy_port;
    open_local_places(m);
    set_proxy(m);
    restrict_self(m);
    (void)sigprocmask(SIG_SETMASK, m->options->mask, NULL); /* cannot fail */
    (void)execvp(m->options->argv[0], (char *const *)m->options->argv);
    end_with(m, &(struct report){.kind = REPORT_PROGRAM, .error = errno});
}

static int take_descriptor(struct msghdr *message, int place, struct cage *cage, struct fault *f)
{
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    struct cage_listener *listener = &cage->listeners[cage->count];

    if (cage->count == CAGE_LISTENERS_MAX)
        bug("more than %d listening sockets", CAGE_LISTENERS_MAX);
    /* The kernel leaves out what it has no number for. */
    if (!head || head->cmsg_type != SCM_RIGHTS)
        return fault_system(f, EMFILE, "cannot take over a listening socket");
    memcpy(&listener->fd, CMSG_DATA(head), sizeof listener->fd);
    listener->place = place;
    cage->count++;
    return 0;
}

static int say_failure(const struct report *report, const char *program, struct fault *f)
{
    if (report->kind == REPORT_PROGRAM && report->error == ENOENT)
        return fault_set(f, FAULT_NOT_FOUND, "there is no program '%s'", program);
    if (report->kind == REPORT_PROGRAM)
        return fault_set(f, FAULT_ENVIRONMENT, "cannot start '%s': %s", program,
                         strerror(report->error));
    (void)fault_set(f, FAULT_ENVIRONMENT, "cannot %.*s: %s", (int)sizeof report->what, report->what,
                    strerror(report->error));
    fault_hint(f, "`kelp doctor` says what this machine can do");
    return -FAULT_ENVIRONMENT;
}

/* 1: there is a report or the end of them, or minus a code. */
static int wait_for_report(int fd, const char *program, struct fault *f)
{
    struct pollfd waiting = {fd, POLLIN, 0};
    int n = (int)TEMP_FAILURE_RETRY(poll(&waiting, 1, START_LIMIT_MS));

    if (n < 0)
        return fault_system(f, errno, "cannot wait for the agent's process");
    return n ? n : fault_set(f, FAULT_LIMIT, "the start of '%s' takes too long", program);
}

/* 1: a listener was taken, 0: the program runs, or minus a code. */
static int take_report(int fd, const struct cage_options *options, struct cage *cage,
                       struct fault *f)
{
    struct report report;
    struct iovec data = {&report, sizeof report};
    char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(sizeof(struct cmsghdr))));
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};

    int r = wait_for_report(fd, options->argv[0], f);
    if (r < 0)
        return r;
    ssize_t n = TEMP_FAILURE_RETRY(recvmsg(fd, &message, MSG_CMSG_CLOEXEC));
    if (n == 0)
        return 0;
    if (n < 0)
        return fault_system(f, errno, "cannot read from the agent's process");
    if (n != sizeof report)
        bug("a report of %zd bytes", n);
    if (report.kind != REPORT_LISTENER)
        return say_failure(&report, options->argv[0], f);
    r = take_descriptor(&message, report.place, cage, f);
    return r < 0 ? r : 1;
}

/* Kills and reaps what did not get to run, and closes what it sent. */
static void clear_away(struct cage *cage)
{
    (void)kill(cage->pid, SIGKILL);
    (void)TEMP_FAILURE_RETRY(waitpid(cage->pid, NULL, 0)); /* it was killed */
    if (cage->pidfd >= 0)
        (void)close(cage->pidfd);
    for (unsigned i = 0; i < cage->count; i++)
        (void)close(cage->listeners[i].fd);
}

static int open_pidfd(pid_t pid, int *ret, struct fault *f)
{
    *ret = (int)syscall(SYS_pidfd_open, pid, 0);
    return *ret < 0 ? fault_system(f, errno, "cannot watch a process") : 0;
}

/* A plain fork: what comes before exec needs more than a child of spawn_process may do. */
int cage_start(const struct cage_options *options, struct cage *ret, struct fault *f)
{
    struct cage cage = {.pidfd = -1};
    pid_t relay = getpid();
    int ends[2], r;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return fault_system(f, errno, "cannot make a pair of sockets");
    cage.pid = fork();
    if (cage.pid == 0) {
        struct inmate inmate = {.options = options, .report_fd = ends[1]};
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != relay)
            _exit(127);
        run_inmate(&inmate);
    }
    r = cage.pid < 0 ? fault_system(f, errno, "cannot fork") : 0;
    (void)close(ends[1]);
    if (r == 0)
        r = open_pidfd(cage.pid, &cage.pidfd, f);
    while (r == 0) {
        r = take_report(ends[0], options, &cage, f);
        if (r == 0)
            break;
        r = r > 0 ? 0 : r;
    }
    (void)close(ends[0]);
    if (r < 0) {
        if (cage.pid > 0)
            clear_away(&cage);
        return r;
    }
    *ret = cage;
    return 0;
}
