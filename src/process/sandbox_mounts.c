/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_mounts.h"

#include "base/call_numbers.h"
#include "process/own_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

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
    return (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_CLOEXEC | TREE_RECURSIVE);
}

ON_OWN_STACK int sandbox_mounts_put(int fd, const char *path)
{
    long r = syscall(SYS_move_mount, fd, "", AT_FDCWD, path, MOVE_FROM_DESCRIPTOR | MOVE_TO_LINKED);

    return r < 0 ? errno : 0;
}

ON_OWN_STACK int sandbox_mounts_enter_again(const char *folder)
{
    return chdir(folder) < 0 ? errno : 0;
}

ON_OWN_STACK int sandbox_mounts_close_all(void)
{
    const struct attributes to = {.set = READ_ONLY};

    return syscall(SYS_mount_setattr, AT_FDCWD, "/", TREE_RECURSIVE, &to, sizeof to) < 0 ? errno
                                                                                         : 0;
}
