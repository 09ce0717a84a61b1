/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ON_OWN_STACK __attribute__((no_sanitize_address))

/* Of the same numbers everywhere. */
enum { CALL_OPEN_TREE = 428, CALL_MOVE_MOUNT = 429, CALL_MOUNT_SETATTR = 442 };

#define TREE_CLONE 1U
#define TREE_RECURSIVE 0x8000U
#define TREE_CLOEXEC ((unsigned)O_CLOEXEC)
#define MOVE_FROM_DESCRIPTOR 0x4U
#define MOVE_TO_LINKED 0x10U /* what a link leads to, as open_tree follows it */

/* struct mount_attr. */
struct attributes {
    uint64_t set, clear, propagation, space;
};

enum { READ_ONLY = 1 };

ON_OWN_STACK int sandbox_mounts_open(const char *path)
{
    return (int)syscall(CALL_OPEN_TREE, AT_FDCWD, path, TREE_CLONE | TREE_CLOEXEC | TREE_RECURSIVE);
}

ON_OWN_STACK int sandbox_mounts_put(int fd, const char *path)
{
    long r =
        syscall(CALL_MOVE_MOUNT, fd, "", AT_FDCWD, path, MOVE_FROM_DESCRIPTOR | MOVE_TO_LINKED);

    return r < 0 ? errno : 0;
}

ON_OWN_STACK int sandbox_mounts_close_all(void)
{
    const struct attributes to = {.set = READ_ONLY};

    return syscall(CALL_MOUNT_SETATTR, AT_FDCWD, "/", TREE_RECURSIVE, &to, sizeof to) < 0 ? errno
                                                                                          : 0;
}
