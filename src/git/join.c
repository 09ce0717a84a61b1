/* SPDX-License-Identifier: Apache-2.0 */
#include "git/join.h"

#include "base/os.h"
#include "git/commits.h"
#include "git/files.h"
#include "git/stage.h"

#include <string.h>

static int hold(const struct join_spec *spec, const struct git *into, const char *ref,
                struct fault *f)
{
    AUTO_FREE char *what = text_format("+%s:%s", spec->commit, ref);

    return git_run(into,
                   GIT_ARGS("fetch", "-q", "--no-tags", "--no-write-fetch-head",
                            "--no-recurse-submodules", spec->from->git_dir, what),
                   NULL, f);
}

struct joining {
    const struct join_spec *spec;
    struct git into;
    const char *tip; /* of the clone */
    struct paths *conflicts;
};

static int merge_commit(const struct joining *j, char **ret, struct fault *f)
{
    const struct join_spec *spec = j->spec;
    AUTO_COMMIT_MERGE merge = {0};
    AUTO_FREE char *message = text_format("Merge %s: %s", spec->label, spec->message);

    int r = commit_merge_try(&j->into, j->tip, spec->commit, &merge, f);
    if (r < 0)
        return r;
    if (merge.conflicts.count) {
        paths_add_all(j->conflicts, &merge.conflicts);
        return 0;
    }
    return commit_make(&j->into,
                       &(struct commit_spec){.tree = merge.tree,
                                             .parents = GIT_ARGS(j->tip, spec->commit),
                                             .message = message},
                       ret, f);
}

/* The commit that the tip becomes, or NULL with conflicts. */
static int joined(const struct joining *j, char **ret, struct fault *f)
{
    const char *commit = j->spec->commit;

    int r = git_is_ancestor(&j->into, commit, j->tip, f);
    if (r < 0)
        return r;
    if (r > 0) {
        *ret = mem_string(j->tip);
        return 0;
    }
    r = git_is_ancestor(&j->into, j->tip, commit, f);
    if (r < 0)
        return r;
    if (r > 0) {
        *ret = mem_string(commit);
        return 0;
    }
    return merge_commit(j, ret, f);
}

int join_clone(const struct join_spec *spec, char **ret_commit, struct paths *ret_conflicts,
               struct fault *f)
{
    AUTO_CLONE into = {0};
    AUTO_FREE char *next = NULL;
    AUTO_FREE char *ref = text_format("refs/kelp/kept/%s", spec->label);
    AUTO_FREE char *lock = text_format("%s.kelp/join.lock", spec->path);
    AUTO_CLOSE turn = -1;

    /* Agents of a wave may end together. */
    int r = file_lock(lock, &turn, f);
    if (r == 0)
        r = clone_enter(spec->path, &into, f);
    if (r < 0)
        return r;
    if (spec->branch && (!into.branch || strcmp(spec->branch, into.branch) != 0))
        return fault_set(f, FAULT_REFUSED, "the clone '%s' is not on branch '%s'", spec->path,
                         spec->branch);
    struct joining j = {spec, clone_git(&into), into.tip, ret_conflicts};
    r = hold(spec, &j.into, ref, f);
    if (r == 0)
        r = joined(&j, &next, f);
    if (r < 0 || !next)
        return r;
    r = stage_checkout(&into, next, f);
    if (r == 0)
        r = clone_set_tip(&into, next, f);
    /* From here on the branch holds the commits. */
    if (r == 0)
        r = git_run(&j.into, GIT_ARGS("update-ref", "-d", ref), NULL, f);
    if (r == 0) {
        *ret_commit = next;
        next = NULL;
    }
    return r;
}
