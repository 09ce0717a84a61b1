/* SPDX-License-Identifier: Apache-2.0 */
/* Of Landlock what is newer than some systems' headers: see landlock(7), also for the version that
 * brought each. */
#ifndef KELP_PROCESS_LANDLOCK_H
#define KELP_PROCESS_LANDLOCK_H

#include <stdint.h>

enum { LANDLOCK_VERSION_PORTS = 4, LANDLOCK_VERSION_SCOPES = 6 };

#define LANDLOCK_FS_TRUNCATE (1ULL << 14)
#define LANDLOCK_FS_IOCTL_DEV (1ULL << 15)
#define LANDLOCK_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_NET_CONNECT_TCP (1ULL << 1)
#define LANDLOCK_SCOPED_SOCKETS (1ULL << 0) /* abstract ones */
#define LANDLOCK_SCOPED_SIGNALS (1ULL << 1)

/* What a set of rules is about. A kernel takes a longer struct than it knows if what it does not
 * know is zero. */
struct landlock_attributes {
    uint64_t handled_fs, handled_net, scoped;
};

enum { LANDLOCK_RULE_PORT = 2 };

struct landlock_port {
    uint64_t allowed, port;
};

#endif
