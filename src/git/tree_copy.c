/* SPDX-License-Identifier: Apache-2.0 */
#include "git/tree_copy.h"

#include "base/os.h"
#include "git/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { IS_LINK = 0120000, IS_COMMIT = 0160000, IS_PROGRAM = 0100755 };

/* Where the walk is: the folder of the last entry is kept open on both sides. */
struct walk {
    int from_root, to_root;
    int from_dir, to_dir;
    struct text dir; /* its path, "" at the root */
};

static void walk_end(struct walk *w)
{
    if (w->from_dir != w->from_root)
        os_close_pointer(&w->from_dir);
    if (w->to_dir != w->to_root)
        os_close_pointer(&w->to_dir);
    w->from_dir = w->from_root;
    w->to_dir = w->to_root;
    text_clear(&w->dir);
}

static void walk_free(struct walk *w)
{
    walk_end(w);
    os_close_pointer(&w->from_root);
    os_close_pointer(&w->to_root);
    text_free(&w->dir);
}

static int open_dir(int at, const char *path)
{
    return openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_dirs(int root, const char *path, struct fault *f)
{
    AUTO_FREE char *part = mem_string(path);

    for (char *p = part + 1;; p++) {
        char c = *p;
        if (c && c != '/')
            continue;
        *p = '\0';
        if (mkdirat(root, part, 0777) < 0 && errno != EEXIST)
            return fault_system(f, errno, "cannot make folder '%s'", part);
        if (!c)
            return 0;
        *p = c;
    }
}

/* Opens the folder that `path` lies in on both sides; returns the name within. */
static int enter(struct walk *w, const char *path, const char **ret_name, struct fault *f)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;

    *ret_name = slash ? slash + 1 : path;
    if (w->dir.length == n && memcmp(text_get(&w->dir), path, n) == 0)
        return 0;
    walk_end(w);
    if (!n)
        return 0;
    text_add_n(&w->dir, path, n);
    int r = w->to_root >= 0 ? make_dirs(w->to_root, w->dir.data, f) : 0;
    if (r < 0)
        return r;
    w->from_dir = open_dir(w->from_root, w->dir.data);
    w->to_dir = w->to_root >= 0 ? open_dir(w->to_root, w->dir.data) : w->to_root;
    if (w->from_dir >= 0 && (w->to_dir >= 0 || w->to_root < 0))
        return 0;
    return fault_system(f, errno, "cannot open folder '%s'", w->dir.data);
}

/* For file systems where the kernel can't copy. Returns 0 or -errno. */
static int copy_by_hand(int from, int to)
{
    char buffer[64 * 1024];

    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        int r = os_write_all(to, buffer, (size_t)n);
        if (r < 0)
            return r;
    }
}

/* Returns 0 or -errno. */
static int copy_bytes(int from, int to, int64_t left)
{
    while (left > 0) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)left, 0);
        if (n < 0 && errno == EINTR)
            continue;
        /* Whatever the reason, the offsets are where the last success has left them. */
        if (n <= 0)
            return copy_by_hand(from, to);
        left -= n;
    }
    return 0;
}

static int changed(const struct index_item *item, struct fault *f)
{
    return fault_set(f, FAULT_CORRUPT, "'%s' was changed in a tree that is only copied from",
                     item->path);
}

static int copy_file(const struct walk *w, struct index_item *item, const char *name,
                     struct fault *f)
{
    AUTO_CLOSE from = openat(w->from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (from < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return changed(item, f);
    if (from < 0 || fstat(from, &st) < 0)
        return fault_system(f, errno, "cannot read '%s'", item->path);
    if (!S_ISREG(st.st_mode) || !index_item_is(item, &st))
        return changed(item, f);
    AUTO_CLOSE to = openat(w->to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                           item->mode == IS_PROGRAM ? 0777 : 0666);
    if (to < 0)
        return fault_system(f, errno, "cannot create '%s'", item->path);
    int r = copy_bytes(from, to, st.st_size);
    if (r < 0)
        return fault_system(f, -r, "cannot write '%s'", item->path);
    struct timespec times[2] = {st.st_mtim, st.st_mtim};
    if (futimens(to, times) < 0 || fstat(to, &st) < 0)
        return fault_system(f, errno, "cannot date '%s'", item->path);
    index_item_set(item, &st);
    return 0;
}

static int copy_link(const struct walk *w, struct index_item *item, const char *name,
                     struct fault *f)
{
    char target[PATH_MAX + 1];
    struct stat st;
    ssize_t n = readlinkat(w->from_dir, name, target, PATH_MAX);

    if (n < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EINVAL))
        return changed(item, f);
    if (n < 0 || fstatat(w->from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fault_system(f, errno, "cannot read link '%s'", item->path);
    if (!index_item_is(item, &st))
        return changed(item, f);
    target[n] = '\0';
    struct timespec times[2] = {st.st_mtim, st.st_mtim};
    if (symlinkat(target, w->to_dir, name) < 0 ||
        utimensat(w->to_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ||
        fstatat(w->to_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fault_system(f, errno, "cannot make link '%s'", item->path);
    index_item_set(item, &st);
    return 0;
}

static int copy_item(struct walk *w, struct index_item *item, struct fault *f)
{
    const char *name;

    int r = enter(w, item->path, &name, f);
    if (r < 0)
        return r;
    if (item->mode == IS_LINK)
        return copy_link(w, item, name, f);
    if (item->mode != IS_COMMIT)
        return copy_file(w, item, name, f);
    /* A submodule is an empty folder until somebody checks it out. */
    if (mkdirat(w->to_dir, name, 0777) < 0 && errno != EEXIST)
        return fault_system(f, errno, "cannot make folder '%s'", item->path);
    return 0;
}

/* `to` NULL: one-sided. */
static int walk_start(struct walk *w, const char *from, const char *to, struct fault *f)
{
    *w = (struct walk){.to_root = -1};
    w->from_root = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->from_root >= 0 && to)
        w->to_root = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    w->from_dir = w->from_root;
    w->to_dir = w->to_root;
    if (w->from_root >= 0 && (!to || w->to_root >= 0))
        return 0;
    return fault_system(f, errno, "cannot open '%s'", w->from_root < 0 ? from : to);
}

int tree_copy(const struct work_tree *from, const struct work_tree *to, int64_t *ret_files,
              struct fault *f)
{
    __attribute__((cleanup(walk_free))) struct walk w = {-1, -1, -1, -1, {0}};
    AUTO_INDEX_FILE file = {0};
    struct index_item item = {0};

    int r = index_file_read(from->index, &file, f);
    if (r == 0)
        r = walk_start(&w, from->path, to->path, f);
    while (r == 0 && index_file_next(&file, &item))
        r = copy_item(&w, &item, f);
    if (r == 0)
        r = index_file_write(&file, to->index, f);
    *ret_files = file.count;
    return r;
}

static int age_item(struct walk *w, struct index_item *item, const struct timespec times[2],
                    struct fault *f)
{
    const char *name;
    struct stat st;

    if (item->mode == IS_COMMIT)
        return 0;
    int r = enter(w, item->path, &name, f);
    if (r < 0)
        return r;
    if (utimensat(w->from_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ||
        fstatat(w->from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fault_system(f, errno, "cannot date '%s'", item->path);
    index_item_set(item, &st);
    return 0;
}

int tree_age(const struct work_tree *tree, int64_t *ret_files, struct fault *f)
{
    __attribute__((cleanup(walk_free))) struct walk w = {-1, -1, -1, -1, {0}};
    AUTO_INDEX_FILE file = {0};
    struct index_item item = {0};
    struct timespec times[2];

    (void)clock_gettime(CLOCK_REALTIME, &times[0]); /* cannot fail with a valid pointer */
    times[0] = times[1] = (struct timespec){.tv_sec = times[0].tv_sec - 2};
    int r = index_file_read(tree->index, &file, f);
    if (r == 0)
        r = walk_start(&w, tree->path, NULL, f);
    while (r == 0 && index_file_next(&file, &item))
        r = age_item(&w, &item, times, f);
    if (r == 0)
        r = index_file_write(&file, tree->index, f);
    *ret_files = file.count;
    return r;
}
