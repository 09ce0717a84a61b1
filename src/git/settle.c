/* SPDX-License-Identifier: Apache-2.0 */
#include "git/settle.h"

#include "core/glob.h"
#include "git/clone.h"
#include "git/commits.h"
#include "git/files.h"
#include "git/join.h"
#include "git/stage.h"

#include <string.h>

/* What one settling knows. */
struct work {
    const struct settle_spec *spec;
    struct clone clone;
    struct git g;
    char *message;       /* with trailers */
    char *tree;          /* of the working tree */
    char *commit;        /* the result so far */
    struct paths within; /* commits that it is known to have among its ancestors */
    bool in_place;       /* the index and the working tree are its already */
};

static void work_free(struct work *w)
{
    clone_free(&w->clone);
    free(w->message);
    free(w->tree);
    free(w->commit);
    paths_free(&w->within);
}

static void set(char **slot, char *value)
{
    free(*slot);
    *slot = value;
}

/* The commits that a merge under way was merging; names that are none are left out. */
static int merging(struct work *w, struct paths *heads, struct fault *f)
{
    AUTO_TEXT text = {0};
    AUTO_PATHS names = {0};

    int r = file_get_in(w->clone.git_dir, "MERGE_HEAD", &text, f);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '\n')
            text.data[i] = '\0';
    paths_add_nul(&names, &text);
    for (size_t i = 0; r == 0 && i < names.count; i++) {
        AUTO_FREE char *commit = NULL;
        if (git_is_oid(names.at[i]))
            r = git_commit_or_null(&w->g, names.at[i], &commit, f);
        if (commit)
            paths_add(heads, commit);
    }
    return r;
}

static int add_parent(struct work *w, struct paths *parents, const char *commit, struct fault *f)
{
    for (size_t i = 0; i < parents->count; i++) {
        int r = git_is_ancestor(&w->g, commit, parents->at[i], f);
        if (r != 0)
            return r < 0 ? r : 0;
    }
    paths_add(parents, commit);
    return 0;
}

static int make(struct work *w, const char *tree, const struct paths *parents, struct fault *f)
{
    const char *list[64];
    size_t n = 0;
    char *commit = NULL;

    for (; n < parents->count && n + 1 < COUNT_OF(list); n++)
        list[n] = parents->at[n];
    list[n] = NULL;
    int r = commit_make(&w->g, &(struct commit_spec){tree, list, w->message}, &commit, f);
    if (r < 0)
        return r;
    set(&w->commit, commit);
    paths_add_all(&w->within, parents);
    return 0;
}

/* Rule 1. */
static int commit_work(struct work *w, struct fault *f)
{
    AUTO_FREE char *head = NULL, *head_tree = NULL;
    AUTO_PATHS parents = {0}, others = {0};

    int r = git_commit_or_null(&w->g, "HEAD", &head, f);
    if (r == 0 && !head)
        head = mem_string(w->clone.tip);
    if (r == 0)
        r = git_tree_of(&w->g, head, &head_tree, f);
    if (r == 0)
        r = merging(w, &others, f);
    paths_add(&parents, head ? head : "");
    for (size_t i = 0; r == 0 && i < others.count; i++)
        r = add_parent(w, &parents, others.at[i], f);
    if (r != 0)
        return r;
    if (strcmp(head_tree, w->tree) == 0 && parents.count == 1) {
        set(&w->commit, head);
        head = NULL;
        return 0;
    }
    return make(w, w->tree, &parents, f);
}

static bool is_within(const struct work *w, const char *commit)
{
    for (size_t i = 0; i < w->within.count; i++)
        if (strcmp(w->within.at[i], commit) == 0)
            return true;
    return false;
}

/* Makes `other` a part of the result: rules 2 and 3. `first` puts it first among the parents. */
static int take_in(struct work *w, const char *other, bool first, struct fault *f)
{
    AUTO_COMMIT_MERGE merge = {0};
    AUTO_FREE char *tree = NULL;
    AUTO_PATHS parents = {0};

    int r = is_within(w, other) ? 1 : git_is_ancestor(&w->g, other, w->commit, f);
    if (r != 0)
        return r < 0 ? r : 0;
    r = git_is_ancestor(&w->g, w->commit, other, f);
    if (r < 0)
        return r;
    w->in_place = false;
    if (r > 0) {
        set(&w->commit, mem_string(other));
        return 0;
    }
    r = commit_merge_try(&w->g, other, w->commit, &merge, f);
    if (r == 0)
        r = git_tree_of(&w->g, w->commit, &tree, f);
    if (r < 0)
        return r;
    paths_add(&parents, first ? other : w->commit);
    paths_add(&parents, first ? w->commit : other);
    return make(w, merge.conflicts.count ? tree : merge.tree, &parents, f);
}

static int take_in_branch(struct work *w, struct fault *f)
{
    AUTO_FREE char *ref = text_format("refs/heads/%s", w->clone.branch ? w->clone.branch : "");
    AUTO_FREE char *tip = NULL;

    if (!w->clone.branch)
        return 0;
    int r = git_commit_or_null(&w->g, ref, &tip, f);
    return r < 0 || !tip ? r : take_in(w, tip, true, f);
}

/* Branch, HEAD, index and working tree at the result. */
static int move_there(struct work *w, struct fault *f)
{
    int r = w->in_place ? 0 : stage_checkout(&w->clone, w->commit, f);
    if (r == 0)
        r = clone_forget_state(&w->clone, f);
    return r < 0 ? r : clone_set_tip(&w->clone, w->commit, f);
}

static int settle_commit(struct work *w, struct fault *f)
{
    int r = clone_enter(w->spec->path, &w->clone, f);
    if (r < 0)
        return r;
    w->g = clone_git(&w->clone);
    w->message = text_format("%s\n\nKelp-Exec-Id: %s\n", w->spec->message, w->spec->exec_id);
    r = stage_work_tree(&w->clone, &w->spec->exclude, &w->tree, &w->in_place, f);
    if (r == 0)
        r = commit_work(w, f);
    if (r == 0)
        r = take_in_branch(w, f);
    if (r == 0)
        r = take_in(w, w->spec->base, true, f);
    return r < 0 ? r : move_there(w, f);
}

static bool is_in_scope(const struct settle_spec *spec, const char *path)
{
    for (size_t i = 0; i < spec->writes.count; i++)
        if (glob_match(spec->writes.at[i], path))
            return true;
    return !spec->writes_given;
}

static int describe(const struct work *w, struct settle_result *result, struct fault *f)
{
    result->commit = mem_string(w->commit);
    result->fallback_identity = w->clone.who.fallback;
    int r = commits_between(&w->g, w->spec->base, w->commit, &result->commits, f);
    if (r == 0)
        r = diffstat_read(&w->g, w->spec->base, w->commit, &result->diff, f);
    for (size_t i = 0; r == 0 && i < result->diff.count; i++) {
        if (!is_in_scope(w->spec, result->diff.at[i].path))
            paths_add(&result->out_of_scope, result->diff.at[i].path);
        stage_nested_above(&w->clone, result->diff.at[i].path, &result->nested);
    }
    paths_sort(&result->nested);
    return r;
}

int settle_clone(const struct settle_spec *spec, struct settle_result *ret, struct fault *f)
{
    __attribute__((cleanup(work_free))) struct work w = {.spec = spec};
    __attribute__((cleanup(settle_result_free))) struct settle_result result = {0};

    int r = settle_commit(&w, f);
    if (r == 0)
        r = describe(&w, &result, f);
    if (r == 0 && spec->into_path)
        r = join_clone(&(struct join_spec){.from = &w.clone,
                                           .commit = w.commit,
                                           .path = spec->into_path,
                                           .branch = spec->into_branch,
                                           .label = spec->label,
                                           .message = w.message},
                       &result.into_commit, &result.conflicts, f);
    if (r < 0)
        return r;
    *ret = result;
    result = (struct settle_result){0};
    return 0;
}

void settle_result_free(struct settle_result *result)
{
    free(result->commit);
    free(result->into_commit);
    diffstat_free(&result->diff);
    paths_free(&result->out_of_scope);
    paths_free(&result->nested);
    paths_free(&result->conflicts);
    *result = (struct settle_result){0};
}

int clone_reset(const char *path, const char *commit, struct fault *f)
{
    AUTO_CLONE clone = {0};

    int r = clone_enter(path, &clone, f);
    if (r < 0)
        return r;
    struct git g = clone_git(&clone);
    r = clone_forget_state(&clone, f);
    if (r == 0)
        r = stage_checkout(&clone, commit, f);
    /* Twice -f: nested repositories go too. */
    if (r == 0)
        r = git_run(&g, GIT_ARGS("clean", "-ffdq"), NULL, f);
    return r < 0 ? r : clone_set_tip(&clone, commit, f);
}
