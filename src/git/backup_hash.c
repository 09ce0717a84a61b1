/* SPDX-License-Identifier: Apache-2.0 */
#include "git/backup_tree.h"

#include "base/os.h"
#include "git/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One backup_hash. */
struct hashing {
    const struct git *user;
    const char *top;
    struct scan *scan;
    bool settle;
    char *temporary; /* where targets of links, and what does not hold still, are held */
};

static bool is_waiting(const struct scan_file *file)
{
    return file->path && !file->oid;
}

static struct scan_file *first_waiting(const struct hashing *h)
{
    for (size_t i = 0; i < h->scan->files.count; i++)
        if (is_waiting(&h->scan->files.at[i]))
            return &h->scan->files.at[i];
    return NULL;
}

/* It is not there any more as what it was. Without a path it is left out by drop_gone. */
static int miss(const struct hashing *h, struct scan_file *file, struct fault *f)
{
    if (!h->settle)
        return fault_set(f, FAULT_BUSY, "'%s' changed while it was backed up", file->path);
    free(file->path);
    file->path = NULL;
    return 0;
}

static void drop_gone(struct scan *scan)
{
    size_t kept = 0;

    for (size_t i = 0; i < scan->files.count; i++)
        if (scan->files.at[i].path)
            scan->files.at[kept++] = scan->files.at[i];
    scan->files.count = kept;
}

/* Links are hashed from small files that hold their targets, since git would follow them. */
static int hold_link(const struct hashing *h, struct scan_file *file, const char *held,
                     struct fault *f)
{
    AUTO_FREE char *full = os_path(h->top, file->path);
    char target[8192];
    ssize_t n = readlink(full, target, sizeof target);

    return n < 0 ? miss(h, file, f) : file_put(held, target, (size_t)n, f);
}

static int list_waiting(const struct hashing *h, struct text *list, struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < h->scan->files.count; i++) {
        struct scan_file *file = &h->scan->files.at[i];
        if (!is_waiting(file))
            continue;
        AUTO_FREE char *path = S_ISLNK(file->mode) ? text_format("%s/link-%zu", h->temporary, i)
                                                   : os_path(h->top, file->path);
        if (S_ISLNK(file->mode))
            r = hold_link(h, file, path, f);
        if (file->path)
            path_quote_line(list, path);
    }
    return r;
}

/* As many as git came to. */
static void take_oids(const struct hashing *h, const struct text *out)
{
    const char *at = text_get(out);

    for (size_t i = 0; i < h->scan->files.count; i++) {
        struct scan_file *file = &h->scan->files.at[i];
        size_t n = strcspn(at, "\n");
        if (!is_waiting(file))
            continue;
        if (!at[n])
            return;
        file->oid = mem_string_n(at, n);
        at += n + 1;
    }
}

/* The file as it is now, in `held`; no more than it has at this moment, though it may grow. */
static int copy_now(int from, const char *held, struct fault *f)
{
    char buffer[64 * 1024];
    struct stat st;
    AUTO_CLOSE to = open(held, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (to < 0 || fstat(from, &st) < 0)
        return fault_system(f, errno, "cannot create '%s'", held);
    for (off_t left = st.st_size; left > 0;) {
        ssize_t n = read(from, buffer, left < (off_t)sizeof buffer ? (size_t)left : sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault_system(f, errno, "cannot read for '%s'", held);
        int r = os_write_all(to, buffer, (size_t)n);
        if (r < 0)
            return fault_system(f, -r, "cannot write '%s'", held);
        left = n > 0 ? left - n : 0;
    }
    return 0;
}

/* One that git could not read to its end: it went away, or somebody writes it all the time. */
static int hash_alone(const struct hashing *h, struct scan_file *file, struct fault *f)
{
    AUTO_FREE char *full = os_path(h->top, file->path), *held = os_path(h->temporary, "held");
    struct stat st;
    int r = 0;

    if (S_ISLNK(file->mode)) {
        r = hold_link(h, file, held, f);
    } else {
        AUTO_CLOSE fd = open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        bool there = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        r = there ? copy_now(fd, held, f) : miss(h, file, f);
    }
    if (r < 0 || !file->path)
        return r;
    return git_word(h->user, GIT_ARGS("hash-object", "-w", "--no-filters", "--", held), &file->oid,
                    f);
}

/* All that wait, or at least the first of them. */
static int hash_some(const struct hashing *h, struct fault *f)
{
    AUTO_TEXT input = {0}, out = {0}, err = {0};
    AUTO_FAULT stopped = {0};
    struct git_call call = {.args = GIT_ARGS("hash-object", "-w", "--no-filters", "--stdin-paths"),
                            .input = &input,
                            .out = &out,
                            .err = &err};

    int r = list_waiting(h, &input, f);
    if (r < 0 || !input.length)
        return r;
    /* A file that is cut while git has it mapped ends git by a signal. */
    int status = git_exit(h->user, &call, &stopped);
    if (status < 0 && status != -FAULT_GIT)
        return fault_move(f, &stopped);
    take_oids(h, &out);
    struct scan_file *next = first_waiting(h);
    if (!next)
        return 0;
    if (status == 0)
        return fault_set(f, FAULT_GIT, "'git hash-object' gave too few names");
    if (h->settle)
        return hash_alone(h, next, f);
    AUTO_FREE char *why = status < 0 ? mem_string(stopped.message) : git_reason(&err);
    return fault_set(f, FAULT_BUSY, "cannot back up: %s", why);
}

int backup_hash(const struct git *user, const char *top, struct scan *scan, bool settle,
                struct fault *f)
{
    AUTO_TEMPORARY *temporary = NULL;

    int r = dir_make_temporary(&temporary, f);
    struct hashing h = {user, top, scan, settle, temporary};
    while (r == 0 && first_waiting(&h))
        r = hash_some(&h, f);
    drop_gone(scan);
    return r;
}
