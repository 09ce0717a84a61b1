/* SPDX-License-Identifier: Apache-2.0 */
#include "git/land_priv.h"

#include "base/os.h"
#include "git/files.h"

#include <string.h>

/* Does the user's configuration have a filter that makes files? */
static int has_filters(const struct landing *l, bool *ret, struct fault *f)
{
    AUTO_FREE char *found = NULL;

    int r = git_config_value(&l->user, GIT_ARGS("--get-regexp", "^filter\\..*\\.(smudge|process)$"),
                             &found, f);
    *ret = found != NULL;
    return r;
}

/* Every path that the landing writes, NUL-ended. */
static int list_written(const struct landing *l, struct text *paths, struct fault *f)
{
    AUTO_CHANGES changes = {0};

    int r = changes_read(&l->user, l->head, l->target, &changes, f);
    for (size_t i = 0; r == 0 && i < changes.count; i++)
        if (changes.at[i].new_oid)
            text_add_n(paths, changes.at[i].path, strlen(changes.at[i].path) + 1);
    return r;
}

/* Of the paths those that have a filter by the attributes of the result, which `g` has as its
 * index: answers of three words, the path, "filter" and its name. */
static int choose_filtered(const struct git *g, const struct text *paths, struct text *ret,
                           struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_PATHS words = {0};

    int r =
        git_feed(g, GIT_ARGS("check-attr", "--cached", "-z", "--stdin", "filter"), paths, &out, f);
    paths_add_nul(&words, &out);
    for (size_t i = 0; i + 2 < words.count; i += 3)
        if (strcmp(words.at[i + 2], "unspecified") != 0 && strcmp(words.at[i + 2], "unset") != 0)
            text_add_n(ret, words.at[i], strlen(words.at[i]) + 1);
    return r;
}

static int write_aside(const struct git *g, const char *temporary, const struct text *paths,
                       char **ret_reason, struct fault *f)
{
    AUTO_FREE char *prefix = text_format("--prefix=%s/files/", temporary);
    AUTO_TEXT err = {0};
    struct git_call call = {.args = GIT_ARGS("checkout-index", "-q", prefix, "-z", "--stdin"),
                            .input = paths,
                            .err = &err};

    int status = git_exit(g, &call, f);
    if (status > 0) {
        AUTO_FREE char *why = git_reason(&err);
        *ret_reason = text_format("a filter of your configuration fails: %s", why);
    }
    return status < 0 ? status : 0;
}

int landing_try_filters(const struct landing *l, char **ret_reason, struct fault *f)
{
    AUTO_TEMPORARY *temporary = NULL;
    AUTO_TEXT written = {0}, filtered = {0};
    struct git g = l->user;
    bool any = false;

    int r = has_filters(l, &any, f);
    if (r < 0 || !any)
        return r;
    r = dir_make_temporary(&temporary, f);
    if (r < 0)
        return r;
    AUTO_FREE char *index = os_path(temporary, "index");
    g.trust = GIT_PLAIN;
    g.index = index;
    r = list_written(l, &written, f);
    if (r == 0)
        r = git_run(&g, GIT_ARGS("read-tree", l->target), NULL, f);
    if (r == 0)
        r = choose_filtered(&g, &written, &filtered, f);
    return r < 0 || !filtered.length ? r : write_aside(&g, temporary, &filtered, ret_reason, f);
}
