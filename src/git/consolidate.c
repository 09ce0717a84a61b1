/* SPDX-License-Identifier: Apache-2.0 */
#include "git/consolidate.h"

#include "base/vector.h"
#include "git/diffstat.h"
#include "git/git.h"

#include <string.h>

static bool covers_any(const struct paths *a, const struct paths *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (paths_covers(a, b->at[i]))
            return true;
    return false;
}

/* A file of one may be a folder of the other, so covering counts in both directions. */
static bool may_conflict(const struct branch *a, const struct branch *b)
{
    return covers_any(&a->files, &b->files) || covers_any(&b->files, &a->files);
}

static void list_pairs(const struct branch *branches, size_t count, struct conflict_pairs *pairs,
                       struct text *input)
{
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a + 1; b < count; b++) {
            if (!may_conflict(&branches[a], &branches[b]))
                continue;
            vector_push(pairs, (struct conflict_pair){.a = a, .b = b});
            text_printf(input, "%s %s\n", branches[a].commit, branches[b].commit);
        }
    }
}

/* One answer of `merge-tree --stdin --name-only --no-messages`: "1 NUL tree NUL NUL" when clean,
 * "0 NUL tree NUL path NUL ... NUL" when not. Returns where the next one starts, or NULL. */
static const char *read_answer(const char *at, const char *end, struct conflict_pair *pair,
                               bool *ret_clean)
{
    if (end - at < 2 || (at[0] != '0' && at[0] != '1') || at[1])
        return NULL;
    *ret_clean = at[0] == '1';
    at += 2;
    at += strlen(at) + 1;
    while (at < end && *at) {
        paths_add(&pair->paths, at);
        at += strlen(at) + 1;
    }
    if (at >= end)
        return NULL;
    paths_sort(&pair->paths);
    if (!*ret_clean && !pair->paths.count)
        paths_add(&pair->paths, "?");
    return at + 1;
}

/* Takes the clean pairs out. */
static int read_answers(const struct text *out, struct conflict_pairs *pairs, struct fault *f)
{
    const char *at = text_get(out), *end = at + out->length;
    size_t kept = 0;

    for (size_t i = 0; i < pairs->count; i++) {
        struct conflict_pair pair = pairs->at[i];
        bool clean = false;
        at = read_answer(at, end, &pair, &clean);
        if (!at) {
            paths_free(&pair.paths);
            pairs->count = kept;
            return fault_set(f, FAULT_GIT, "'git merge-tree' ended before its answer %zu", i + 1);
        }
        if (clean)
            paths_free(&pair.paths);
        else
            pairs->at[kept++] = pair;
    }
    pairs->count = kept;
    return 0;
}

int consolidate_branches(const struct consolidate_spec *spec, struct conflict_pairs *ret,
                         struct fault *f)
{
    struct git user = {.cwd = spec->repo};
    AUTO_TEXT input = {0}, out = {0};

    for (size_t i = 0; i < spec->count; i++) {
        struct branch *branch = &spec->branches[i];
        if (changed_paths(&user, spec->base, branch->commit, &branch->files, f) < 0)
            return fault_wrap(f, "look at the changes of %s", branch->id);
    }
    list_pairs(spec->branches, spec->count, ret, &input);
    if (!ret->count)
        return 0;
    int r = git_feed(&user,
                     GIT_ARGS("merge-tree", "--write-tree", "--stdin", "--name-only",
                              "--no-messages", "--allow-unrelated-histories"),
                     &input, &out, f);
    return r < 0 ? r : read_answers(&out, ret, f);
}

void conflict_pairs_free(struct conflict_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        paths_free(&pairs->at[i].paths);
    vector_free(pairs);
    *pairs = (struct conflict_pairs){0};
}
