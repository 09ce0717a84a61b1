/* SPDX-License-Identifier: Apache-2.0 */
#include "fail_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    unsigned left; /* calls until the one that fails; 0 for none */
    int error;
    bool made;
} failure;

void fail_call(unsigned n, int error)
{
    failure.left = n;
    failure.error = error;
    failure.made = false;
}

bool fail_call_made(void)
{
    failure.left = 0;
    return failure.made;
}

static bool due(void)
{
    if (failure.left == 0 || --failure.left > 0)
        return false;
    failure.made = true;
    errno = failure.error;
    return true;
}

#define WRAP(type, name, failed, parameters, arguments)  \
    type __real_##name parameters;                       \
    type __wrap_##name parameters;                       \
    type __wrap_##name parameters                        \
    {                                                    \
        return due() ? failed : __real_##name arguments; \
    }

WRAP(ssize_t, read, -1, (int fd, void *to, size_t n), (fd, to, n))
WRAP(ssize_t, write, -1, (int fd, const void *from, size_t n), (fd, from, n))
WRAP(int, fsync, -1, (int fd), (fd))
WRAP(int, rename, -1, (const char *from, const char *to), (from, to))
WRAP(int, renameat, -1, (int d, const char *from, int e, const char *to), (d, from, e, to))
WRAP(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
WRAP(int, unlink, -1, (const char *path), (path))
WRAP(int, unlinkat, -1, (int dir, const char *name, int flags), (dir, name, flags))
WRAP(int, rmdir, -1, (const char *path), (path))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(DIR *, fdopendir, NULL, (int fd), (fd))
WRAP(char *, realpath, NULL, (const char *path, char *out), (path, out))

WRAP(int, lstat64, -1, (const char *path, struct stat64 *ret), (path, ret))
WRAP(struct dirent64 *, readdir64, NULL, (DIR * entries), (entries))

/* The mode is passed on whether there is one or not, as the C library does itself. */
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    va_list args;

    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return due() ? -1 : __real_open64(path, flags, mode);
}

WRAP(int, openat64, -1, (int dir, const char *name, int flags), (dir, name, flags))
