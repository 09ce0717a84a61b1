/* SPDX-License-Identifier: Apache-2.0 */
#include "git/restore.h"

#include "base/os.h"
#include "git/backup.h"
#include "git/changes.h"
#include "git/clone.h"
#include "git/files.h"
#include "git/backup_record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One repository being restored. */
struct restoring {
    const char *run;
    const char *before; /* name of the backup of the present state */
    bool exact;
    struct git user;
    char *top, *git_dir;
    char *target, *present; /* backup commits */
    struct backup_record wanted, now;
    struct changes changes;    /* present to target */
    struct paths targets;      /* every path of the backup, folders included; sorted */
    struct paths target_files; /* without the folders; sorted */
    struct restore_result *result;
};

static void restoring_free(struct restoring *s)
{
    free(s->top);
    free(s->git_dir);
    free(s->target);
    free(s->present);
    backup_record_free(&s->wanted);
    backup_record_free(&s->now);
    changes_free(&s->changes);
    paths_free(&s->targets);
    paths_free(&s->target_files);
}

static int find_target(struct restoring *s, struct fault *f)
{
    AUTO_FREE char *ref = text_format("refs/kelp/backup/%s", s->run);

    int r = git_commit_or_null(&s->user, ref, &s->target, f);
    if (r == 0 && !s->target) {
        r = fault_set(f, FAULT_NOT_FOUND, "there is no backup of %s", s->run);
        fault_hint(f, "'git for-each-ref refs/kelp/backup/' lists the backups");
    }
    return r;
}

static int back_up_present(struct restoring *s, struct fault *f)
{
    struct backup_result result;

    int r = backup_make(
        &(struct backup_spec){
            .repo = s->top, .run = s->before, .include_large = true, .base = BACKUP_BASE_NONE},
        &result, f);
    if (r < 0)
        return r;
    s->present = result.commit;
    result.commit = NULL;
    backup_result_free(&result);
    return 0;
}

static void list_targets(struct restoring *s)
{
    for (size_t i = 0; i < s->wanted.count; i++) {
        paths_add(&s->targets, s->wanted.at[i].path);
        if (!S_ISDIR(s->wanted.at[i].mode))
            paths_add(&s->target_files, s->wanted.at[i].path);
    }
    paths_sort(&s->targets);
    paths_sort(&s->target_files);
}

static int start(struct restoring *s, struct fault *f)
{
    int r = git_word(&s->user, GIT_ARGS("rev-parse", "--show-toplevel"), &s->top, f);
    if (r == 0)
        r = git_word(&s->user, GIT_ARGS("rev-parse", "--absolute-git-dir"), &s->git_dir, f);
    if (r < 0)
        return r;
    s->user.cwd = s->top;
    r = find_target(s, f);
    if (r == 0)
        r = back_up_present(s, f);
    if (r == 0)
        r = backup_record_read(&s->user, s->target, &s->wanted, f);
    if (r == 0)
        r = backup_record_read(&s->user, s->present, &s->now, f);
    if (r == 0)
        r = changes_read(&s->user, s->present, s->target, &s->changes, f);
    odd_changes(&s->now.odd, &s->wanted.odd, &s->changes);
    list_targets(s);
    return r;
}

/* Does `path`, which the backup has not, stand where the backup has something? It is a folder's
 * name there, or lies below a file's. */
static bool is_in_the_way(const struct restoring *s, const char *path)
{
    return paths_has(&s->targets, path) || paths_covers(&s->target_files, path);
}

static int remove_path(struct restoring *s, const char *path, struct fault *f)
{
    AUTO_FREE char *full = os_path(s->top, path);

    if (unlink(full) == 0)
        s->result->removed++;
    else if (errno != ENOENT && errno != ENOTDIR)
        return fault_system(f, errno, "cannot remove '%s'", full);
    /* Folders that this left empty go too; those of the backup are made again below. */
    for (char *slash = strrchr(full, '/'); slash && strlen(full) > strlen(s->top);
         slash = strrchr(full, '/')) {
        *slash = '\0';
        if (strlen(full) <= strlen(s->top) || rmdir(full) < 0)
            break;
    }
    return 0;
}

static int clear_later(struct restoring *s, struct fault *f)
{
    for (size_t i = 0; i < s->changes.count; i++) {
        const struct change *c = &s->changes.at[i];
        if (c->new_oid || c->old_mode == 0160000)
            continue;
        if (s->exact || is_in_the_way(s, c->path)) {
            int r = remove_path(s, c->path, f);
            if (r < 0)
                return r;
        } else {
            paths_add(&s->result->left, c->path);
        }
    }
    return 0;
}

static mode_t mode_of(const struct backup_record *record, const char *path)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcmp(record->at[i].path, path) == 0)
            return record->at[i].mode;
    return 0;
}

/* A git folder of kelp's own over the user's objects, whose attributes switch every conversion of
 * contents off. */
static int make_raw(const struct restoring *s, const char *temporary, struct clone *raw,
                    struct fault *f)
{
    AUTO_FREE char *path = os_path(temporary, "raw");
    AUTO_FREE char *objects = NULL, *format = NULL;

    clone_name(raw, path);
    raw->run = mem_string(s->run);
    raw->tip = mem_string(s->target);
    raw->who = (struct identity){mem_string("kelp"), mem_string("kelp@localhost"), true};
    raw->raw = true;
    int r = objects_of(&s->user, &objects, f);
    if (r == 0)
        r = git_word(&s->user, GIT_ARGS("rev-parse", "--show-object-format"), &format, f);
    if (r != 0)
        return r;
    raw->sha256 = strcmp(format, "sha256") == 0;
    paths_add(&raw->objects, objects);
    r = dir_ensure(raw->side, f);
    return r < 0 ? r : clone_make(raw, f);
}

static int write_files(struct restoring *s, struct fault *f)
{
    AUTO_TEMPORARY *temporary = NULL;
    AUTO_CLONE raw = {0};
    AUTO_TEXT input = {0};

    for (size_t i = 0; i < s->changes.count; i++) {
        const struct change *c = &s->changes.at[i];
        if (!c->new_oid || c->new_mode == 0160000 || !c->new_mode)
            continue;
        text_add_n(&input, c->path, strlen(c->path) + 1);
        s->result->restored++;
    }
    if (!input.length)
        return 0;
    int r = dir_make_temporary(&temporary, f);
    if (r == 0)
        r = make_raw(s, temporary, &raw, f);
    if (r < 0)
        return r;
    struct git g = clone_git(&raw);
    g.work_tree = s->top;
    r = git_run(&g, GIT_ARGS("read-tree", s->target), NULL, f);
    return r < 0 ? r
                 : git_feed(&g, GIT_ARGS("checkout-index", "-f", "-q", "-z", "--stdin"), &input,
                            NULL, f);
}

/* What git can't write, since no tree of its own may have such a name. */
static int write_odd_files(struct restoring *s, struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < s->changes.count; i++) {
        const struct change *c = &s->changes.at[i];
        if (!c->new_oid || c->new_mode)
            continue;
        r = odd_write(&s->user, s->top, c, mode_of(&s->wanted, c->path), f);
        s->result->restored++;
    }
    return r;
}

static int make_dir(const char *path, struct fault *f)
{
    if (mkdir(path, 0777) < 0 && errno != EEXIST)
        return fault_system(f, errno, "cannot make folder '%s'", path);
    return 0;
}

static int set_mode(const char *path, mode_t wanted, struct fault *f)
{
    struct stat st;

    if (lstat(path, &st) < 0 || (st.st_mode & S_IFMT) != (wanted & S_IFMT) || S_ISLNK(st.st_mode) ||
        (st.st_mode & 07777) == (wanted & 07777))
        return 0;
    if (chmod(path, wanted & 07777) < 0)
        return fault_system(f, errno, "cannot set the mode of '%s'", path);
    return 0;
}

/* Folders first, from the top; then modes from the end, so that a folder that may not be written
 * is closed after its content is right. */
static int restore_entries(struct restoring *s, struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < s->wanted.count; i++) {
        AUTO_FREE char *full = os_path(s->top, s->wanted.at[i].path);
        if (S_ISDIR(s->wanted.at[i].mode))
            r = make_dir(full, f);
    }
    for (size_t i = s->wanted.count; r == 0 && i-- > 0;) {
        AUTO_FREE char *full = os_path(s->top, s->wanted.at[i].path);
        r = set_mode(full, s->wanted.at[i].mode, f);
    }
    return r;
}

/* With `exact`, folders that are empty and that the backup has not. */
static void remove_later_dirs(const struct restoring *s)
{
    for (size_t i = s->exact ? s->now.count : 0; i-- > 0;) {
        AUTO_FREE char *full = os_path(s->top, s->now.at[i].path);
        if (S_ISDIR(s->now.at[i].mode) && !paths_has(&s->targets, s->now.at[i].path))
            (void)rmdir(full); /* one that is not empty stays */
    }
}

static int restore_at(const struct restore_spec *spec, const char *before,
                      struct restore_result *result, struct fault *f);

static void add_below(struct paths *to, const struct paths *from, const char *dir)
{
    for (size_t i = 0; i < from->count; i++) {
        AUTO_FREE char *path = os_path(dir, from->at[i]);
        paths_add(to, path);
    }
}

static int restore_one_nested(struct restoring *s, const char *path, struct fault *f)
{
    AUTO_FREE char *full = os_path(s->top, path), *git = os_path(full, ".git");
    __attribute__((cleanup(restore_result_free))) struct restore_result inner = {0};
    struct restore_spec spec = {.repo = full, .run = s->run, .exact = s->exact};

    if (!os_exists(git)) {
        paths_add(&s->result->missing, path);
        return 0;
    }
    int r = restore_at(&spec, s->before, &inner, f);
    if (r < 0)
        return r;
    s->result->restored += inner.restored;
    s->result->removed += inner.removed;
    add_below(&s->result->left, &inner.left, path);
    add_below(&s->result->missing, &inner.missing, path);
    return 0;
}

static int restore_nested(struct restoring *s, struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < s->wanted.nested.count; i++)
        r = restore_one_nested(s, s->wanted.nested.at[i].path, f);
    return r;
}

/* One repository: the user's own, or one inside. */
static int restore_at(const struct restore_spec *spec, const char *before,
                      struct restore_result *result, struct fault *f)
{
    __attribute__((cleanup(restoring_free))) struct restoring s = {.run = spec->run,
                                                                   .before = before,
                                                                   .exact = spec->exact,
                                                                   .user = {.cwd = spec->repo},
                                                                   .result = result};

    int r = start(&s, f);
    if (r == 0)
        r = clear_later(&s, f);
    if (r == 0)
        r = write_files(&s, f);
    if (r == 0)
        r = write_odd_files(&s, f);
    if (r == 0)
        r = restore_entries(&s, f);
    if (r < 0)
        return fault_wrap(f, "restore '%s'", spec->repo);
    remove_later_dirs(&s);
    r = restore_nested(&s, f);
    if (r == 0)
        r = backup_record_restore_index(&s.user, s.git_dir, s.target, f);
    result->backup = s.present;
    s.present = NULL;
    return r;
}

/* The first name that no backup has. */
static int find_free_name(const struct restore_spec *spec, char **ret, struct fault *f)
{
    struct git user = {.cwd = spec->repo};

    for (unsigned n = 1;; n++) {
        AUTO_FREE char *name = text_format("%s-before-restore-%u", spec->run, n);
        AUTO_FREE char *ref = text_format("refs/kelp/backup/%s", name);
        AUTO_FREE char *commit = NULL;
        int r = git_commit_or_null(&user, ref, &commit, f);
        if (r < 0)
            return r;
        if (commit)
            continue;
        *ret = name;
        name = NULL;
        return 0;
    }
}

int backup_restore(const struct restore_spec *spec, struct restore_result *ret, struct fault *f)
{
    __attribute__((cleanup(restore_result_free))) struct restore_result result = {0};
    AUTO_FREE char *before = NULL;

    int r = find_free_name(spec, &before, f);
    if (r == 0)
        r = restore_at(spec, before, &result, f);
    if (r < 0)
        return r;
    *ret = result;
    result = (struct restore_result){0};
    return 0;
}

void restore_result_free(struct restore_result *result)
{
    paths_free(&result->left);
    paths_free(&result->missing);
    free(result->backup);
    *result = (struct restore_result){0};
}
