/* SPDX-License-Identifier: Apache-2.0 */
#include "git/land_priv.h"

#include "base/json.h"
#include "base/os.h"
#include "base/vector.h"

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

int landing_note_read(const json_t *note, struct landing_note *ret)
{
    const json_t *from = json_object_get(note, "from");

    *ret = (struct landing_note){.branch = json_get_string(note, "branch", NULL),
                                 .from = json_string_value(from),
                                 .to = json_get_string(note, "to", "")};
    if (!ret->branch || !git_is_oid(ret->to))
        return -FAULT_FORMAT;
    if (!from || json_is_null(from))
        return 0;
    return ret->from && git_is_oid(ret->from) ? 0 : -FAULT_FORMAT;
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

/* Does any process that we may look at have the file open? If that can't be told, it may. */
static bool is_open_somewhere(const char *path)
{
    static const char all[] = "/proc";
    AUTO_FREE char *real = NULL;
    AUTO_FAULT unknown = {0};
    const struct dirent *entry;
    bool found = false;
    int more = 0;

    if (os_real_path(path, &real, &unknown) < 0)
        return os_exists(path);
    DIR *entries = opendir(all);
    if (!entries)
        return true;
    while (!found && (more = os_next_entry(entries, all, &entry, &unknown)) > 0) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        AUTO_FREE char *folder = text_format("/proc/%s/fd", entry->d_name);
        found = has_open(folder, real);
    }
    (void)closedir(entries);
    return found || more < 0;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* A lock of git's was made by the landing that was cut short when it is younger than the note and
 * nobody has it open: we hold the turn, so that landing is dead. */
static bool is_left_behind(const struct landing *l, const char *lock)
{
    AUTO_FREE char *note = note_path(l);
    struct stat lock_st, note_st;

    return lstat(lock, &lock_st) == 0 && lstat(note, &note_st) == 0 &&
           !is_before(&lock_st.st_mtim, &note_st.st_mtim) && !is_open_somewhere(lock);
}

/* Git closes the lock of a ref before it takes it up, so what is in it has to be of that landing,
 * too: nothing yet, or one of its two commits. */
static bool is_of_landing(const char *lock, const struct landing_note *note)
{
    AUTO_TEXT content = {0};
    AUTO_FAULT ignored = {0};

    if (os_read_file(lock, NOTE_MAX, &content, &ignored) < 0)
        return false;
    const char *said = text_get(&content);
    return !*said || (note->from && text_starts(said, note->from)) || text_starts(said, note->to);
}

static int remove_lock(const char *lock, struct fault *f)
{
    if (unlink(lock) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot remove '%s'", lock);
    return 0;
}

static int remove_own_locks(const struct landing *l, const struct landing_note *note,
                            struct fault *f)
{
    AUTO_FREE char *branch = text_format("refs/heads/%s.lock", l->branch);
    const char *const refs[] = {"ORIG_HEAD.lock", "HEAD.lock", branch};
    AUTO_FREE char *index = os_path(l->git_dir, "index.lock");
    int r = is_left_behind(l, index) ? remove_lock(index, f) : 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(refs); i++) {
        AUTO_FREE char *lock = os_path(l->git_dir, refs[i]);
        if (is_left_behind(l, lock) && is_of_landing(lock, note))
            r = remove_lock(lock, f);
    }
    return r;
}

static void look_at(const struct landing *l, const struct change *c, struct stat *ret)
{
    AUTO_FREE char *full = os_path(l->top, c->path);

    if (lstat(full, ret) < 0)
        *ret = (struct stat){0};
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

int landing_look(const struct landing *l, struct landing_seen *ret, struct fault *f)
{
    int r = changes_read(&l->user, l->head, l->target, &ret->changes, f);

    ret->from = l->head ? mem_string(l->head) : NULL;
    ret->at = mem_zero((ret->changes.count + 1) * sizeof *ret->at);
    for (size_t i = 0; i < ret->changes.count; i++)
        look_at(l, &ret->changes.at[i], &ret->at[i]);
    return r;
}

void landing_seen_free(struct landing_seen *seen)
{
    free(seen->from);
    free(seen->at);
    changes_free(&seen->changes);
}

static bool is_touched(const struct stat *before, const struct stat *now)
{
    return before->st_ino != now->st_ino || before->st_mode != now->st_mode ||
           before->st_size != now->st_size || before->st_ctim.tv_sec != now->st_ctim.tv_sec ||
           before->st_ctim.tv_nsec != now->st_ctim.tv_nsec;
}

/* A file that git never came to is the user's, whatever it holds. The strings stay `seen`'s. */
static void list_touched(const struct landing *l, const struct landing_seen *seen,
                         struct changes *ret)
{
    for (size_t i = 0; i < seen->changes.count; i++) {
        struct stat now;
        look_at(l, &seen->changes.at[i], &now);
        if (is_touched(&seen->at[i], &now))
            vector_push(ret, seen->changes.at[i]);
    }
}

int landing_undo(const struct landing *l, const struct landing_seen *seen, struct fault *f)
{
    struct changes touched = {0};
    struct git plain = l->user;
    bool at_target = false;

    plain.trust = GIT_PLAIN;
    int r = index_is_at(l, l->target, &seen->changes, &at_target, f);
    if (r < 0)
        return r;
    /* A branch that a hook did not let move, tree and index moved already: back by the same way. */
    if (at_target && seen->from)
        return git_run(&plain, GIT_ARGS("read-tree", "-m", "-u", l->target, seen->from), NULL, f);
    list_touched(l, seen, &touched);
    r = take_back(l, &touched, f);
    vector_free(&touched);
    return r;
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
    json_auto_t *json = NULL;
    struct landing_note note;

    if (!os_exists(path))
        return 0;
    int r = json_read_file(path, NOTE_MAX, &json, f);
    if (r < 0)
        return r;
    bool same_branch =
        landing_note_read(json, &note) == 0 && l->branch && strcmp(l->branch, note.branch) == 0;
    bool same_place = same_branch && ((!note.from && !l->head) ||
                                      (note.from && l->head && strcmp(note.from, l->head) == 0));
    if (same_branch)
        r = remove_own_locks(l, &note, f);
    if (r == 0 && same_place)
        r = resume_from(l, note.from, note.to, f);
    return r < 0 ? r : landing_note_remove(l, f);
}
