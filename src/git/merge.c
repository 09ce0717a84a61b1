/* SPDX-License-Identifier: Apache-2.0 */
#include "git/merge.h"

#include "base/os.h"
#include "git/clone.h"
#include "git/commits.h"
#include "git/copy.h"
#include "git/earlier.h"
#include "git/ref_lock.h"
#include "git/stage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct merging {
    const struct merge_spec *spec;
    struct git user;
    struct identity who;
    char *ref;         /* refs/heads/<branch> */
    char *old;         /* where it is now, or NULL */
    char *tip;         /* where it will be */
    struct paths done; /* ids that this command has merged before, in the order of the history */
};

static void merging_free(struct merging *m)
{
    identity_free(&m->who);
    free(m->ref);
    free(m->old);
    free(m->tip);
    paths_free(&m->done);
}

static const char entry_format[] =
    "--format=%(trailers:key=Kelp-Exec-Id,valueonly,separator=%x2C)%n"
    "%(trailers:key=Kelp-Command,valueonly,separator=%x2C)";

/* Entries of "exec-id \n command \0" along the first parents from `onto` to the branch. Sets the
 * start to the branch itself if every commit there was made by this command. */
static int find_done(struct merging *m, struct fault *f)
{
    AUTO_FREE char *range = text_format("%s..%s", m->spec->onto, m->old);
    AUTO_TEXT out = {0};
    AUTO_PATHS entries = {0}, ids = {0};

    int r = git_run(&m->user,
                    GIT_ARGS("log", "-z", "--first-parent", "--reverse", "--no-show-signature",
                             entry_format, range),
                    &out, f);
    if (r < 0)
        return r;
    paths_add_nul(&entries, &out);
    for (size_t i = 0; i < entries.count; i++) {
        char *newline = strchr(entries.at[i], '\n');
        if (!newline || strcmp(newline + 1, m->spec->identity_key) != 0)
            return 0;
        paths_add_n(&ids, entries.at[i], (size_t)(newline - entries.at[i]));
    }
    paths_sort(&ids);
    m->done = ids;
    ids = (struct paths){0};
    free(m->tip);
    m->tip = mem_string(m->old);
    return 0;
}

static int start(struct merging *m, struct fault *f)
{
    m->ref = text_format("refs/heads/%s", m->spec->branch);
    m->tip = mem_string(m->spec->onto);
    int r = identity_read(&m->user, &m->who, f);
    m->user.who = &m->who;
    if (r == 0)
        r = git_commit_or_null(&m->user, m->ref, &m->old, f);
    if (r < 0 || !m->old)
        return r;
    r = git_is_ancestor(&m->user, m->spec->onto, m->old, f);
    return r <= 0 ? r : find_done(m, f);
}

static char *merge_message(const struct merge_spec *spec, const struct branch *branch)
{
    return text_format("Merge %s: %s\n\nKelp-Exec-Id: %s\nKelp-Command: %s\n", branch->id,
                       branch->title ? branch->title : branch->id, branch->id, spec->identity_key);
}

static int merge_one(struct merging *m, const struct branch *branch, struct paths *conflicts,
                     struct fault *f)
{
    AUTO_COMMIT_MERGE merge = {0};
    AUTO_FREE char *message = merge_message(m->spec, branch);
    char *commit = NULL;

    int r = commit_merge_try(&m->user, m->tip, branch->commit, &merge, f);
    if (r < 0)
        return r;
    if (merge.conflicts.count) {
        paths_add_all(conflicts, &merge.conflicts);
        return 0;
    }
    r = commit_make(&m->user,
                    &(struct commit_spec){.tree = merge.tree,
                                          .parents = GIT_ARGS(m->tip, branch->commit),
                                          .message = message},
                    &commit, f);
    if (r == 0) {
        free(m->tip);
        m->tip = commit;
    }
    return r;
}

static int merge_all(struct merging *m, struct merge_result *result, struct fault *f)
{
    for (size_t i = 0; i < m->spec->count; i++) {
        AUTO_PATHS conflicts = {0};
        if (!paths_has(&m->done, m->spec->branches[i].id)) {
            int r = merge_one(m, &m->spec->branches[i], &conflicts, f);
            if (r < 0)
                return fault_wrap(f, "merge %s", m->spec->branches[i].id);
        }
        if (!conflicts.count) {
            result->merged[result->merged_count++] = i;
            continue;
        }
        result->conflicts[result->conflict_count++] = (struct merge_conflict){i, conflicts};
        conflicts = (struct paths){0};
    }
    return 0;
}

/* The user may have the run's branch checked out; moving it would turn their tree around. */
static int refuse_checked_out(const struct merging *m, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_PATHS lines = {0};
    AUTO_FREE char *wanted = text_format("branch %s", m->ref);

    int r = git_run(&m->user, GIT_ARGS("worktree", "list", "--porcelain", "-z"), &out, f);
    if (r < 0)
        return r;
    paths_add_nul(&lines, &out);
    for (size_t i = 0; i < lines.count; i++) {
        if (strcmp(lines.at[i], wanted) != 0)
            continue;
        (void)fault_set(f, FAULT_REFUSED, "the branch '%s' is checked out", m->spec->branch);
        fault_hint(f, "switch to another branch and go on with 'kelp resume'");
        return -FAULT_REFUSED;
    }
    return 0;
}

static int move_branch(const struct merging *m, struct fault *f)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    AUTO_FREE char *old = m->old ? mem_string(m->old) : mem_string_n(zeros, strlen(m->tip));
    const struct branch_move move = {m->ref, m->old, m->tip, .not_merges = true};

    if (m->old && strcmp(m->old, m->tip) == 0)
        return 0;
    int r = refuse_checked_out(m, f);
    if (r < 0)
        return r;
    r = ref_lock_drop(&m->user, m->ref, f);
    if (r >= 0)
        r = earlier_keep(&m->user, &move, f);
    if (r < 0)
        return r;
    return git_run(&m->user, GIT_ARGS("update-ref", "-m", "kelp merge", m->ref, m->tip, old), NULL,
                   f);
}

/* kelp's clone of the branch shows what is on it. */
static int follow(const struct merging *m, struct fault *f)
{
    AUTO_CLONE clone = {0};
    struct copy_result copied;

    if (!m->spec->path)
        return 0;
    if (!clone_is_complete(m->spec->path))
        return copy_make(&(struct copy_spec){.repo = m->spec->repo,
                                             .commit = m->tip,
                                             .branch = m->spec->branch,
                                             .path = m->spec->path,
                                             .run = m->spec->run},
                         &copied, f);
    int r = clone_enter(m->spec->path, &clone, f);
    if (r == 0)
        r = stage_checkout(&clone, m->tip, f);
    return r < 0 ? r : clone_set_tip(&clone, m->tip, f);
}

static int describe(const struct merging *m, struct merge_result *result, struct fault *f)
{
    AUTO_DIFFSTAT diff = {0};

    result->commit = mem_string(m->tip);
    int r = diffstat_read(&m->user, m->spec->base, m->tip, &diff, f);
    if (r == 0)
        r = commits_between(&m->user, m->spec->base, m->tip, &result->commits, f);
    result->files = (int64_t)diff.count;
    result->insertions = diff.insertions;
    result->deletions = diff.deletions;
    return r;
}

int merge_branches(const struct merge_spec *spec, struct merge_result *ret, struct fault *f)
{
    __attribute__((cleanup(merging_free))) struct merging m = {.spec = spec,
                                                               .user = {.cwd = spec->repo}};
    __attribute__((cleanup(merge_result_free))) struct merge_result result = {
        .merged = mem_zero((spec->count + 1) * sizeof(size_t)),
        .conflicts = mem_zero((spec->count + 1) * sizeof(struct merge_conflict)),
    };

    int r = start(&m, f);
    if (r == 0)
        r = merge_all(&m, &result, f);
    if (r == 0)
        r = move_branch(&m, f);
    if (r == 0)
        r = follow(&m, f);
    if (r == 0)
        r = describe(&m, &result, f);
    if (r < 0)
        return r;
    *ret = result;
    result = (struct merge_result){0};
    return 0;
}

void merge_result_free(struct merge_result *result)
{
    free(result->commit);
    free(result->merged);
    for (size_t i = 0; i < result->conflict_count; i++)
        paths_free(&result->conflicts[i].paths);
    free(result->conflicts);
    *result = (struct merge_result){0};
}
