/* SPDX-License-Identifier: Apache-2.0 */
/* os_remove_tree. Trees come from agents: any depth, any permissions, links to anywhere. */
#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What lies deeper is moved up before it is removed, so that neither descriptors nor the stack run
 * out. */
enum { DEPTH_MAX = 64 };

struct removal {
    int top;           /* the folder that is being emptied */
    unsigned depth;    /* below it */
    unsigned lifted;   /* names that were tried for what was moved up into it */
    bool again;        /* something was moved up after `top` was listed */
    struct text shown; /* the path at hand, for faults */
    struct fault *fault;
};

static int fail(struct removal *removal, int error)
{
    return fault_system(removal->fault, error, "cannot remove '%s'", text_get(&removal->shown));
}

static int open_folder(int dir, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

    int fd = openat(dir, name, flags);
    if (fd < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
        fd = openat(dir, name, flags);
    if (fd >= 0)
        (void)fchmod(fd, 0700); /* if it was needed and failed, the removal says so */
    return fd;
}

static int lift(struct removal *removal, int dir, const char *name)
{
    char above[32];

    do {
        (void)snprintf(above, sizeof above, ".kelp-removed-%u", removal->lifted++);
        if (renameat(dir, name, removal->top, above) == 0) {
            removal->again = true;
            return 0;
        }
    } while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR);
    return fail(removal, errno);
}

static int remove_entry(struct removal *removal, int dir, const char *name);

/* Takes over `fd`. */
static int empty_folder(struct removal *removal, int fd)
{
    DIR *entries = fdopendir(fd);
    const struct dirent *entry;
    AUTO_FAULT unread = {0};
    int r = 0;

    if (!entries) {
        int error = errno;
        (void)close(fd);
        return fail(removal, error);
    }
    removal->depth++;
    int more = 1;
    while (r == 0 && (more = os_next_entry(entries, "", &entry, &unread)) > 0)
        r = remove_entry(removal, dirfd(entries), entry->d_name);
    if (more < 0)
        r = fail(removal, unread.sys_errno);
    removal->depth--;
    (void)closedir(entries);
    return r;
}

/* `error` is why it could not be removed like a file. */
static int remove_folder(struct removal *removal, int dir, const char *name, int error)
{
    int fd = open_folder(dir, name);

    if (fd < 0)
        return fail(removal, errno == ENOTDIR ? error : errno);
    if (removal->depth == DEPTH_MAX) {
        (void)close(fd);
        return lift(removal, dir, name);
    }
    int r = empty_folder(removal, fd);
    if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return fail(removal, errno);
    return r;
}

static int remove_entry(struct removal *removal, int dir, const char *name)
{
    size_t length = removal->shown.length;
    int r = 0;

    text_printf(&removal->shown, "/%s", name);
    if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) {
        bool may_be_folder = errno == EISDIR || errno == EPERM || errno == EACCES;
        r = may_be_folder ? remove_folder(removal, dir, name, errno) : fail(removal, errno);
    }
    text_cut(&removal->shown, length);
    return r;
}

static int remove_top(struct removal *removal, const char *path, int error)
{
    int r = 0;

    removal->top = open_folder(AT_FDCWD, path);
    if (removal->top < 0)
        return fail(removal, errno == ENOTDIR ? error : errno);
    do {
        removal->again = false;
        int fd = openat(removal->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = fd < 0 ? fail(removal, errno) : empty_folder(removal, fd);
    } while (r == 0 && removal->again);
    os_close_pointer(&removal->top);
    if (r == 0 && rmdir(path) < 0 && errno != ENOENT)
        return fail(removal, errno);
    return r;
}

int os_remove_tree(const char *path, struct fault *f)
{
    struct removal removal = {.fault = f};
    int r = 0;

    text_add(&removal.shown, path);
    if (unlink(path) < 0 && errno != ENOENT) {
        bool may_be_folder = errno == EISDIR || errno == EPERM || errno == EACCES;
        r = may_be_folder ? remove_top(&removal, path, errno) : fail(&removal, errno);
    }
    text_free(&removal.shown);
    return r;
}
