/* SPDX-License-Identifier: Apache-2.0 */
#include "git/bring.h"

#include "base/os.h"
#include "git/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int list(const struct git *user, const char *const *args, struct paths *ret, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(user, args, &out, f);
    if (r < 0)
        return r;
    paths_add_nul(ret, &out);
    for (size_t i = 0; i < ret->count; i++) {
        size_t n = strlen(ret->at[i]);
        if (n && ret->at[i][n - 1] == '/')
            ret->at[i][n - 1] = '\0';
    }
    paths_sort(ret);
    return 0;
}

/* Files that match .worktreeinclude and that git ignores. */
static int find_wanted(const char *root, struct paths *wanted, struct fault *f)
{
    struct git user = {.cwd = root};
    AUTO_PATHS named = {0}, ignored = {0};

    int r = list(&user, GIT_ARGS("ls-files", "-o", "-i", "-z", "--exclude-from=.worktreeinclude"),
                 &named, f);
    if (r == 0)
        r = list(&user, GIT_ARGS("ls-files", "-o", "-i", "-z", "--exclude-standard", "--directory"),
                 &ignored, f);
    for (size_t i = 0; r == 0 && i < named.count; i++)
        if (paths_covers(&ignored, named.at[i]))
            paths_add(wanted, named.at[i]);
    return r;
}

static int copy_link(const char *from, const char *to, struct fault *f)
{
    char target[4096];
    ssize_t n = readlink(from, target, sizeof target - 1);

    if (n < 0)
        return fault_system(f, errno, "cannot read link '%s'", from);
    target[n] = '\0';
    if (symlink(target, to) < 0 && errno != EEXIST)
        return fault_system(f, errno, "cannot make link '%s'", to);
    return 0;
}

static int bring_one(const struct clone *clone, const char *root, const char *path, struct fault *f)
{
    AUTO_FREE char *from = os_path(root, path);
    AUTO_FREE char *to = os_path(clone->path, path);
    struct stat st;

    if (lstat(from, &st) < 0)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot look at '%s'", from);
    int r = dir_make_above(to, f);
    if (r < 0)
        return r;
    if (S_ISLNK(st.st_mode))
        return copy_link(from, to, f);
    return S_ISREG(st.st_mode) ? file_copy(from, to, f) : 0;
}

/* The path as a pattern of its own, from the root. A newline has no form there: `?` is any byte. */
static void put_pattern(struct text *out, const char *path)
{
    text_add_char(out, '/');
    for (const char *p = path; *p; p++) {
        if (*p == '\n' || *p == '\r') {
            text_add_char(out, '?');
            continue;
        }
        if (strchr("*?[]\\!# \t", *p))
            text_add_char(out, '\\');
        text_add_char(out, *p);
    }
    text_add_char(out, '\n');
}

static int remember(const struct clone *clone, const struct paths *wanted, struct fault *f)
{
    AUTO_TEXT exclude = {0}, brought = {0};
    AUTO_FREE char *info = os_path(clone->git_dir, "info/exclude");

    int r = file_get_in(clone->side, "exclude", &exclude, f);
    for (size_t i = 0; i < wanted->count; i++)
        put_pattern(&exclude, wanted->at[i]);
    paths_put_nul(wanted, &brought);
    if (r == 0)
        r = file_put_in(clone->side, "exclude", &exclude, f);
    if (r == 0)
        r = file_put_in(clone->side, "brought", &brought, f);
    return r < 0 ? r : file_put(info, text_get(&exclude), exclude.length, f);
}

int bring_included(const struct clone *clone, const char *root, int64_t *ret_files, struct fault *f)
{
    AUTO_FREE char *include = os_path(root, ".worktreeinclude");
    AUTO_PATHS wanted = {0};

    *ret_files = 0;
    if (!os_exists(include))
        return 0;
    int r = find_wanted(root, &wanted, f);
    for (size_t i = 0; r == 0 && i < wanted.count; i++)
        r = bring_one(clone, root, wanted.at[i], f);
    if (r == 0 && wanted.count)
        r = remember(clone, &wanted, f);
    *ret_files = (int64_t)wanted.count;
    return r;
}
