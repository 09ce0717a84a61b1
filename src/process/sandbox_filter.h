/* SPDX-License-Identifier: Apache-2.0 */
/* What Landlock does not cover: which sockets can be made at all, and which doors of the kernel are
 * shut. */
#ifndef KELP_PROCESS_SANDBOX_FILTER_H
#define KELP_PROCESS_SANDBOX_FILTER_H

#include "base/memory.h"

#include <stdbool.h>

enum sandbox_sockets {
    SANDBOX_SOCKETS_NONE,     /* no network */
    SANDBOX_SOCKETS_INTERNET, /* TCP and UDP, for who is alone in a network namespace */
    SANDBOX_SOCKETS_TCP,      /* TCP by connect() alone, which is what Landlock sees */
};

/*
 * From here on socket() makes the sockets of `sockets` and those that ask the kernel for its
 * interfaces (netlink, route), and gives EACCES for all others. Local sockets (AF_UNIX) are among
 * the others: nothing but their path says whom they reach, and behind some of them, a container
 * engine's or a session bus, are all rights of the user. Pairs of connected ones are made as ever.
 * io_uring, which could make sockets by another door, gives ENOSYS, as in many containers; system
 * calls of another architecture do too. Needs no_new_privs. Async-signal-safe. Returns 0 or errno.
 */
int sandbox_filter_sockets(enum sandbox_sockets sockets) MUST_CHECK;

/*
 * From here on what no agent needs gives EPERM, also to root: mounts and joining namespaces,
 * modules, kexec, reboot, swap, clocks, host names, BPF, performance counters, key rings, page
 * faults in user space, files by handle, and input into a terminal. io_uring and other
 * architectures as above. New user namespaces stay, which browsers keep their own sandbox by, and
 * so does tracing, which Landlock limits to the attempt. Needs no_new_privs. Async-signal-safe.
 * Returns 0 or errno.
 */
int sandbox_filter_doors(void) MUST_CHECK;

/* False where kelp knows no filter for the processor: the doors stay open, and sockets can't be
 * kept in. */
bool sandbox_filter_is_known(void);

#endif
