/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a driver wants to be there. A private home is kept over attempts, and the agent of
 * an earlier one may have put anything in it: no link is followed on the way to a file, so that
 * nothing is written outside.
 */
#include "engine/agent_files.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(struct fault *f, const char *what, const char *path, int error)
{
    return fault_set(f, FAULT_SYSTEM, "cannot %s '%s': %s", what, path, strerror(error));
}

/* Opens `name` below `fd`, making it if it is not there. Takes `fd`. -1 with errno. */
static int enter(int fd, const char *name, size_t length)
{
    AUTO_FREE char *part = mem_string_n(name, length);
    int next = -1;

    if (mkdirat(fd, part, 0700) == 0 || errno == EEXIST)
        next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    (void)close(fd);
    errno = error;
    return next;
}

/* The folder of `path`, which lies below `base`; *ret_name is the last part. -1 with errno. */
static int open_folder(const char *base, const char *path, const char **ret_name)
{
    int fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    path += strlen(base) + 1;
    for (;;) {
        size_t length = strcspn(path, "/");
        if (fd < 0 || !path[length])
            break;
        if (length)
            fd = enter(fd, path, length);
        path += length + 1;
    }
    *ret_name = path;
    return fd;
}

static int write_content(int folder, const char *name, const char *content)
{
    AUTO_FREE char *beside = text_format("%s.new", name);
    AUTO_CLOSE fd = -1;

    (void)unlinkat(folder, beside, 0); /* what cannot be removed fails to open */
    fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = os_write_all(fd, content, strlen(content));
    if (r == 0 && renameat(folder, beside, folder, name) < 0)
        r = -errno;
    return r;
}

static int make_link(int folder, const char *name, const char *target)
{
    char now[PATH_MAX];
    ssize_t n = readlinkat(folder, name, now, sizeof now);

    if (n >= 0 && (size_t)n == strlen(target) && memcmp(now, target, (size_t)n) == 0)
        return 0;
    (void)unlinkat(folder, name, 0); /* what cannot be removed makes the link fail */
    return symlinkat(target, folder, name) < 0 ? -errno : 0;
}

/* The one of the two folders that the path lies below; NULL: neither. */
static const char *base_of(const char *path, const char *home, const char *dir)
{
    const char *const bases[] = {home, dir};

    for (size_t i = 0; i < COUNT_OF(bases); i++)
        if (text_starts(path, bases[i]) && path[strlen(bases[i])] == '/' && !strstr(path, "/../"))
            return bases[i];
    return NULL;
}

int agent_file_make(const struct driver_file *file, const char *home, const char *dir,
                    struct fault *f)
{
    const char *base = base_of(file->path, home, dir);
    const char *name;

    if (!base)
        return fault_set(f, FAULT_USAGE, "'%s' is neither below the agent's home nor its attempt",
                         file->path);
    AUTO_CLOSE folder = open_folder(base, file->path, &name);
    if (folder < 0)
        return cannot(f, "enter the folder of", file->path, errno);
    int r = file->content ? write_content(folder, name, file->content)
                          : make_link(folder, name, file->target);
    return r < 0 ? cannot(f, "make", file->path, -r) : 0;
}
