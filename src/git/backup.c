/* SPDX-License-Identifier: Apache-2.0 */
#include "git/backup.h"

#include "base/os.h"
#include "base/vector.h"
#include "git/backup_tree.h"
#include "git/commits.h"

#include <string.h>

enum { SCAN_TRIES = 3, REPORT_MAX = 64 * 1024 * 1024 };

struct backing {
    const struct backup_spec *spec;
    struct git user;
    struct identity who;
    struct scan scan;
    char *top, *git_dir;
    char *ref, *base_ref;
    char *head;   /* NULL: unborn */
    char *parent; /* HEAD or the empty commit */
    char *commit;
    struct record_objects nested;
    json_t *report;
};

static void backing_free(struct backing *b)
{
    identity_free(&b->who);
    scan_free(&b->scan);
    free(b->top);
    free(b->git_dir);
    free(b->ref);
    free(b->base_ref);
    free(b->head);
    free(b->parent);
    free(b->commit);
    record_objects_free(&b->nested);
    json_decref(b->report);
}

static int start(struct backing *b, struct fault *f)
{
    b->ref = text_format("refs/kelp/backup/%s", b->spec->run);
    b->base_ref = text_format("refs/kelp/base/%s", b->spec->run);
    int r = git_word(&b->user, GIT_ARGS("rev-parse", "--show-toplevel"), &b->top, f);
    if (r == 0)
        r = git_word(&b->user, GIT_ARGS("rev-parse", "--absolute-git-dir"), &b->git_dir, f);
    if (r == 0)
        r = identity_read(&b->user, &b->who, f);
    if (r < 0)
        return r;
    b->user.cwd = b->top;
    b->user.who = &b->who;
    return git_commit_or_null(&b->user, "HEAD", &b->head, f);
}

/* What an earlier call has answered; leaves b->commit NULL if there was none. */
static int find_existing(struct backing *b, struct fault *f)
{
    AUTO_FREE char *name = text_format("%s^3:report.json", b->ref);
    AUTO_TEXT out = {0};

    int r = git_commit_or_null(&b->user, b->ref, &b->commit, f);
    if (r < 0 || !b->commit)
        return r;
    r = git_run(&b->user, GIT_ARGS("cat-file", "blob", name), &out, f);
    return r < 0 ? r : json_parse(text_get(&out), out.length, name, &b->report, f);
}

static bool is_large(const struct backing *b, const struct scan_file *file)
{
    return file->untracked && b->spec->max_file_bytes > 0 && file->bytes > b->spec->max_file_bytes;
}

/* Notes large files, and leaves them out unless they were asked for. */
static void sort_out_large(struct backing *b, json_t *large)
{
    size_t kept = 0;

    for (size_t i = 0; i < b->scan.files.count; i++) {
        struct scan_file *file = &b->scan.files.at[i];
        if (is_large(b, file))
            json_array_append_new(large,
                                  json_pack("{s:o, s:I}", "path", json_text_or_null(file->path),
                                            "bytes", (json_int_t)file->bytes));
        if (is_large(b, file) && !b->spec->include_large) {
            free(file->path);
            continue;
        }
        b->scan.files.at[kept++] = *file;
    }
    b->scan.files.count = kept;
}

/* A file may change or go while the tree is read; then it is read again, and the last time taken
 * as it comes. */
static int read_tree(struct backing *b, json_t *large, struct fault *f)
{
    for (int try = 1;; try++) {
        AUTO_FAULT late = {0};
        scan_free(&b->scan);
        json_array_clear(large);
        int r = scan_work_tree(&b->user, b->top, &b->scan, &late);
        sort_out_large(b, large);
        if (r == 0)
            r = backup_hash(&b->user, b->top, &b->scan, try == SCAN_TRIES, &late);
        if (r == 0)
            return 0;
        if (r != -FAULT_BUSY || try == SCAN_TRIES)
            return fault_move(f, &late);
    }
}

/* Each repository inside gets a backup of its own. One that git can't use is only named. */
static void back_up_nested(struct backing *b, json_t *nested, json_t *skipped)
{
    for (size_t i = 0; i < b->scan.nested.count; i++) {
        const char *path = b->scan.nested.at[i];
        AUTO_FREE char *full = os_path(b->top, path);
        AUTO_FAULT why = {0};
        struct backup_spec spec = *b->spec;
        struct backup_result result;
        spec.repo = full;
        spec.base = BACKUP_BASE_NONE;
        if (backup_make(&spec, &result, &why) < 0) {
            json_array_append_new(skipped, json_text_or_null(path));
            continue;
        }
        json_array_append_new(nested, json_pack("{s:o, s:s}", "path", json_text_or_null(path),
                                                "commit", result.commit));
        struct record_object object = {result.commit, mem_string(path)};
        vector_push(&b->nested, object);
        result.commit = NULL;
        backup_result_free(&result);
    }
}

static int is_dirty(const struct backing *b, bool *ret, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(&b->user, GIT_ARGS("status", "--porcelain", "-z", "--no-renames"), &out, f);
    *ret = out.length > 0;
    return r;
}

static int make_report(struct backing *b, struct fault *f)
{
    json_t *large = json_array(), *nested = json_array(), *skipped = json_array();
    bool dirty = false;

    int r = is_dirty(b, &dirty, f);
    if (r == 0)
        r = read_tree(b, large, f);
    for (size_t i = 0; i < b->scan.skipped.count; i++)
        json_array_append_new(skipped, json_text_or_null(b->scan.skipped.at[i]));
    if (r == 0)
        back_up_nested(b, nested, skipped);
    b->report = json_pack("{s:i, s:b, s:b, s:I, s:o, s:o, s:o}", "version", 1, "unborn_base",
                          b->head == NULL, "dirty", dirty, "files", (json_int_t)b->scan.files.count,
                          "large", large, "nested", nested, "skipped", skipped);
    return r;
}

/* The message of `spec` says only what of the run it is. */
static int commit_tree(const struct backing *b, struct commit_spec spec, char **ret,
                       struct fault *f)
{
    AUTO_FREE char *message = text_format("kelp: %s of %s\n", spec.message, b->spec->run);

    spec.message = message;
    return commit_make(&b->user, &spec, ret, f);
}

static int find_parent(struct backing *b, struct fault *f)
{
    AUTO_FREE char *empty = NULL;

    if (b->head) {
        b->parent = mem_string(b->head);
        return 0;
    }
    int r = git_word(&b->user, GIT_ARGS("hash-object", "-w", "-t", "tree", "/dev/null"), &empty, f);
    if (r < 0)
        return r;
    struct commit_spec spec = {empty, GIT_ARGS(NULL), "an empty beginning"};
    return commit_tree(b, spec, &b->parent, f);
}

static int commit_index(struct backing *b, char **ret, struct fault *f)
{
    AUTO_FREE char *tree = NULL;

    int r = backup_index_tree(&b->user, &b->scan, &tree, f);
    if (r < 0)
        return r;
    struct commit_spec spec = {tree, GIT_ARGS(b->parent), "the index"};
    return commit_tree(b, spec, ret, f);
}

static int commit_record(struct backing *b, char **ret, struct fault *f)
{
    AUTO_FREE char *tree = NULL;
    AUTO_FREE char *report = json_text(b->report, 0);
    struct record_source source = {b->git_dir, &b->scan, &b->nested, report};

    int r = backup_record_tree(&b->user, &source, &tree, f);
    if (r < 0)
        return r;
    struct commit_spec spec = {tree, GIT_ARGS(NULL), "the record"};
    return commit_tree(b, spec, ret, f);
}

static int make_commits(struct backing *b, struct fault *f)
{
    AUTO_FREE char *files = NULL, *index = NULL, *record = NULL;

    int r = find_parent(b, f);
    if (r == 0)
        r = backup_files_tree(&b->user, &b->scan, &files, f);
    if (r == 0)
        r = commit_index(b, &index, f);
    if (r == 0)
        r = commit_record(b, &record, f);
    if (r < 0)
        return r;
    struct commit_spec spec = {files, GIT_ARGS(b->parent, index, record), "the working tree"};
    return commit_tree(b, spec, &b->commit, f);
}

static const char *base_of(const struct backing *b)
{
    if (b->spec->base_commit)
        return b->spec->base_commit;
    return b->spec->base == BACKUP_BASE_WORKTREE ? b->commit : b->parent;
}

/* Both refs in one transaction, so that there is never a backup without its base. */
static int put_refs(struct backing *b, struct fault *f)
{
    AUTO_TEXT input = {0};

    text_printf(&input, "create %s %s\n", b->ref, b->commit);
    if (b->spec->base != BACKUP_BASE_NONE)
        text_printf(&input, "update %s %s\n", b->base_ref, base_of(b));
    return git_feed(&b->user, GIT_ARGS("update-ref", "--stdin"), &input, NULL, f);
}

static int make(struct backing *b, struct fault *f)
{
    int r = make_report(b, f);
    if (r == 0)
        r = make_commits(b, f);
    return r < 0 ? r : put_refs(b, f);
}

int backup_make(const struct backup_spec *spec, struct backup_result *ret, struct fault *f)
{
    __attribute__((cleanup(backing_free))) struct backing b = {.spec = spec,
                                                               .user = {.cwd = spec->repo}};
    char *base = NULL;

    int r = start(&b, f);
    if (r == 0)
        r = find_existing(&b, f);
    if (r == 0 && !b.commit)
        r = make(&b, f);
    if (r == 0 && spec->base != BACKUP_BASE_NONE)
        r = git_commit_of(&b.user, b.base_ref, &base, f);
    if (r < 0)
        return fault_wrap(f, "back up '%s'", spec->repo);
    *ret = (struct backup_result){b.commit, base, b.report};
    b.commit = NULL;
    b.report = NULL;
    return 0;
}

void backup_result_free(struct backup_result *result)
{
    free(result->commit);
    free(result->base);
    json_decref(result->report);
    *result = (struct backup_result){0};
}
