/* SPDX-License-Identifier: Apache-2.0 */
#include "model/inside.h"

#include "base/call_numbers.h"
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int inside_init(struct inside *in, const char *root, struct fault *f)
{
    *in = (struct inside){.fd = -1};
    int r = os_real_path(root, &in->root, f);
    if (r < 0)
        return r;
    in->fd = open(in->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (in->fd < 0) {
        r = fault_system(f, errno, "cannot work in '%s'", root);
        inside_fini(in);
        return r;
    }
    return 0;
}

void inside_fini(struct inside *in)
{
    os_close_pointer(&in->fd);
    free(in->root);
    *in = (struct inside){.fd = -1};
}

/* Any component that is git's folder on some file system. */
static bool is_of_git(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        AUTO_FREE char *name = mem_string_n(at, length);
        if (text_same_nocase(name, ".git"))
            return true;
        at += length + strspn(at + length, "/");
    }
    return false;
}

static int refuse(struct fault *f, const char *path, const char *why)
{
    return fault_set(f, FAULT_REFUSED, "'%s' is refused: %s", path, why);
}

static int refuse_out(struct fault *f, const char *path)
{
    return refuse(f, path, "it leads out of the working folder");
}

static int fails(struct fault *f, int error, const char *path)
{
    if (error == EXDEV || error == ELOOP)
        return refuse_out(f, path);
    if (error == ENOENT)
        return fault_set(f, FAULT_NOT_FOUND, "there is no '%s'", path);
    return fault_system(f, error, "cannot open '%s'", path);
}

const char *inside_below(const struct inside *in, const char *path)
{
    size_t root = strlen(in->root);

    root -= root == 1; /* "/" */
    if (strncmp(path, in->root, root) != 0 || (path[root] != '/' && path[root]))
        return NULL;
    return path + root + strspn(path + root, "/");
}

/* The path as it counts from the folder; it may still lead out. */
static int relative(const struct inside *in, const char *path, const char **ret, struct fault *f)
{
    const char *at = *path == '/' ? inside_below(in, path) : path;

    if (!at)
        return refuse_out(f, path);
    if (is_of_git(at))
        return refuse(f, path, "git's own folder is not to be touched");
    *ret = *at ? at : ".";
    return 0;
}

/* A step of the walk: no symbolic link, and not upwards. A descriptor or -errno. */
static int step(int from, const char *name, int flags)
{
    struct stat st;

    if (strcmp(name, "..") == 0)
        return -EXDEV;
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        return -ELOOP;
    int fd = openat(from, name, flags | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int walk(int from, const char *path, int flags)
{
    int fd = fcntl(from, F_DUPFD_CLOEXEC, 3);

    if (fd < 0)
        return -errno;
    while (fd >= 0 && *path) {
        size_t length = strcspn(path, "/");
        AUTO_FREE char *name = mem_string_n(path, length);
        path += length + strspn(path + length, "/");
        int next = step(fd, name, *path ? O_PATH | O_DIRECTORY : flags);
        (void)close(fd);
        fd = next;
    }
    return fd;
}

/* A descriptor or -errno. */
static int resolve(struct inside *in, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };

    if (!in->walk) {
        long fd = syscall(SYS_openat2, in->fd, path, &how, sizeof how);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
            return fd < 0 ? -errno : (int)fd;
        in->walk = true;
    }
    return walk(in->fd, path, flags);
}

int inside_path_of(const struct inside *in, int fd, char **ret_path, struct fault *f)
{
    char link[64], path[PATH_MAX];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* it fits */
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return fault_system(f, errno, "cannot tell the path of what was opened");
    path[length] = '\0';
    const char *below = inside_below(in, path);
    if (!below)
        return refuse_out(f, path);
    *ret_path = mem_string(*below ? below : ".");
    return 0;
}

/* A symbolic link inside the folder may lead into git's folder. */
static int check_opened(const struct inside *in, int fd, const char *path, struct fault *f)
{
    AUTO_FREE char *real = NULL;

    int r = inside_path_of(in, fd, &real, f);
    if (r == 0 && (!real || is_of_git(real)))
        r = refuse(f, path, "git's own folder is not to be touched");
    return r;
}

int inside_open(struct inside *in, const char *path, int flags, int *ret_fd, struct fault *f)
{
    const char *below = path;

    int r = relative(in, path, &below, f);
    if (r < 0)
        return r;
    /* A pipe must not hold the opening up; beside O_PATH it is no flag that the kernel knows. */
    AUTO_CLOSE fd = resolve(in, below, flags & O_PATH ? flags : flags | O_NONBLOCK);
    if (fd < 0)
        return fails(f, -fd, path);
    r = check_opened(in, fd, path, f);
    if (r < 0)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int read_all(int fd, const char *path, size_t max_bytes, struct text *t, struct fault *f)
{
    char chunk[64 * 1024];
    size_t before = t->length;
    ssize_t n;

    while ((n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault_system(f, errno, "cannot read '%s'", path);
        text_add_n(t, chunk, (size_t)n);
        if (t->length - before > max_bytes)
            return fault_set(f, FAULT_LIMIT, "'%s' is larger than %zu bytes", path, max_bytes);
    }
    return 0;
}

int inside_read(struct inside *in, const char *path, size_t max_bytes, struct text *t,
                struct fault *f)
{
    AUTO_CLOSE fd = -1;
    struct stat st;

    int r = inside_open(in, path, O_RDONLY, &fd, f);
    if (r < 0)
        return r;
    if (fstat(fd, &st) < 0)
        return fault_system(f, errno, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode))
        return fault_set(f, FAULT_NOT_FOUND, "'%s' is %s", path,
                         S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
    return read_all(fd, path, max_bytes, t, f);
}

/* The folder that holds `path`, made if need be with those above it. */
static int open_parent(struct inside *in, const char *path, int *ret_fd, struct fault *f)
{
    const char *below = path;

    int r = relative(in, path, &below, f);
    if (r < 0)
        return r;
    AUTO_CLOSE fd = -1;
    r = inside_open(in, ".", O_PATH | O_DIRECTORY, &fd, f);
    for (const char *slash = strchr(below, '/'); r == 0 && slash; slash = strchr(slash + 1, '/')) {
        AUTO_FREE char *folder = mem_string_n(below, (size_t)(slash - below));
        const char *name = strrchr(folder, '/');
        if (name ? !name[1] : !*folder)
            continue; /* two slashes */
        if (strcmp(name ? name + 1 : folder, "..") == 0)
            return refuse_out(f, path);
        if (mkdirat(fd, name ? name + 1 : folder, 0777) < 0 && errno != EEXIST)
            return fault_system(f, errno, "cannot make the folder '%s'", folder);
        os_close_pointer(&fd);
        fd = -1;
        r = inside_open(in, folder, O_PATH | O_DIRECTORY, &fd, f);
    }
    if (r < 0)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Writes beside the target and renames, which replaces the name and follows nothing. */
static int replace(int dir, const char *name, mode_t mode, const struct text *content)
{
    AUTO_FREE char *beside = text_format(".%.100s.kelp-%d", name, (int)getpid());
    AUTO_CLOSE fd = openat(dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

    if (fd < 0)
        return -errno;
    int r = os_write_all(fd, text_get(content), content->length);
    if (r == 0 && mode && fchmod(fd, mode & 07777) < 0)
        r = -errno;
    if (r == 0 && renameat(dir, beside, dir, name) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(dir, beside, 0); /* the first error is the one to tell */
    return r;
}

int inside_write(struct inside *in, const char *path, const struct text *content, struct fault *f)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    AUTO_CLOSE dir = -1;
    struct stat st = {0};

    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return refuse(f, path, "it names no file");
    int r = open_parent(in, path, &dir, f);
    if (r < 0)
        return r;
    bool there = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && S_ISLNK(st.st_mode))
        return refuse(f, path, "it is a symbolic link");
    if (there && !S_ISREG(st.st_mode))
        return refuse(f, path, "it is not a regular file");
    r = replace(dir, name, there ? st.st_mode : 0, content);
    return r < 0 ? fault_system(f, -r, "cannot write '%s'", path) : 0;
}
