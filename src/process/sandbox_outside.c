/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_outside.h"

#include "process/own_stack.h"
#include "process/sandbox_mounts.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

/* What stays writable is held before everything is read-only, and put in its place afterwards. */
ON_OWN_STACK static int close_files(const char *const *writable, size_t count, bool strict)
{
    int held[SANDBOX_WRITABLE_MAX];
    char folder[PATH_MAX];

    if (count > SANDBOX_WRITABLE_MAX)
        return E2BIG;
    if (!getcwd(folder, sizeof folder))
        return errno;
    for (size_t i = 0; i < count; i++) {
        held[i] = sandbox_mounts_open(writable[i]);
        if (held[i] < 0 && errno != ENOENT && errno != ENOTDIR)
            return errno;
    }
    int error = sandbox_mounts_close_all();
    if (error)
        return strict ? error : 0;
    for (size_t i = 0; !error && i < count; i++)
        if (held[i] >= 0)
            error = sandbox_mounts_put(held[i], writable[i]);
    return error ? error : sandbox_mounts_enter_again(folder);
}

ON_OWN_STACK int sandbox_outside_close(const char *const *writable, size_t count, bool strict,
                                       bool *ret_memory)
{
    static const char terminals[] = "newinstance,mode=0620,ptmxmode=0666";

    *ret_memory = false;
    int error = close_files(writable, count, strict);
    if (error)
        return error;
    if (mount("kelp", SANDBOX_TERMINALS, "devpts", MS_NOSUID | MS_NOEXEC, terminals) < 0 && strict)
        return errno;
    *ret_memory = mount("kelp", SANDBOX_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
    if (!*ret_memory && strict)
        return errno;
    return unshare(CLONE_NEWIPC) < 0 && strict ? errno : 0;
}
