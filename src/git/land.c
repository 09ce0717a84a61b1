/* SPDX-License-Identifier: Apache-2.0 */
#include "git/land.h"

#include "base/os.h"
#include "git/commits.h"
#include "git/files.h"
#include "git/inspect.h"
#include "git/land_priv.h"

#include <string.h>
#include <sys/stat.h>

static void landing_free(struct landing *l)
{
    identity_free(&l->who);
    free(l->top);
    free(l->git_dir);
    free(l->branch);
    free(l->head);
    free(l->target);
}

static int refuse(struct land_result *result, char *reason)
{
    result->landed = false;
    result->how = "none";
    result->reason = reason;
    return 0;
}

int landing_read_head(struct landing *l, struct fault *f)
{
    free(l->head);
    free(l->branch);
    l->head = l->branch = NULL;
    int r = git_commit_or_null(&l->user, "HEAD", &l->head, f);
    return r < 0 ? r : git_head_branch(&l->user, &l->branch, f);
}

/* Landings of one repository take turns. The descriptor holds the lock. */
static int take_turn(const struct landing *l, int *ret_fd, struct fault *f)
{
    AUTO_FREE char *path = os_path(l->git_dir, "kelp-landing.lock");

    return file_lock(path, ret_fd, f);
}

static int start(struct landing *l, struct fault *f)
{
    int r = identity_read(&l->user, &l->who, f);
    if (r == 0)
        r = git_word(&l->user, GIT_ARGS("rev-parse", "--show-toplevel"), &l->top, f);
    if (r == 0)
        r = git_word(&l->user, GIT_ARGS("rev-parse", "--absolute-git-dir"), &l->git_dir, f);
    if (r < 0)
        return r;
    l->user.cwd = l->top;
    return landing_read_head(l, f);
}

/* Why the branch as it is now can't take the result; NULL: it can. The caller frees. */
static int find_obstacle(const struct landing *l, char **ret_reason, struct fault *f)
{
    const struct land_spec *spec = l->spec;
    enum repo_state state = repo_state_of(l->git_dir);

    if (!l->branch || strcmp(l->branch, spec->branch) != 0) {
        *ret_reason = text_format("HEAD has moved from '%s' to %s%s%s", spec->branch,
                                  l->branch ? "'" : "a detached commit", l->branch ? l->branch : "",
                                  l->branch ? "'" : "");
        return 0;
    }
    if (state != REPO_CLEAN) {
        *ret_reason = text_format("a %s is under way", repo_state_name(state));
        return 0;
    }
    if (!spec->start_head)
        return 0;
    int r = l->head ? git_is_ancestor(&l->user, spec->start_head, l->head, f) : 0;
    if (r < 0)
        return r;
    if (r == 0)
        *ret_reason =
            text_format("'%s' no longer has the commit that the run started from", spec->branch);
    return 0;
}

/* Sets l->target: the commit itself where the branch can go forward to it, else a merge of both.
 * NULL with conflicts, which are listed. */
static int find_target(struct landing *l, struct land_result *result, struct fault *f)
{
    AUTO_COMMIT_MERGE merge = {0};
    AUTO_FREE char *message = text_format("Merge %s into %s\n\nKelp-Exec-Id: %s\n", l->spec->run,
                                          l->spec->branch, l->spec->run);
    struct git g = l->user;

    int r = l->head ? git_is_ancestor(&l->user, l->head, l->spec->commit, f) : 1;
    if (r < 0)
        return r;
    result->how = r > 0 ? "ff" : "merge";
    if (r > 0) {
        l->target = mem_string(l->spec->commit);
        return 0;
    }
    r = commit_merge_try(&l->user, l->head, l->spec->commit, &merge, f);
    if (r < 0)
        return r;
    if (merge.conflicts.count) {
        paths_add_all(&result->blocking, &merge.conflicts);
        return refuse(result, text_format("the result conflicts with commits made on '%s' since",
                                          l->spec->branch));
    }
    g.who = &l->who;
    return commit_make(&g,
                       &(struct commit_spec){.tree = merge.tree,
                                             .parents = GIT_ARGS(l->head, l->spec->commit),
                                             .message = message},
                       &l->target, f);
}

/* Tracked paths that differ from HEAD, in the index or in the working tree. */
static int dirty_paths(const struct landing *l, struct paths *ret, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_PATHS entries = {0};

    int r = git_run(&l->user,
                    GIT_ARGS("status", "--porcelain=v1", "-z", "--no-renames",
                             "--untracked-files=no", "--ignore-submodules=dirty"),
                    &out, f);
    paths_add_nul(&entries, &out);
    for (size_t i = 0; r == 0 && i < entries.count; i++)
        if (strlen(entries.at[i]) > 3)
            paths_add(ret, entries.at[i] + 3);
    paths_sort(ret);
    return r;
}

/* What can't be looked at is in the way, too. */
static bool is_there(const struct landing *l, const char *path)
{
    AUTO_FREE char *full = os_path(l->top, path);
    AUTO_FAULT unknown = {0};
    struct stat st;

    int there = os_look(full, &st, &unknown);
    return there < 0 || (there > 0 && !S_ISDIR(st.st_mode));
}

/* Git itself would overwrite ignored files without a word, so new paths are looked up here. */
static int find_blocking(const struct landing *l, struct land_result *result, struct fault *f)
{
    AUTO_PATHS dirty = {0};
    AUTO_CHANGES changes = {0};

    int r = dirty_paths(l, &dirty, f);
    if (r == 0)
        r = changes_read(&l->user, l->head, l->target, &changes, f);
    for (size_t i = 0; r == 0 && i < changes.count; i++) {
        const struct change *c = &changes.at[i];
        if (paths_has(&dirty, c->path) || (!c->old_oid && is_there(l, c->path)))
            paths_add(&result->blocking, c->path);
    }
    if (r == 0 && result->blocking.count)
        return refuse(result, mem_string("files that the result changes are modified or in the "
                                         "way in the working tree"));
    return r;
}

/* By git itself, so that hooks, filters and the reflog are as for any merge of the user's. */
static int go_forward(struct landing *l, struct land_result *result, struct fault *f)
{
    AUTO_FREE char *reflog = text_format("kelp land %s", l->spec->run);
    __attribute__((cleanup(landing_seen_free))) struct landing_seen seen = {0};
    AUTO_TEXT err = {0};
    struct git g = l->user;

    g.trust = GIT_PLAIN;
    g.reflog = reflog;
    int r = landing_look(l, &seen, f);
    if (r == 0)
        r = landing_note_write(l, f);
    if (r < 0)
        return r;
    int status =
        git_exit(&g,
                 &(struct git_call){.args = GIT_ARGS("merge", "-q", "--ff-only", "--no-autostash",
                                                     "--no-verify-signatures", l->target),
                                    .err = &err},
                 f);
    if (status < 0)
        return status;
    r = landing_read_head(l, f);
    if (r < 0)
        return r;
    result->landed = l->head && strcmp(l->head, l->target) == 0;
    if (!result->landed)
        r = landing_undo(l, &seen, f);
    if (r == 0)
        r = landing_note_remove(l, f);
    return r < 0 || result->landed ? r : refuse(result, git_reason(&err));
}

/* Git, once it has begun, would leave a tree that is half the old one and half the new. */
static int find_broken_filter(const struct landing *l, struct land_result *result, struct fault *f)
{
    char *reason = NULL;

    int r = landing_try_filters(l, &reason, f);
    return r == 0 && reason ? refuse(result, reason) : r;
}

static int land_merge(struct landing *l, struct land_result *result, struct fault *f)
{
    char *reason = NULL;

    int r = landing_resume(l, f);
    if (r == 0)
        r = find_obstacle(l, &reason, f);
    if (r < 0)
        return r;
    if (reason)
        return refuse(result, reason);
    r = l->head ? git_is_ancestor(&l->user, l->spec->commit, l->head, f) : 0;
    if (r < 0)
        return r;
    if (r > 0) {
        result->landed = true;
        result->how = strcmp(l->head, l->spec->commit) == 0 ? "ff" : "merge";
        return 0;
    }
    r = find_target(l, result, f);
    if (r == 0 && l->target)
        r = find_blocking(l, result, f);
    if (r == 0 && l->target && !result->reason)
        r = find_broken_filter(l, result, f);
    return r < 0 || result->reason ? r : go_forward(l, result, f);
}

int land_run(const struct land_spec *spec, struct land_result *ret, struct fault *f)
{
    __attribute__((cleanup(landing_free))) struct landing l = {.spec = spec,
                                                               .user = {.cwd = spec->repo}};
    __attribute__((cleanup(land_result_free))) struct land_result result = {.how = "none"};
    AUTO_CLOSE turn = -1;

    int r = start(&l, f);
    if (r < 0)
        return r;
    if (spec->mode == LAND_MERGE && spec->branch) {
        r = take_turn(&l, &turn, f);
        if (r == 0) /* whoever had the turn before may have moved it */
            r = landing_read_head(&l, f);
        if (r == 0)
            r = land_merge(&l, &result, f);
    } else if (spec->mode != LAND_NONE) {
        result.landed = true;
        result.how = "branch";
    }
    if (r < 0)
        return r;
    result.head = l.head;
    l.head = NULL;
    *ret = result;
    result = (struct land_result){0};
    return 0;
}

void land_result_free(struct land_result *result)
{
    free(result->head);
    free(result->reason);
    paths_free(&result->blocking);
    *result = (struct land_result){0};
}
