/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end of a socket with a path: the process that connected, by the kernel's
 * word. Its number is worth something only as long as it lives, and whoever can make processes can
 * bring it about that another one has the number next. So a peer is kept by a descriptor; what was
 * found out by its number holds if peer_lives is asked afterwards.
 */
#ifndef KELP_PROCESS_PEER_H
#define KELP_PROCESS_PEER_H

#include "base/memory.h"

#include <stdbool.h>
#include <sys/types.h>

/* To be closed. */
struct peer {
    pid_t pid;
    int pidfd; /* from the connection itself (Linux 6.5); before, of who has the number now; -1
                * where a process has no descriptors (before Linux 5.3): then it is taken to live */
};

/* Of a connected socket. Returns 0, or -errno: -EPERM for another user's process, -ESRCH for one
 * that is gone or can't be seen from here; *ret_peer is then as it was. */
int peer_open(int fd, struct peer *ret_peer) MUST_CHECK;
bool peer_lives(const struct peer *peer);
void peer_close(struct peer *peer);

/*
 * Is it in a sandbox that this process is not in? It is if it has given up new privileges, or has
 * more filters of system calls (proc_bonds): neither can be undone, and whatever an attempt with a
 * sandbox starts has both, of whichever run. What can't be told is taken for one.
 */
bool peer_is_confined(const struct peer *peer);

#endif
