/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that keep and bring back: backup, restore, snapshot, discard. */
#include "git/worker_priv.h"

#include "git/backup.h"
#include "git/discard.h"
#include "git/template.h"
#include "git/git.h"
#include "git/restore.h"
#include "git/snapshot.h"

int worker_backup(const json_t *in, json_t **ret, struct fault *f)
{
    static const char *const bases[] = {
        [BACKUP_BASE_HEAD] = "head", [BACKUP_BASE_WORKTREE] = "worktree"};
    struct backup_spec spec = {.max_file_bytes = json_get_int(in, "max_file_bytes", 0),
                               .include_large = json_get_bool(in, "include_large", false)};
    struct backup_result result;

    int base = want_word(in, "base", bases, COUNT_OF(bases), f);
    int r = base < 0 ? base : want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_string(in, "run", &spec.run, f);
    if (r < 0)
        return r;
    spec.base = (enum backup_base)base;
    if (json_is_string(json_object_get(in, "base_commit")))
        r = want_oid(in, "base_commit", &spec.base_commit, f);
    if (r < 0)
        return r;
    r = backup_make(&spec, &result, f);
    if (r < 0)
        return r;
    *ret = json_deep_copy(result.report);
    json_object_set_new(*ret, "commit", json_string(result.commit));
    json_object_set_new(*ret, "base", json_string(result.base));
    backup_result_free(&result);
    return 0;
}

int worker_restore(const json_t *in, json_t **ret, struct fault *f)
{
    struct restore_spec spec = {.exact = json_get_bool(in, "exact", false)};
    struct restore_result result;

    int r = want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_string(in, "run", &spec.run, f);
    if (r == 0)
        r = backup_restore(&spec, &result, f);
    if (r != 0)
        return r;
    *ret = json_pack("{s:I, s:I, s:o, s:o, s:s}", "restored", (json_int_t)result.restored,
                     "removed", (json_int_t)result.removed, "left", paths_json(&result.left),
                     "missing", paths_json(&result.missing), "backup", result.backup);
    restore_result_free(&result);
    return 0;
}

int worker_snapshot(const json_t *in, json_t **ret, struct fault *f)
{
    struct snapshot_spec spec = {.run = json_get_string(in, "run", NULL),
                                 .max_file_bytes = json_get_int(in, "max_file_bytes", 0)};
    struct snapshot_result result;

    int r = want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_path(in, "path", &spec.path, f);
    if (r == 0)
        r = snapshot_make(&spec, &result, f);
    if (r != 0)
        return r;
    *ret = json_pack("{s:s, s:s, s:I}", "path", spec.path, "commit", result.commit, "files",
                     (json_int_t)result.files);
    free(result.commit);
    return 0;
}

static int read_discard(const json_t *in, struct discard_spec *spec, struct fault *f)
{
    int r = want_path(in, "path", &spec->path, f);
    if (r == 0)
        r = want_path(in, "repo", &spec->repo, f);
    if (r == 0)
        r = want_path(in, "bundle_dir", &spec->bundle_dir, f);
    if (r == 0)
        r = want_list(in, "exclude", &spec->exclude, f);
    if (r == 0)
        r = want_list(in, "commits", &spec->commits, f);
    for (size_t i = 0; r == 0 && i < spec->commits.count; i++)
        if (!git_is_oid(spec->commits.at[i]))
            r = fault_set(f, FAULT_USAGE, "'%s' is not the full name of a commit",
                          spec->commits.at[i]);
    paths_sort(&spec->exclude);
    return r;
}

int worker_discard(const json_t *in, json_t **ret, struct fault *f)
{
    struct discard_spec spec = {0};
    struct discard_result result = {0};

    int r = read_discard(in, &spec, f);
    if (r == 0)
        r = clone_discard(&spec, &result, f);
    if (r == 0 && result.run)
        r = template_sweep(spec.path, result.run, f);
    if (r == 0)
        *ret = json_pack("{s:b, s:o, s:o}", "removed", result.removed, "bundle",
                         json_text_or_null(result.bundle), "inside", paths_json(&result.inside));
    discard_result_free(&result);
    paths_free(&spec.commits);
    paths_free(&spec.exclude);
    return r;
}
