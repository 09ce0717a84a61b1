/* SPDX-License-Identifier: Apache-2.0 */
#include "git/commits.h"

#include "base/vector.h"

#include <string.h>

struct words {
    const char **at;
    size_t count, capacity;
};

static void add_words(struct words *words, const char *const *more)
{
    for (; *more; more++)
        vector_push(words, *more);
}

int commit_make(const struct git *g, const struct commit_spec *spec, char **ret, struct fault *f)
{
    struct words words = {0};
    AUTO_TEXT input = {0}, out = {0};

    text_add(&input, spec->message);
    add_words(&words, GIT_ARGS("commit-tree", "-F", "-"));
    for (const char *const *parent = spec->parents; *parent; parent++)
        add_words(&words, GIT_ARGS("-p", *parent));
    add_words(&words, GIT_ARGS(spec->tree));
    vector_push(&words, NULL);
    int r = git_feed(g, words.at, &input, &out, f);
    vector_free(&words);
    if (r == 0)
        *ret = mem_string_n(text_get(&out), strcspn(text_get(&out), "\n"));
    return r;
}

int commit_merge_try(const struct git *g, const char *ours, const char *theirs,
                     struct commit_merge *ret, struct fault *f)
{
    AUTO_TEXT out = {0}, err = {0};
    struct git_call call = {.args = GIT_ARGS("merge-tree", "--write-tree", "-z", "--name-only",
                                             "--no-messages", "--allow-unrelated-histories", ours,
                                             theirs),
                            .out = &out,
                            .err = &err};

    int status = git_exit(g, &call, f);
    if (status < 0)
        return status;
    if (status > 1)
        return fault_set(f, FAULT_GIT, "cannot merge '%s' and '%s': %.*s", ours, theirs,
                         (int)strcspn(text_get(&err), "\n"), text_get(&err));
    *ret = (struct commit_merge){0};
    paths_add_nul(&ret->conflicts, &out);
    if (!ret->conflicts.count)
        return fault_set(f, FAULT_GIT, "git made no tree of '%s' and '%s'", ours, theirs);
    /* The first entry is the tree. */
    ret->tree = ret->conflicts.at[0];
    memmove(ret->conflicts.at, ret->conflicts.at + 1,
            (ret->conflicts.count - 1) * sizeof *ret->conflicts.at);
    ret->conflicts.count--;
    paths_sort(&ret->conflicts);
    if (status == 1 && !ret->conflicts.count)
        paths_add(&ret->conflicts,
                  "?"); /* a conflict that git ties to no path is one all the same */
    return 0;
}

void commit_merge_free(struct commit_merge *merge)
{
    free(merge->tree);
    paths_free(&merge->conflicts);
    *merge = (struct commit_merge){0};
}

int commits_between(const struct git *g, const char *base, const char *tip, int64_t *ret,
                    struct fault *f)
{
    AUTO_FREE char *range = text_format("%s..%s", base, tip);
    AUTO_FREE char *count = NULL;

    *ret = 0;
    if (strcmp(base, tip) == 0)
        return 0;
    int r = git_word(g, GIT_ARGS("rev-list", "--count", range), &count, f);
    if (r == 0 && !text_to_int64(count, 0, INT64_MAX, ret))
        return fault_set(f, FAULT_GIT, "'git rev-list' gave no number but '%s'", count);
    return r;
}
