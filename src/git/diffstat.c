/* SPDX-License-Identifier: Apache-2.0 */
#include "git/diffstat.h"

#include "base/vector.h"

#include <string.h>

enum { LINES_MAX = INT32_MAX };

static bool parse_lines(const char *s, const char *end, int64_t *ret)
{
    AUTO_FREE char *number = mem_string_n(s, (size_t)(end - s));

    return text_to_int64(number, 0, LINES_MAX, ret);
}

/* "12\t3\tpath", "-\t-\tpath" for a binary file. */
static bool parse_entry(const char *entry, struct diff_file *ret)
{
    const char *tab = strchr(entry, '\t');
    const char *second = tab ? strchr(tab + 1, '\t') : NULL;

    if (!second)
        return false;
    *ret = (struct diff_file){.binary = entry[0] == '-'};
    if (!ret->binary && (!parse_lines(entry, tab, &ret->insertions) ||
                         !parse_lines(tab + 1, second, &ret->deletions)))
        return false;
    ret->path = mem_string(second + 1);
    return true;
}

void diffstat_parse(const struct text *out, struct diffstat *ret)
{
    AUTO_PATHS entries = {0};

    paths_add_nul(&entries, out);
    for (size_t i = 0; i < entries.count; i++) {
        struct diff_file file;
        if (!parse_entry(entries.at[i], &file))
            continue;
        ret->insertions += file.insertions;
        ret->deletions += file.deletions;
        vector_push(ret, file);
    }
}

int diffstat_read(const struct git *g, const char *from, const char *to, struct diffstat *ret,
                  struct fault *f)
{
    AUTO_TEXT out = {0};

    *ret = (struct diffstat){0};
    if (strcmp(from, to) == 0)
        return 0;
    int r = git_run(g,
                    GIT_ARGS("diff-tree", "-r", "--numstat", "-z", "--no-renames", "--no-ext-diff",
                             "--no-textconv", from, to),
                    &out, f);
    if (r == 0)
        diffstat_parse(&out, ret);
    return r;
}

int diffstat_of(const char *repo, const char *from, const char *to, struct diffstat *ret,
                struct fault *f)
{
    struct git g = {.cwd = repo};
    AUTO_FREE char *a = NULL, *b = NULL;

    int r = git_commit_of(&g, from, &a, f);
    if (r == 0)
        r = git_commit_of(&g, to, &b, f);
    return r != 0 ? r : diffstat_read(&g, a, b, ret, f);
}

int changed_paths(const struct git *g, const char *from, const char *to, struct paths *ret,
                  struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(g, GIT_ARGS("diff-tree", "-r", "--name-only", "-z", "--no-renames", from, to),
                    &out, f);
    if (r == 0) {
        paths_add_nul(ret, &out);
        paths_sort(ret);
    }
    return r;
}

void diffstat_free(struct diffstat *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(d->at[i].path);
    vector_free(d);
    *d = (struct diffstat){0};
}
