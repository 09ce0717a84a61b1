/* SPDX-License-Identifier: Apache-2.0 */
#include "git/snapshot.h"

#include "base/os.h"
#include "git/backup_tree.h"
#include "git/clone.h"
#include "git/commits.h"
#include "git/copy.h"

#include <string.h>
#include <sys/stat.h>

enum { SCAN_TRIES = 3 };

static void drop_large(struct scan *scan, int64_t max_bytes)
{
    size_t kept = 0;

    for (size_t i = 0; i < scan->files.count; i++) {
        struct scan_file *file = &scan->files.at[i];
        if (max_bytes > 0 && file->untracked && file->bytes > max_bytes)
            free(file->path);
        else
            scan->files.at[kept++] = *file;
    }
    scan->files.count = kept;
}

static int read_tree(const struct snapshot_spec *spec, const struct git *user, struct scan *scan,
                     struct fault *f)
{
    for (int try = 1;; try++) {
        AUTO_FAULT late = {0};
        scan_free(scan);
        int r = scan_work_tree(user, user->cwd, scan, &late);
        drop_large(scan, spec->max_file_bytes);
        if (r == 0)
            r = backup_hash(user, user->cwd, scan, try == SCAN_TRIES, &late);
        if (r == 0)
            return 0;
        if (r != -FAULT_BUSY || try == SCAN_TRIES)
            return fault_move(f, &late);
    }
}

/* HEAD itself where it has this very tree. */
static int commit_scan(const struct git *user, const struct scan *scan, char **ret, struct fault *f)
{
    AUTO_FREE char *head = NULL, *head_tree = NULL, *tree = NULL;

    int r = git_commit_or_null(user, "HEAD", &head, f);
    if (r == 0 && head)
        r = git_tree_of(user, head, &head_tree, f);
    if (r == 0)
        r = backup_files_tree(user, scan, &tree, f);
    if (r != 0)
        return r;
    if (head && strcmp(head_tree, tree) == 0) {
        *ret = head;
        head = NULL;
        return 0;
    }
    return commit_make(user,
                       &(struct commit_spec){.tree = tree,
                                             .parents = GIT_ARGS(head),
                                             .message = "kelp: the working tree as it is\n"},
                       ret, f);
}

/* Real modes and empty folders, which git has no place for. */
static void copy_modes(const struct snapshot_spec *spec, const struct scan *scan)
{
    for (size_t i = 0; i < scan->dirs.count; i++) {
        AUTO_FREE char *path = os_path(spec->path, scan->dirs.at[i].path);
        (void)mkdir(path, 0777); /* most are there; a copy without an empty folder will do */
    }
    for (size_t i = 0; i < scan->files.count; i++) {
        AUTO_FREE char *path = os_path(spec->path, scan->files.at[i].path);
        struct stat st;
        if (S_ISREG(scan->files.at[i].mode) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
            (st.st_mode & 0777) != (scan->files.at[i].mode & 0777))
            (void)chmod(path, scan->files.at[i].mode & 0777);
    }
}

static int existing(const struct snapshot_spec *spec, struct snapshot_result *ret, struct fault *f)
{
    AUTO_CLONE clone = {0};
    struct copy_result copied;

    int r = clone_open(spec->path, &clone, f);
    if (r == 0)
        r = copy_make(
            &(struct copy_spec){
                .repo = clone.repo, .commit = clone.tip, .path = spec->path, .run = clone.run},
            &copied, f);
    if (r != 0)
        return r;
    ret->files = copied.files;
    ret->commit = clone.tip;
    clone.tip = NULL;
    return 0;
}

int snapshot_make(const struct snapshot_spec *spec, struct snapshot_result *ret, struct fault *f)
{
    struct git user = {.cwd = spec->repo};
    AUTO_FREE char *top = NULL, *commit = NULL;
    AUTO_IDENTITY who = {0};
    AUTO_SCAN scan = {0};
    struct copy_result copied;

    if (clone_is_complete(spec->path))
        return existing(spec, ret, f);
    int r = git_word(&user, GIT_ARGS("rev-parse", "--show-toplevel"), &top, f);
    if (r == 0)
        r = identity_read(&user, &who, f);
    if (r < 0)
        return r;
    user.cwd = top;
    user.who = &who;
    r = read_tree(spec, &user, &scan, f);
    if (r == 0)
        r = commit_scan(&user, &scan, &commit, f);
    if (r == 0)
        r = copy_make(&(struct copy_spec){.repo = top,
                                          .commit = commit,
                                          .path = spec->path,
                                          .run = spec->run ? spec->run : "snapshot",
                                          .raw = true},
                      &copied, f);
    if (r != 0)
        return r;
    copy_modes(spec, &scan);
    *ret = (struct snapshot_result){commit, copied.files};
    commit = NULL;
    return 0;
}
