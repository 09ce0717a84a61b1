/* SPDX-License-Identifier: Apache-2.0 */
#include "process/peer.h"

#include "base/call_numbers.h"
#include "base/os.h"
#include "process/proc.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Newer than some systems' headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static int open_pidfd(int fd, pid_t pid, int *ret)
{
    socklen_t bytes = sizeof *ret;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, ret, &bytes) == 0)
        return 0;
    if (errno != ENOPROTOOPT)
        return -errno;
    *ret = (int)syscall(SYS_pidfd_open, pid, 0);
    return *ret < 0 && errno == ESRCH ? -ESRCH : 0;
}

int peer_open(int fd, struct peer *ret_peer)
{
    struct peer peer;
    struct ucred user;
    socklen_t bytes = sizeof user;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &bytes) < 0)
        return -errno;
    if (user.uid != geteuid())
        return -EPERM;
    peer.pid = user.pid;
    int r = user.pid > 0 ? open_pidfd(fd, user.pid, &peer.pidfd) : -ESRCH;
    if (r == 0)
        *ret_peer = peer;
    return r;
}

bool peer_lives(const struct peer *peer)
{
    struct pollfd end = {.fd = peer->pidfd, .events = POLLIN}; /* passed over if there is none */

    return TEMP_FAILURE_RETRY(poll(&end, 1, 0)) == 0;
}

void peer_close(struct peer *peer)
{
    os_close_pointer(&peer->pidfd);
}

bool peer_is_confined(const struct peer *peer)
{
    struct proc_bonds own, its;

    if (proc_bonds_read(getpid(), &own) < 0 || proc_bonds_read(peer->pid, &its) < 0)
        return true;
    return its.no_new_privileges > own.no_new_privileges || its.filters > own.filters;
}
