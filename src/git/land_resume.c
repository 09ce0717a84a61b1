/* SPDX-License-Identifier: Apache-2.0 */
#include "git/land_priv.h"

#include "base/json.h"
#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_MAX = 64 * 1024 };

static char *note_path(const struct landing *l)
{
    return os_path(l->git_dir, "kelp-landing");
}

int landing_note_write(const struct landing *l, struct fault *f)
{
    AUTO_FREE char *path = note_path(l);
    json_auto_t *note =
        json_pack("{s:s, s:s?, s:s}", "branch", l->branch, "from", l->head, "to", l->target);

    if (!note)
        return fault_set(f, FAULT_FORMAT, "the branch '%s' has a name that is not UTF-8",
                         l->branch);
    return json_write_file(path, note, f);
}

int landing_note_remove(const struct landing *l, struct fault *f)
{
    AUTO_FREE char *path = note_path(l);

    if (unlink(path) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot remove '%s'", path);
    return 0;
}

/* Does the process with these open files hold `path`? */
static bool has_open(const char *fd_folder, const char *path)
{
    DIR *entries = opendir(fd_folder);
    const struct dirent *entry;
    bool found = false;

    while (entries && !found && (entry = readdir(entries)) != NULL) {
        AUTO_FREE char *link = os_path(fd_folder, entry->d_name);
        char target[PATH_MAX + 1];
        ssize_t n = readlink(link, target, PATH_MAX);
        target[n > 0 ? n : 0] = '\0';
        found = strcmp(target, path) == 0;
    }
    if (entries)
        (void)closedir(entries);
    return found;
}

/* Does any process that we may look at have the file open? */
static bool is_open_somewhere(const char *path)
{
    AUTO_FREE char *real = NULL;
    AUTO_FAULT ignored = {0};
    const struct dirent *entry;
    bool found = false;

    if (os_real_path(path, &real, &ignored) < 0)
        return false;
    DIR *entries = opendir("/proc");
    while (entries && !found && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        AUTO_FREE char *folder = text_format("/proc/%s/fd", entry->d_name);
        found = has_open(folder, real);
    }
    if (entries)
        (void)closedir(entries);
    return found;
}

/* A lock of git's was made by the landing that was cut short when it is younger than the note and
 * nobody has it open: we hold the turn, so that landing is dead. */
static bool is_left_behind(const struct landing *l, const char *lock)
{
    AUTO_FREE char *note = note_path(l);
    struct stat lock_st, note_st;

    return lstat(lock, &lock_st) == 0 && lstat(note, &note_st) == 0 &&
           lock_st.st_mtim.tv_sec >= note_st.st_mtim.tv_sec && !is_open_somewhere(lock);
}

/* Git closes the lock of a ref before it takes it up, so what is in it has to be of that landing,
 * too: nothing yet, or one of its two commits. */
static bool is_of_landing(const char *lock, const char *from, const char *to)
{
    AUTO_TEXT content = {0};
    AUTO_FAULT ignored = {0};

    if (os_read_file(lock, NOTE_MAX, &content, &ignored) < 0)
        return false;
    const char *said = text_get(&content);
    return !*said || (from && text_starts(said, from)) || text_starts(said, to);
}

static int remove_lock(const char *lock, struct fault *f)
{
    if (unlink(lock) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot remove '%s'", lock);
    return 0;
}

static int remove_own_locks(const struct landing *l, const char *from, const char *to,
                            struct fault *f)
{
    AUTO_FREE char *branch = text_format("refs/heads/%s.lock", l->branch);
    const char *const refs[] = {"ORIG_HEAD.lock", "HEAD.lock", branch};
    AUTO_FREE char *index = os_path(l->git_dir, "index.lock");
    int r = is_left_behind(l, index) ? remove_lock(index, f) : 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(refs); i++) {
        AUTO_FREE char *lock = os_path(l->git_dir, refs[i]);
        if (is_left_behind(l, lock) && is_of_landing(lock, from, to))
            r = remove_lock(lock, f);
    }
    return r;
}

/* Does the index agree with `to` on every path of the change? Git writes it after the files. */
static int index_is_at(const struct landing *l, const char *to, const struct changes *changes,
                       bool *ret, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_PATHS differ = {0};

    int r = git_run(&l->user,
                    GIT_ARGS("diff-index", "--cached", "--name-only", "-z", "--no-renames", to),
                    &out, f);
    paths_add_nul(&differ, &out);
    paths_sort(&differ);
    *ret = true;
    for (size_t i = 0; i < changes->count; i++)
        *ret = *ret && !paths_has(&differ, changes->at[i].path);
    return r;
}

/* Is what lies at the path the beginning (or all) of what the landing was writing there? */
static int is_our_writing(const struct landing *l, const struct change *c, bool *ret,
                          struct fault *f)
{
    AUTO_FREE char *full = os_path(l->top, c->path);
    AUTO_FREE char *name = text_format("--path=%s", c->path);
    AUTO_TEXT here = {0}, there = {0};
    struct stat st;

    *ret = false;
    if (lstat(full, &st) < 0) {
        *ret = errno == ENOENT || errno == ENOTDIR;
        return 0;
    }
    if (!c->new_oid)
        return 0;
    if (S_ISLNK(st.st_mode)) {
        char target[4096];
        ssize_t n = readlink(full, target, sizeof target);
        text_add_n(&here, target, n > 0 ? (size_t)n : 0);
    } else if (!S_ISREG(st.st_mode) || os_read_file(full, (size_t)1 << 30, &here, f) < 0) {
        return f->code ? -(int)f->code : 0;
    }
    int r = git_run(&l->user,
                    S_ISLNK(st.st_mode) ? GIT_ARGS("cat-file", "blob", c->new_oid)
                                        : GIT_ARGS("cat-file", "--filters", name, c->new_oid),
                    &there, f);
    if (r == 0)
        *ret = here.length <= there.length &&
               memcmp(text_get(&here), text_get(&there), here.length) == 0;
    return r;
}

/* Puts back what the landing had written; a file that the user wrote since stays. */
static int take_back(const struct landing *l, const struct changes *changes, struct fault *f)
{
    AUTO_TEXT input = {0};

    for (size_t i = 0; i < changes->count; i++) {
        const struct change *c = &changes->at[i];
        AUTO_FREE char *full = os_path(l->top, c->path);
        bool ours = false;
        int r = is_our_writing(l, c, &ours, f);
        if (r < 0)
            return r;
        if (!ours)
            continue;
        if (c->old_oid)
            text_add_n(&input, c->path, strlen(c->path) + 1);
        else
            (void)unlink(full); /* if it stays, it is reported as in the way */
    }
    struct git g = l->user;
    g.trust = GIT_PLAIN;
    return !input.length ? 0
                         : git_feed(&g, GIT_ARGS("checkout-index", "-f", "-u", "-z", "--stdin"),
                                    &input, NULL, f);
}

static int resume_from(struct landing *l, const char *from, const char *to, struct fault *f)
{
    AUTO_CHANGES changes = {0};
    AUTO_FREE char *ref = text_format("refs/heads/%s", l->branch);
    bool at_target = false;

    int r = changes_read(&l->user, from, to, &changes, f);
    if (r == 0)
        r = index_is_at(l, to, &changes, &at_target, f);
    if (r < 0)
        return r;
    if (!at_target)
        return take_back(l, &changes, f);
    r = git_run(&l->user, GIT_ARGS("update-ref", "-m", "kelp land: finished", ref, to), NULL, f);
    return r < 0 ? r : landing_read_head(l, f);
}

int landing_resume(struct landing *l, struct fault *f)
{
    AUTO_FREE char *path = note_path(l);
    json_auto_t *note = NULL;

    if (!os_exists(path))
        return 0;
    int r = json_read_file(path, NOTE_MAX, &note, f);
    if (r < 0)
        return r;
    const char *branch = json_get_string(note, "branch", "");
    const char *from = json_get_string(note, "from", NULL);
    const char *to = json_get_string(note, "to", "");
    bool same_branch = l->branch && strcmp(l->branch, branch) == 0 && git_is_oid(to);
    bool same_place =
        same_branch && ((!from && !l->head) || (from && l->head && strcmp(from, l->head) == 0));
    if (same_branch)
        r = remove_own_locks(l, from, to, f);
    if (r == 0 && same_place)
        r = resume_from(l, from, to, f);
    return r < 0 ? r : landing_note_remove(l, f);
}
