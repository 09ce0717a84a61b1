/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_space.h"

#include "process/own_stack.h"
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* To make a network namespace, and to switch on the loopback interface in it. */
static const int kept_rights[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN};

ON_OWN_STACK static int write_file(const char *path, const char *words, size_t length)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0)
        return errno;
    if (write(fd, words, length) < 0)
        error = errno;
    (void)close(fd);
    return error;
}

/* The decimal digits of `number` in front of `end`; returns where they begin. */
ON_OWN_STACK static char *put_number(char *end, unsigned number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return end;
}

/* "ID ID 1": one ID is mapped, to itself. */
ON_OWN_STACK static int write_map(const char *path, unsigned id)
{
    char line[32];
    char *end = line + sizeof line, *at = end;

    *--at = '1';
    *--at = ' ';
    at = put_number(at, id);
    *--at = ' ';
    at = put_number(at, id);
    return write_file(path, at, (size_t)(end - at));
}

/* Only what is inheritable and ambient passes an exec of somebody who is not root. */
ON_OWN_STACK static int keep_rights(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];

    if (syscall(SYS_capget, &head, rights) < 0)
        return errno;
    for (size_t i = 0; i < COUNT_OF(kept_rights); i++)
        rights[CAP_TO_INDEX(kept_rights[i])].inheritable |= CAP_TO_MASK(kept_rights[i]);
    if (syscall(SYS_capset, &head, rights) < 0)
        return errno;
    for (size_t i = 0; i < COUNT_OF(kept_rights); i++)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept_rights[i], 0, 0) < 0)
            return errno;
    return 0;
}

ON_OWN_STACK int sandbox_space_plain(bool *ret_made)
{
    static const char deny[] = "deny";
    uid_t user = geteuid();
    gid_t group = getegid();

    *ret_made = unshare(CLONE_NEWUSER) == 0;
    if (!*ret_made)
        return 0;
    int error = write_file("/proc/self/setgroups", deny, sizeof deny - 1);
    if (!error)
        error = write_map("/proc/self/uid_map", user);
    if (!error)
        error = write_map("/proc/self/gid_map", group);
    return error;
}

ON_OWN_STACK int sandbox_space_enter(bool *ret_made)
{
    int error = sandbox_space_plain(ret_made);

    return error || !*ret_made ? error : keep_rights();
}

static bool can_enter(void)
{
    bool made;

    return sandbox_space_plain(&made) == 0 && made;
}

bool sandbox_space_works(void)
{
    return spawn_try(can_enter);
}
