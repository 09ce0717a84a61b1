/* SPDX-License-Identifier: Apache-2.0 */
#include "git/discard.h"

#include "base/os.h"
#include "git/clone.h"
#include "git/commits.h"
#include "git/stage.h"

#include <string.h>

static const char leftover_ref[] = "refs/kelp/kept/leftover";

/* What nobody committed becomes a commit of its own ref. */
static int keep_leftover(const struct discard_spec *spec, const struct clone *clone,
                         struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_FREE char *tree = NULL, *head = NULL, *head_tree = NULL, *commit = NULL;
    bool whole; /* or not: the rest is kelp's or git's to bring again */

    int r = stage_work_tree(clone, &spec->exclude, &tree, &whole, f);
    if (r == 0)
        r = git_commit_or_null(&g, "HEAD", &head, f);
    if (r == 0 && !head)
        head = mem_string(clone->tip);
    if (r == 0)
        r = git_tree_of(&g, head, &head_tree, f);
    if (r != 0 || strcmp(tree, head_tree) == 0)
        return r;
    r = commit_make(
        &g,
        &(struct commit_spec){.tree = tree,
                              .parents = GIT_ARGS(head),
                              .message = "What was not committed when the clone was removed\n"},
        &commit, f);
    return r < 0 ? r : git_run(&g, GIT_ARGS("update-ref", leftover_ref, commit), NULL, f);
}

/* "^<name>" lines: whatever the user's refs reach is safe. */
static int list_safe(const char *repo, struct text *ret, struct fault *f)
{
    struct git user = {.cwd = repo};

    return git_run(&user, GIT_ARGS("for-each-ref", "--format=^%(objectname)"), ret, f);
}

/* The commits that only the clone has, and of these the ones that no other has as a parent. */
static int find_tips(const struct discard_spec *spec, const struct clone *clone,
                     const struct text *safe, struct paths *ret_tips, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT input = {0}, out = {0};
    AUTO_PATHS commits = {0}, parents = {0};

    text_add_n(&input, text_get(safe), safe->length);
    text_printf(&input, "%s\n", clone->tip);
    for (size_t i = 0; i < spec->commits.count; i++)
        text_printf(&input, "%s\n", spec->commits.at[i]);
    int r = git_feed(&g,
                     GIT_ARGS("rev-list", "--parents", "--ignore-missing", "--all", "--reflog",
                              "HEAD", "--stdin"),
                     &input, &out, f);
    for (char *line = out.data; r == 0 && line && *line;) {
        size_t n = strcspn(line, " \n");
        paths_add_n(&commits, line, n);
        for (line += n; *line == ' '; line += n) {
            n = strcspn(++line, " \n");
            paths_add_n(&parents, line, n);
        }
        line += *line == '\n';
    }
    paths_sort(&commits);
    paths_sort(&parents);
    paths_minus(&commits, &parents, ret_tips);
    return r;
}

/* Gives each tip a ref, which a bundle has to have, and lists the refs. */
static int name_tips(const struct clone *clone, const struct paths *tips, struct text *list,
                     struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT updates = {0};

    for (size_t i = 0; i < tips->count; i++) {
        text_printf(&updates, "update refs/kelp/kept/%zu %s\n", i + 1, tips->at[i]);
        text_printf(list, "refs/kelp/kept/%zu\n", i + 1);
    }
    return git_feed(&g, GIT_ARGS("update-ref", "--stdin"), &updates, NULL, f);
}

/* `revs` are lines for git rev-list: what goes in and, with "^", what does not. */
static int write_bundle(const struct discard_spec *spec, const struct clone *clone,
                        const struct text *revs, const char *bundle, struct fault *f)
{
    struct git g = clone_git(clone), user = {.cwd = spec->repo};

    int r = os_make_dirs(spec->bundle_dir, 0777, f);
    if (r == 0)
        r = git_feed(&g, GIT_ARGS("bundle", "create", "-q", bundle, "--stdin"), revs, NULL, f);
    /* The proof that the user's repository can take it in. */
    return r < 0 ? r : git_run(&user, GIT_ARGS("bundle", "verify", "-q", bundle), NULL, f);
}

/* The n-th bundle (1..) of copies with this name: a retry may have made another one. Never NULL. */
static char *bundle_path(const struct discard_spec *spec, unsigned n)
{
    const char *slash = strrchr(spec->path, '/');
    const char *name = slash ? slash + 1 : spec->path;

    return n == 1 ? text_format("%s/%s.bundle", spec->bundle_dir, name)
                  : text_format("%s/%s.%u.bundle", spec->bundle_dir, name, n);
}

/* 0: there is none. */
static unsigned newest_bundle(const struct discard_spec *spec)
{
    for (unsigned n = 1;; n++) {
        AUTO_FREE char *path = bundle_path(spec, n);
        if (!os_exists(path))
            return n - 1;
    }
}

/* As it does when the removal of this copy was cut short and is repeated. */
static bool bundle_has(const struct clone *clone, const char *bundle, const struct paths *tips)
{
    struct git g = clone_git(clone);
    AUTO_TEXT heads = {0};
    AUTO_FAULT ignored = {0};

    if (git_run(&g, GIT_ARGS("bundle", "list-heads", bundle), &heads, &ignored) < 0)
        return false;
    for (size_t i = 0; i < tips->count; i++)
        if (!strstr(text_get(&heads), tips->at[i]))
            return false;
    return true;
}

static int save_tips(const struct discard_spec *spec, const struct clone *clone,
                     const struct paths *tips, const struct text *safe, struct fault *f)
{
    unsigned newest = newest_bundle(spec);
    AUTO_FREE char *last = bundle_path(spec, newest ? newest : 1);
    AUTO_FREE char *bundle = bundle_path(spec, newest + 1);
    AUTO_TEXT revs = {0};

    if (newest && bundle_has(clone, last, tips))
        return 0;
    int r = name_tips(clone, tips, &revs, f);
    text_add_n(&revs, text_get(safe), safe->length);
    return r < 0 ? r : write_bundle(spec, clone, &revs, bundle, f);
}

static int save_what_is_only_here(const struct discard_spec *spec, char **ret_run, struct fault *f)
{
    AUTO_CLONE clone = {0};
    AUTO_TEXT safe = {0};
    AUTO_PATHS tips = {0};

    int r = clone_enter(spec->path, &clone, f);
    if (r == 0)
        r = keep_leftover(spec, &clone, f);
    if (r == 0)
        r = list_safe(spec->repo, &safe, f);
    if (r == 0)
        r = find_tips(spec, &clone, &safe, &tips, f);
    if (r == 0)
        *ret_run = mem_string(clone.run);
    return r < 0 || !tips.count ? r : save_tips(spec, &clone, &tips, &safe, f);
}

int clone_discard(const struct discard_spec *spec, struct discard_result *ret, struct fault *f)
{
    int r = 0;

    /* A clone that is not complete was never given to an agent. */
    if (clone_is_complete(spec->path))
        r = save_what_is_only_here(spec, &ret->run, f);
    if (r == 0)
        r = clone_remove(spec->path, f);
    if (r < 0)
        return fault_wrap(f, "discard the clone '%s'", spec->path);
    ret->removed = true;
    unsigned newest = newest_bundle(spec);
    ret->bundle = newest ? bundle_path(spec, newest) : NULL;
    return 0;
}

void discard_result_free(struct discard_result *result)
{
    free(result->bundle);
    free(result->run);
    *result = (struct discard_result){0};
}
