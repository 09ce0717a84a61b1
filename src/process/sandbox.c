/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox.h"

#include "base/call_numbers.h"
#include "process/landlock.h"
#include "process/own_stack.h"
#include "process/sandbox_filter.h"
#include "process/sandbox_space.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is forbidden outside of the writable paths. Reading and executing are not in it. */
#define FS_CHANGES                                                                                 \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* The rights that a rule on something that is no folder may name. */
#define FS_FILE_RIGHTS \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_FS_TRUNCATE | LANDLOCK_FS_IOCTL_DEV)

static const struct {
    int version;
    struct landlock_attributes adds;
} abilities[] = {
    {1, {.handled_fs = FS_CHANGES}},
    {2, {.handled_fs = LANDLOCK_ACCESS_FS_REFER}},
    {3, {.handled_fs = LANDLOCK_FS_TRUNCATE}},
    {4, {.handled_net = LANDLOCK_NET_BIND_TCP | LANDLOCK_NET_CONNECT_TCP}},
    {5, {.handled_fs = LANDLOCK_FS_IOCTL_DEV}},
    {6, {.scoped = LANDLOCK_SCOPED_SOCKETS | LANDLOCK_SCOPED_SIGNALS}},
};

/* Newer than some systems' headers. */
#define RIGHT_PERFMON 38
#define RIGHT_BPF 39

/* What of root's power leads out of the sandbox: into other processes (capabilities(7)), the
 * kernel and its network, by a device made in a writable folder onto the disk below everything, and
 * to files that nobody can remove.
 */
static const int dropped_rights[] = {
    CAP_LINUX_IMMUTABLE, CAP_SYS_PTRACE, RIGHT_PERFMON, RIGHT_BPF,    CAP_SYS_ADMIN, CAP_SYS_MODULE,
    CAP_SYS_RAWIO,       CAP_MKNOD,      CAP_SYS_BOOT,  CAP_SYS_TIME, CAP_NET_ADMIN,
};

/* Written to by programs that mean no harm. Shared memory (/dev/shm) is not among them: it is a
 * folder that all processes share. */
static const char *const devices[] = {
    "/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
    "/dev/urandom", "/dev/tty",  "/dev/ptmx", "/dev/pts",
};

int sandbox_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version < 0 ? 0 : (int)version;
}

static struct landlock_attributes attributes_of(int version, enum sandbox_network network)
{
    struct landlock_attributes all = {0};

    for (size_t i = 0; i < COUNT_OF(abilities) && abilities[i].version <= version; i++) {
        all.handled_fs |= abilities[i].adds.handled_fs;
        all.handled_net |= abilities[i].adds.handled_net;
        all.scoped |= abilities[i].adds.scoped;
    }
    if (network != SANDBOX_NETWORK_NONE)
        all.handled_net = 0;
    return all;
}

ON_OWN_STACK static int allow_below(int ruleset_fd, uint64_t rights, const char *path)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    struct stat st;
    int r = 0;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == ENXIO ? 0 : -errno;
    if (fstat(rule.parent_fd, &st) < 0)
        r = -errno;
    if (r == 0 && !S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_FILE_RIGHTS;
    if (r == 0 &&
        syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        r = -errno;
    (void)close(rule.parent_fd);
    return r;
}

static int allow_all(int ruleset_fd, uint64_t rights, const struct sandbox *sandbox)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(devices); i++)
        r = allow_below(ruleset_fd, rights, devices[i]);
    for (size_t i = 0; r == 0 && i < sandbox->writable_count; i++)
        r = allow_below(ruleset_fd, rights, sandbox->writable[i]);
    return r;
}

int sandbox_prepare(const struct sandbox *sandbox, struct sandbox_jail *ret_jail)
{
    *ret_jail = (struct sandbox_jail){.ruleset_fd = -1};
    if (sandbox->writable_count > SANDBOX_WRITABLE_MAX)
        return -E2BIG;
    int version = sandbox_landlock_version();
    struct landlock_attributes attributes = attributes_of(version, sandbox->network);
    long fd =
        version ? syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0) : -1;

    if (fd < 0)
        return version ? -errno : -EOPNOTSUPP;
    int r = allow_all((int)fd, attributes.handled_fs, sandbox);
    if (r < 0) {
        (void)close((int)fd);
        return r;
    }
    *ret_jail = (struct sandbox_jail){
        .ruleset_fd = (int)fd, .rights = attributes.handled_fs, .of = sandbox};
    return 0;
}

void sandbox_finish(struct sandbox_jail *jail)
{
    if (jail->ruleset_fd >= 0)
        (void)close(jail->ruleset_fd);
    jail->ruleset_fd = -1;
}

/* It holds from the exec on, where root's rights are made anew from the two sets. Who may not drop
 * a right does not have it to pass on. */
ON_OWN_STACK void sandbox_drop_rights(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];

    for (size_t i = 0; i < COUNT_OF(dropped_rights); i++)
        (void)prctl(PR_CAPBSET_DROP, dropped_rights[i], 0, 0, 0);
    if (syscall(SYS_capget, &head, rights) < 0)
        return;
    for (size_t i = 0; i < COUNT_OF(rights); i++)
        rights[i].inheritable = 0;
    (void)syscall(SYS_capset, &head, rights);
}

/* Of its own in the namespace: what was allowed before are those of everybody. */
ON_OWN_STACK static int allow_own(const struct sandbox_jail *jail, bool memory)
{
    int r = allow_below(jail->ruleset_fd, jail->rights, SANDBOX_TERMINALS);

    return r || !memory ? -r : -allow_below(jail->ruleset_fd, jail->rights, SANDBOX_MEMORY);
}

/* What is seen and can be changed of the files, where the machine gives it a namespace. */
ON_OWN_STACK static int enter_view(const struct sandbox_jail *jail, bool own_space)
{
    const struct sandbox *of = jail->of;
    bool strict = jail->needs == SANDBOX_NEEDS_ALL;
    bool hidden, memory;
    int error =
        sandbox_view_enter(of->views, of->view_count, own_space || jail->no_spaces, &hidden);

    if (error || !hidden)
        return error || jail->needs == SANDBOX_NEEDS_NOTHING ? error : EPERM;
    error = sandbox_outside_close(of->writable, of->writable_count, strict, &memory);
    return error ? error : allow_own(jail, memory);
}

ON_OWN_STACK int sandbox_enter(const struct sandbox_jail *jail)
{
    enum sandbox_network network = jail->of->network;
    bool own_space = false;
    int error = 0;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return errno;
    if (network == SANDBOX_NETWORK_RELAYED && !jail->no_spaces)
        error = sandbox_space_enter(&own_space);
    if (!error)
        error = enter_view(jail, own_space);
    if (error)
        return error;
    /* In a space of its own they are rights over that alone. */
    if (geteuid() == 0 && !own_space)
        sandbox_drop_rights();
    if (syscall(SYS_landlock_restrict_self, jail->ruleset_fd, 0) < 0)
        return errno;
    error = sandbox_filter_doors();
    if (error || network != SANDBOX_NETWORK_NONE)
        return error;
    return sandbox_filter_sockets(SANDBOX_SOCKETS_NONE);
}
