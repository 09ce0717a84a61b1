/* SPDX-License-Identifier: Apache-2.0 */
#include "record/change.h"

#include "base/os.h"
#include "git/git.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct change_store {
    char *dir;
};

static struct git store_git(const struct change_store *s)
{
    return (struct git){.trust = GIT_OWN, .git_dir = s->dir};
}

static void add_objects(struct text *list, char *dir)
{
    if (os_is_dir(dir) && !strchr(dir, '\n'))
        text_printf(list, "%s\n", dir);
    free(dir);
}

/* Clones and what lies beside them (git/clone.h). */
static int add_clones(const char *run_dir, struct text *list, struct fault *f)
{
    AUTO_FREE char *clones = os_path(run_dir, "clones");
    DIR *d = opendir(clones);
    const struct dirent *entry;
    int r = 0;

    while (d && (r = os_next_entry(d, clones, &entry, f)) > 0) {
        add_objects(list, text_format("%s/%s/.git/objects", clones, entry->d_name));
        add_objects(list, text_format("%s/%s/objects", clones, entry->d_name));
    }
    if (d)
        (void)closedir(d);
    return r;
}

static int borrow(const struct change_store *s, const char *repo, const char *run_dir,
                  struct fault *f)
{
    AUTO_FREE char *path = os_path(s->dir, "objects/info/alternates");
    const struct git user = {.cwd = repo};
    AUTO_TEXT list = {0};
    char *objects = NULL;

    int r =
        git_word(&user, GIT_ARGS("rev-parse", "--path-format=absolute", "--git-path", "objects"),
                 &objects, f);
    if (r < 0)
        return r;
    add_objects(&list, objects);
    r = add_clones(run_dir, &list, f);
    if (r < 0)
        return r;
    return os_write_file(path, text_get(&list), list.length, 0600, f);
}

static int take_bundle(const struct change_store *s, const char *path, unsigned number,
                       struct fault *f)
{
    AUTO_FREE char *refs = text_format("+refs/*:refs/bundles/%u/*", number);
    struct git g = store_git(s);

    return git_run(&g, GIT_ARGS("fetch", "-q", "--no-tags", path, refs), NULL, f);
}

static int take_bundles(const struct change_store *s, const char *run_dir, struct fault *f)
{
    DIR *d = opendir(run_dir);
    const struct dirent *entry;
    unsigned number = 0;
    int r = 0;

    while (r == 0 && d && (r = os_next_entry(d, run_dir, &entry, f)) > 0) {
        r = 0;
        AUTO_FREE char *path = os_path(run_dir, entry->d_name);
        /* With a plus it is of another repository, inside a clone. */
        if (text_ends(entry->d_name, ".bundle") && !strchr(entry->d_name, '+'))
            r = take_bundle(s, path, number++, f);
    }
    if (d)
        (void)closedir(d);
    return r;
}

static int init_store(const struct change_store *s, const char *repo, struct fault *f)
{
    const struct git user = {.cwd = repo};
    struct git g = {.trust = GIT_OWN, .cwd = s->dir};
    AUTO_FREE char *format = NULL;

    int r = git_word(&user, GIT_ARGS("rev-parse", "--show-object-format"), &format, f);
    if (r < 0)
        return r;
    AUTO_FREE char *option = text_format("--object-format=%s", format);
    return git_run(&g, GIT_ARGS("init", "-q", "--bare", option, s->dir), NULL, f);
}

int change_store_open(const char *repo, const char *run_dir, struct change_store **ret,
                      struct fault *f)
{
    struct change_store *s = MEM_NEW(struct change_store);
    char *dir = text_format("%s/recorded-XXXXXX", run_dir);
    int r = 0;

    if (!mkdtemp(dir)) {
        r = fault_system(f, errno, "cannot make '%s'", dir);
        free(dir);
        free(s);
        return r;
    }
    s->dir = dir;
    r = init_store(s, repo, f);
    if (r == 0)
        r = borrow(s, repo, run_dir, f);
    if (r == 0)
        r = take_bundles(s, run_dir, f);
    if (r < 0)
        change_store_close(s);
    else
        *ret = s;
    return r;
}

void change_store_close(struct change_store *s)
{
    AUTO_FAULT ignored = {0};

    if (!s)
        return;
    (void)!os_remove_tree(s->dir, &ignored); /* it holds nothing that is not elsewhere, too */
    free(s->dir);
    free(s);
}

int change_diff(struct change_store *s, const char *from, const char *to, struct text *out,
                struct fault *f)
{
    const char *const ends[] = {from, to};
    struct git g = store_git(s);

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        AUTO_FREE char *found = NULL;
        int r = git_commit_or_null(&g, ends[i], &found, f);
        if (r == 0 && !found)
            r = fault_set(f, FAULT_NOT_FOUND, "the commit '%s' is gone", ends[i]);
        if (r < 0)
            return r;
    }
    return git_run(&g,
                   GIT_ARGS("diff-tree", "-p", "--binary", "--full-index", "--no-renames",
                            "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short",
                            from, to),
                   out, f);
}
