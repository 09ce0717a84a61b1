/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/restrict.h"

#include "base/call_numbers.h"
#include "process/landlock.h"
#include "process/sandbox.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
    struct landlock_attributes attributes = {
        .handled_net = ports ? LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP : 0,
        .scoped = sandbox_landlock_version() >= LANDLOCK_VERSION_SCOPES
                      ? LANDLOCK_SCOPED_SOCKETS | LANDLOCK_SCOPED_SIGNALS
                      : 0,
    };
    long fd = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);

    return fd < 0 ? -errno : (int)fd;
}

int restrict_to_ports(const uint16_t *ports, unsigned count)
{
    if (sandbox_landlock_version() < LANDLOCK_VERSION_PORTS)
        return -EOPNOTSUPP;
    int ruleset = make_ruleset(true);
    if (ruleset < 0)
        return ruleset;
    for (unsigned i = 0; i < count; i++) {
        struct landlock_port rule = {LANDLOCK_NET_CONNECT_TCP, ports[i]};
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PORT, &rule, 0) < 0) {
            int r = -errno;
            (void)close(ruleset);
            return r;
        }
    }
    return enter(ruleset);
}

int restrict_signals(void)
{
    if (sandbox_landlock_version() < LANDLOCK_VERSION_SCOPES)
        return 0;
    int ruleset = make_ruleset(false);
    return ruleset < 0 ? ruleset : enter(ruleset);
}
