/* SPDX-License-Identifier: Apache-2.0 */
#include "git/files.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL_FILE_MAX = 256 * 1024 * 1024 };

/* A name beside `path` that no other process uses, and that is no longer than a name may be. */
static char *name_beside(const char *path)
{
    enum { KEPT = 200 };
    const char *slash = strrchr(path, '/');
    size_t dir = slash ? (size_t)(slash + 1 - path) : 0;
    size_t name = strnlen(path + dir, KEPT);

    return text_format("%.*s.kelp-%ld", (int)(dir + name), path, (long)getpid());
}

static int rename_over(const char *from, const char *to, struct fault *f)
{
    if (rename(from, to) == 0)
        return 0;
    int r = fault_system(f, errno, "cannot rename '%s' to '%s'", from, to);
    (void)unlink(from); /* the fault already says what went wrong */
    return r;
}

int file_put(const char *path, const char *data, size_t length, struct fault *f)
{
    AUTO_FREE char *beside = name_beside(path);

    (void)unlink(beside); /* one is there only after a crash, or planted */
    AUTO_CLOSE fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return fault_system(f, errno, "cannot create '%s'", beside);
    int r = os_write_all(fd, data, length);
    if (r < 0)
        return fault_system(f, -r, "cannot write '%s'", beside);
    return rename_over(beside, path, f);
}

int file_put_in(const char *dir, const char *name, const struct text *content, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, name);

    return file_put(path, text_get(content), content->length, f);
}

int file_get_in(const char *dir, const char *name, struct text *content, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, name);
    struct stat st;

    int there = os_look(path, &st, f);
    if (there <= 0 || !S_ISREG(st.st_mode))
        return there < 0 ? there : 0;
    return os_read_file(path, SMALL_FILE_MAX, content, f);
}

static int pour(int in, int out, const char *to, struct fault *f)
{
    char buffer[128 * 1024];

    for (;;) {
        ssize_t n = read(in, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault_system(f, errno, "cannot read for '%s'", to);
        if (n == 0)
            return 0;
        int r = os_write_all(out, buffer, (size_t)n);
        if (r < 0)
            return fault_system(f, -r, "cannot write '%s'", to);
    }
}

int file_copy(const char *from, const char *to, struct fault *f)
{
    AUTO_FREE char *beside = name_beside(to);
    AUTO_CLOSE in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (in < 0 || fstat(in, &st) < 0)
        return fault_system(f, errno, "cannot open '%s'", from);
    (void)unlink(beside);
    AUTO_CLOSE out = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return fault_system(f, errno, "cannot create '%s'", beside);
    int r = pour(in, out, to, f);
    if (r < 0)
        return r;
    if (fchmod(out, st.st_mode & 0777) < 0)
        return fault_system(f, errno, "cannot set the mode of '%s'", beside);
    return rename_over(beside, to, f);
}

int file_lock(const char *path, int *ret_fd, struct fault *f)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

    if (fd < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    while (flock(fd, LOCK_EX) < 0) {
        if (errno == EINTR)
            continue;
        int error = errno;
        (void)close(fd);
        return fault_system(f, error, "cannot lock '%s'", path);
    }
    *ret_fd = fd;
    return 0;
}

int dir_ensure(const char *path, struct fault *f)
{
    struct stat st;

    int there = os_look(path, &st, f);
    if (there < 0)
        return there;
    if (there && S_ISDIR(st.st_mode))
        return 0;
    if (there && unlink(path) < 0)
        return fault_system(f, errno, "cannot remove '%s'", path);
    return os_make_dirs(path, 0777, f);
}

int dir_make_above(const char *path, struct fault *f)
{
    AUTO_FREE char *above = mem_string(path);
    char *slash = strrchr(above, '/');

    if (!slash || slash == above)
        return 0;
    *slash = '\0';
    return os_make_dirs(above, 0777, f);
}

int dir_make_temporary(char **ret, struct fault *f)
{
    const char *base = getenv("TMPDIR");
    AUTO_FREE char *path = os_path(base && *base ? base : "/tmp", "kelp-XXXXXX");

    if (!mkdtemp(path))
        return fault_system(f, errno, "cannot make a temporary folder '%s'", path);
    *ret = path;
    path = NULL;
    return 0;
}

void dir_remove_pointer(char **path)
{
    AUTO_FAULT ignored = {0};

    /* A temporary folder that stays harms nobody. */
    int r UNUSED = *path ? os_remove_tree(*path, &ignored) : 0;
    free(*path);
    *path = NULL;
}
