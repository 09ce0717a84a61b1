/* SPDX-License-Identifier: Apache-2.0 */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void os_hold_standard_streams(void)
{
    int fd;

    /* The lowest that is free is given out. */
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        (void)close(fd);
}

void os_close_pointer(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a failed close is not retried, and what was written was synced */
}

int os_write_all(int fd, const void *data, size_t length)
{
    const char *p = data;

    while (length) {
        ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        length -= (size_t)n;
    }
    return 0;
}

static int read_fd(int fd, const char *path, size_t max_bytes, struct text *t, struct fault *f)
{
    size_t start = t->length;
    char buffer[64 * 1024];

    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault_system(f, errno, "cannot read '%s'", path);
        if (n == 0)
            return 0;
        if (t->length - start + (size_t)n > max_bytes) {
            t->length = start;
            return fault_set(f, FAULT_LIMIT, "'%s' is larger than %zu bytes", path, max_bytes);
        }
        text_add_n(t, buffer, (size_t)n);
    }
}

int os_read_file(const char *path, size_t max_bytes, struct text *t, struct fault *f)
{
    AUTO_CLOSE fd = (int)TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat st;

    if (fd < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return fault_system(f, EISDIR, "cannot read '%s'", path);
    return read_fd(fd, path, max_bytes, t, f);
}

static int write_new(const char *path, const char *data, size_t length, mode_t mode,
                     struct fault *f)
{
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

    if (fd < 0)
        return fault_system(f, errno, "cannot create '%s'", path);
    int error = os_write_all(fd, data, length);
    if (error < 0)
        return fault_system(f, -error, "cannot write '%s'", path);
    if (fsync(fd) < 0)
        return fault_system(f, errno, "cannot sync '%s'", path);
    return 0;
}

int os_write_file(const char *path, const char *data, size_t length, mode_t mode, struct fault *f)
{
    AUTO_FREE char *beside = text_format("%s.%ld.new", path, (long)getpid());

    int r = write_new(beside, data, length, mode, f);
    if (r == 0 && rename(beside, path) < 0)
        r = fault_system(f, errno, "cannot rename '%s' to '%s'", beside, path);
    if (r < 0)
        (void)unlink(beside); /* the fault already says what went wrong */
    return r;
}

static int make_dir(const char *path, mode_t mode, struct fault *f)
{
    if (mkdir(path, mode) == 0 || (errno == EEXIST && os_is_dir(path)))
        return 0;
    return fault_system(f, errno == EEXIST ? ENOTDIR : errno, "cannot make folder '%s'", path);
}

int os_make_dirs(const char *path, mode_t mode, struct fault *f)
{
    AUTO_FREE char *copy = mem_string(path);

    for (char *p = copy; *p; p++) {
        if (*p != '/' || p == copy)
            continue;
        *p = '\0';
        int r = make_dir(copy, mode, f);
        *p = '/';
        if (r < 0)
            return r;
    }
    return make_dir(copy, mode, f);
}

int os_look(const char *path, struct stat *ret, struct fault *f)
{
    if (lstat(path, ret) == 0)
        return 1;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP ||
        errno == ENAMETOOLONG || errno == EINVAL)
        return 0;
    return fault_system(f, errno, "cannot look at '%s'", path);
}

bool os_exists(const char *path)
{
    AUTO_FAULT unknown = {0};
    struct stat st;

    int there = os_look(path, &st, &unknown);
    if (there < 0) { /* a call that was interrupted, or memory that is there again */
        fault_clear(&unknown);
        there = os_look(path, &st, &unknown);
    }
    return there != 0;
}

int os_next_entry(DIR *entries, const char *path, const struct dirent **ret, struct fault *f)
{
    do {
        errno = 0;
        *ret = readdir(entries);
    } while (*ret && (strcmp((*ret)->d_name, ".") == 0 || strcmp((*ret)->d_name, "..") == 0));
    if (!*ret && errno)
        return fault_system(f, errno, "cannot list '%s'", path);
    return *ret != NULL;
}

bool os_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *os_path(const char *dir, const char *name)
{
    return text_format("%s%s%s", dir, text_ends(dir, "/") ? "" : "/", name);
}

int os_real_path(const char *path, char **ret_path, struct fault *f)
{
    char *real = realpath(path, NULL);

    if (!real)
        return fault_system(f, errno, "cannot resolve '%s'", path);
    *ret_path = real;
    return 0;
}

int os_program_dir(char **ret_path, struct fault *f)
{
    AUTO_FREE char *program = NULL;

    int r = os_real_path("/proc/self/exe", &program, f);
    if (r < 0)
        return r;
    char *slash = strrchr(program, '/');
    if (!slash)
        bug("'%s' is not a full path", program);
    *ret_path = mem_string_n(program, slash > program ? (size_t)(slash - program) : 1);
    return 0;
}
