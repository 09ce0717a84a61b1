/* SPDX-License-Identifier: Apache-2.0 */
#include "git/discard.h"

#include "base/os.h"
#include "git/bundle.h"
#include "git/clone.h"
#include "git/commits.h"
#include "git/inside.h"
#include "git/stage.h"

#include <dirent.h>
#include <errno.h>
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
    AUTO_TEXT input = {0};

    text_add_n(&input, text_get(safe), safe->length);
    text_printf(&input, "%s\n", clone->tip);
    for (size_t i = 0; i < spec->commits.count; i++)
        text_printf(&input, "%s\n", spec->commits.at[i]);
    return bundle_tips(&g,
                       GIT_ARGS("rev-list", "--parents", "--ignore-missing", "--all", "--reflog",
                                "HEAD", "--stdin"),
                       &input, ret_tips, f);
}

static const char *name_of(const struct discard_spec *spec)
{
    const char *slash = strrchr(spec->path, '/');

    return slash ? slash + 1 : spec->path;
}

static int save_tips(const struct discard_spec *spec, const struct clone *clone,
                     const struct text *safe, struct fault *f)
{
    struct git g = clone_git(clone), user = {.cwd = spec->repo};
    AUTO_FREE char *stem = os_path(spec->bundle_dir, name_of(spec));
    AUTO_PATHS tips = {0};

    int r = find_tips(spec, clone, safe, &tips, f);
    if (r < 0 || !tips.count)
        return r;
    return bundle_keep(
        &(struct bundle_spec){.stem = stem, .from = &g, .user = &user, .tips = &tips, .safe = safe},
        f);
}

static int save_insides(const struct discard_spec *spec, const struct clone *clone, struct fault *f)
{
    inside_list insides = {0};

    int r = inside_find(clone, &insides, f);
    for (size_t i = 0; r == 0 && i < insides.count; i++)
        r = inside_keep(clone, &insides.at[i], spec->bundle_dir, f);
    inside_list_free(&insides);
    return r;
}

static int save_what_is_only_here(const struct discard_spec *spec, char **ret_run, struct fault *f)
{
    AUTO_CLONE clone = {0};
    AUTO_TEXT safe = {0};

    int r = clone_enter(spec->path, &clone, f);
    if (r == 0)
        r = keep_leftover(spec, &clone, f);
    if (r == 0)
        r = list_safe(spec->repo, &safe, f);
    if (r == 0)
        *ret_run = mem_string(clone.run);
    if (r == 0)
        r = save_tips(spec, &clone, &safe, f);
    return r < 0 ? r : save_insides(spec, &clone, f);
}

/* Also of a removal that was cut short and is repeated. */
static int list_insides(const struct discard_spec *spec, struct paths *ret, struct fault *f)
{
    AUTO_FREE char *start = text_format("%s+", name_of(spec));
    DIR *entries = opendir(spec->bundle_dir);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot list '%s'", spec->bundle_dir);
    while ((r = os_next_entry(entries, spec->bundle_dir, &entry, f)) > 0) {
        AUTO_FREE char *path = os_path(spec->bundle_dir, entry->d_name);
        if (text_starts(entry->d_name, start) && text_ends(entry->d_name, ".bundle"))
            paths_add(ret, path);
    }
    (void)closedir(entries);
    paths_sort(ret);
    return r;
}

int clone_discard(const struct discard_spec *spec, struct discard_result *ret, struct fault *f)
{
    AUTO_FREE char *stem = os_path(spec->bundle_dir, name_of(spec));
    int r = 0;

    /* A clone that is not complete was never given to an agent. */
    if (clone_is_complete(spec->path))
        r = save_what_is_only_here(spec, &ret->run, f);
    if (r == 0)
        r = clone_remove(spec->path, f);
    if (r < 0)
        return fault_wrap(f, "discard the clone '%s'", spec->path);
    ret->removed = true;
    ret->bundle = bundle_newest(stem);
    return list_insides(spec, &ret->inside, f);
}

void discard_result_free(struct discard_result *result)
{
    free(result->bundle);
    paths_free(&result->inside);
    free(result->run);
    *result = (struct discard_result){0};
}
