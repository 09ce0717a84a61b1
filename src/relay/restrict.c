/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/restrict.h"

#include "base/call_numbers.h"
#include "process/sandbox.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Newer than some systems' headers: see landlock(7). */
enum { VERSION_PORTS = 4, VERSION_SCOPES = 6, RULE_NET_PORT = 2 };
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

struct ruleset_attributes {
    uint64_t handled_fs, handled_net, scoped;
};

struct port_rule {
    uint64_t allowed, port;
};

static int switch_on_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int r;

    if (fd < 0)
        return -errno;
    r = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    (void)close(fd);
    return r;
}

int restrict_to_own_network(void)
{
    return unshare(CLONE_NEWNET) < 0 ? -errno : switch_on_loopback();
}

static int enter(int ruleset)
{
    int r = 0;

    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        r = -errno;
    (void)close(ruleset);
    return r;
}

static int make_ruleset(bool ports)
{
    struct ruleset_attributes attributes = {
        .handled_net = ports ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
        .scoped = sandbox_landlock_version() >= VERSION_SCOPES
                      ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL
                      : 0,
    };
    long fd = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);

    return fd < 0 ? -errno : (int)fd;
}

int restrict_to_ports(const uint16_t *ports, unsigned count)
{
    if (sandbox_landlock_version() < VERSION_PORTS)
        return -EOPNOTSUPP;
    int ruleset = make_ruleset(true);
    if (ruleset < 0)
        return ruleset;
    for (unsigned i = 0; i < count; i++) {
        struct port_rule rule = {NET_CONNECT_TCP, ports[i]};
        if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) < 0) {
            int r = -errno;
            (void)close(ruleset);
            return r;
        }
    }
    return enter(ruleset);
}

int restrict_signals(void)
{
    if (sandbox_landlock_version() < VERSION_SCOPES)
        return 0;
    int ruleset = make_ruleset(false);
    return ruleset < 0 ? ruleset : enter(ruleset);
}
