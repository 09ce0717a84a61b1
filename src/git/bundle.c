/* SPDX-License-Identifier: Apache-2.0 */
#include "git/bundle.h"

#include "base/os.h"
#include "git/files.h"

#include <string.h>

int bundle_tips(const struct git *g, const char *const *rev_list, const struct text *input,
                struct paths *ret_tips, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_PATHS commits = {0}, parents = {0};

    int r = git_feed(g, rev_list, input, &out, f);
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
static int name_tips(const struct bundle_spec *spec, struct text *list, struct fault *f)
{
    AUTO_TEXT updates = {0};

    for (size_t i = 0; i < spec->tips->count; i++) {
        text_printf(&updates, "update refs/kelp/kept/%zu %s\n", i + 1, spec->tips->at[i]);
        text_printf(list, "refs/kelp/kept/%zu\n", i + 1);
    }
    return git_feed(spec->from, GIT_ARGS("update-ref", "--stdin"), &updates, NULL, f);
}

/* The n-th (1..): a retry may have made another one. Never NULL. */
static char *path_of(const char *stem, unsigned n)
{
    return n == 1 ? text_format("%s.bundle", stem) : text_format("%s.%u.bundle", stem, n);
}

/* 0: there is none. */
static unsigned newest_of(const char *stem)
{
    for (unsigned n = 1;; n++) {
        AUTO_FREE char *path = path_of(stem, n);
        if (!os_exists(path))
            return n - 1;
    }
}

char *bundle_newest(const char *stem)
{
    unsigned newest = newest_of(stem);

    return newest ? path_of(stem, newest) : NULL;
}

/* As it does when the removal of this copy was cut short and is repeated. */
static bool newest_has(const struct bundle_spec *spec)
{
    AUTO_FREE char *path = bundle_newest(spec->stem);
    AUTO_TEXT heads = {0};
    AUTO_FAULT ignored = {0};

    if (!path || git_run(spec->from, GIT_ARGS("bundle", "list-heads", path), &heads, &ignored) < 0)
        return false;
    for (size_t i = 0; i < spec->tips->count; i++)
        if (!strstr(text_get(&heads), spec->tips->at[i]))
            return false;
    return true;
}

int bundle_keep(const struct bundle_spec *spec, struct fault *f)
{
    AUTO_FREE char *path = path_of(spec->stem, newest_of(spec->stem) + 1);
    AUTO_TEXT revs = {0};

    if (newest_has(spec))
        return 0;
    int r = name_tips(spec, &revs, f);
    text_add_n(&revs, text_get(spec->safe), spec->safe->length);
    if (r == 0)
        r = dir_make_above(path, f);
    if (r == 0)
        r = git_feed(spec->from,
                     GIT_ARGS("bundle", "create", "-q", path, "--ignore-missing", "--stdin"), &revs,
                     NULL, f);
    /* The proof that the user's repository can take it in. */
    if (r == 0 && spec->user)
        r = git_run(spec->user, GIT_ARGS("bundle", "verify", "-q", path), NULL, f);
    return r;
}
