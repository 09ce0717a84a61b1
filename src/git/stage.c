/* SPDX-License-Identifier: Apache-2.0 */
#include "git/stage.h"

#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What has to be told to kelp's index. */
struct differences {
    struct paths gone; /* not in the working tree any more */
    struct paths here; /* there, and not as the index has it */
    bool left_out;     /* more differs, and the index is not told */
};

static void differences_free(struct differences *c)
{
    paths_free(&c->gone);
    paths_free(&c->here);
}

static bool is_excluded(const struct paths *exclude, const char *path)
{
    return exclude && paths_covers(exclude, path);
}

/* 0 where nothing is. What can't be looked at is not taken for a deletion. */
static int mode_at(const struct clone *clone, const char *path, mode_t *ret, struct fault *f)
{
    AUTO_FREE char *full = os_path(clone->path, path);
    struct stat st;

    int there = os_look(full, &st, f);
    *ret = there > 0 ? st.st_mode : 0;
    return there < 0 ? there : 0;
}

/* A file that may not even be read by its owner is made readable: git keeps no such mode. */
static void make_readable(const struct clone *clone, const char *path, mode_t mode)
{
    AUTO_FREE char *full = os_path(clone->path, path);

    if (S_ISREG(mode) && !(mode & S_IRUSR))
        (void)chmod(full, (mode & 07777) | S_IRUSR); /* if it fails, git names the file */
}

/* Paths that the agent took out of its working tree by a sparse checkout are not deletions. */
static int sparse_paths(const struct clone *clone, struct paths *ret, struct fault *f)
{
    AUTO_FREE char *agents = os_path(clone->git_dir, "index");
    AUTO_TEXT out = {0};
    AUTO_PATHS entries = {0};
    struct git g = clone_git(clone);

    g.index = agents;
    int status =
        git_exit(&g, &(struct git_call){.args = GIT_ARGS("ls-files", "-t", "-z"), .out = &out}, f);
    if (status < 0)
        return status;
    if (status > 0)
        return 0; /* an index that git can't read says nothing */
    paths_add_nul(&entries, &out);
    for (size_t i = 0; i < entries.count; i++)
        if (text_starts(entries.at[i], "S "))
            paths_add(ret, entries.at[i] + 2);
    paths_sort(ret);
    return 0;
}

static int drop_sparse(const struct clone *clone, struct differences *c, struct fault *f)
{
    AUTO_PATHS sparse = {0}, left = {0};
    struct paths *gone = &c->gone;

    if (!gone->count)
        return 0;
    int r = sparse_paths(clone, &sparse, f);
    if (r < 0 || !sparse.count)
        return r;
    paths_sort(gone);
    paths_minus(gone, &sparse, &left);
    c->left_out = c->left_out || left.count < gone->count;
    struct paths swap = *gone;
    *gone = left;
    left = swap;
    return 0;
}

/* "M\0path\0D\0path\0..." */
static int find_tracked(const struct clone *clone, const struct paths *exclude,
                        struct differences *c, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT out = {0};
    AUTO_PATHS words = {0};

    int r = git_run(
        &g,
        GIT_ARGS("diff-files", "--name-status", "-z", "--no-renames", "--ignore-submodules=dirty"),
        &out, f);
    if (r < 0)
        return r;
    paths_add_nul(&words, &out);
    for (size_t i = 0; r == 0 && i + 1 < words.count; i += 2) {
        const char *path = words.at[i + 1];
        mode_t mode = 0;
        if (is_excluded(exclude, path)) {
            c->left_out = true;
            continue;
        }
        if (words.at[i][0] != 'D')
            r = mode_at(clone, path, &mode, f);
        bool fits = S_ISREG(mode) || S_ISLNK(mode) || S_ISDIR(mode);
        make_readable(clone, path, mode);
        paths_add(fits ? &c->here : &c->gone, path);
    }
    return r < 0 ? r : drop_sparse(clone, c, f);
}

static int find_nested_files(const struct clone *clone, const char *dir, struct paths *found,
                             struct fault *f)
{
    AUTO_FREE char *full = os_path(clone->path, dir);
    DIR *entries = opendir(full);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot list '%s'", full);
    while (r == 0 && (r = os_next_entry(entries, full, &entry, f)) > 0) {
        AUTO_FREE char *path = os_path(dir, entry->d_name);
        mode_t mode = 0;
        r = strcmp(entry->d_name, ".git") == 0 ? 0 : mode_at(clone, path, &mode, f);
        if (S_ISDIR(mode))
            r = find_nested_files(clone, path, found, f);
        else if (S_ISREG(mode) || S_ISLNK(mode))
            paths_add(found, path);
        make_readable(clone, path, mode);
    }
    (void)closedir(entries);
    return r;
}

/* The files of a nested repository that the clone's own rules do not ignore. */
static int add_nested(const struct clone *clone, const char *dir, struct paths *here,
                      struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_PATHS files = {0}, ignored = {0};
    AUTO_TEXT input = {0}, out = {0};

    int r = find_nested_files(clone, dir, &files, f);
    if (r < 0 || !files.count)
        return r;
    paths_put_nul(&files, &input);
    struct git_call call = {.args = GIT_ARGS("check-ignore", "--no-index", "-z", "--stdin"),
                            .input = &input,
                            .out = &out};
    int status = git_exit(&g, &call, f);
    if (status < 0)
        return status;
    paths_add_nul(&ignored, &out);
    paths_sort(&ignored);
    paths_minus(&files, &ignored, here);
    return 0;
}

static int find_new(const struct clone *clone, const struct paths *exclude, struct differences *c,
                    struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT out = {0};
    AUTO_PATHS others = {0};

    int r = git_run(&g, GIT_ARGS("ls-files", "-o", "-z", "--exclude-standard"), &out, f);
    paths_add_nul(&others, &out);
    for (size_t i = 0; r == 0 && i < others.count; i++) {
        char *path = others.at[i];
        bool is_nested = text_ends(path, "/");
        if (is_nested)
            path[strlen(path) - 1] = '\0';
        if (is_excluded(exclude, path))
            continue;
        if (is_nested) {
            r = add_nested(clone, path, &c->here, f);
            continue;
        }
        mode_t mode;
        r = mode_at(clone, path, &mode, f);
        make_readable(clone, path, mode);
        paths_add(&c->here, path);
    }
    return r;
}

/* By --index-info, because `update-index --remove` refuses a path beyond a symbolic link. */
static int tell_gone(const struct clone *clone, const struct paths *gone, struct fault *f)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct git g = clone_git(clone);
    AUTO_TEXT input = {0};

    if (!gone->count)
        return 0;
    for (size_t i = 0; i < gone->count; i++) {
        text_printf(&input, "0 %.*s\t", clone->sha256 ? 64 : 40, zeros);
        text_add_n(&input, gone->at[i], strlen(gone->at[i]) + 1);
    }
    return git_feed(&g, GIT_ARGS("update-index", "-z", "--index-info"), &input, NULL, f);
}

static int tell_here(const struct clone *clone, const struct paths *here, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT input = {0};

    if (!here->count)
        return 0;
    paths_put_nul(here, &input);
    return git_feed(&g, GIT_ARGS("update-index", "-z", "--add", "--replace", "--stdin"), &input,
                    NULL, f);
}

static int ensure_index(const struct clone *clone, struct fault *f)
{
    struct git g = clone_git(clone);

    if (os_exists(clone->index))
        return 0;
    return git_run(&g, GIT_ARGS("read-tree", clone->tip), NULL, f);
}

int stage_work_tree(const struct clone *clone, const struct paths *exclude, char **ret_tree,
                    bool *ret_whole, struct fault *f)
{
    __attribute__((cleanup(differences_free))) struct differences c = {0};
    struct git g = clone_git(clone);

    int r = ensure_index(clone, f);
    if (r == 0)
        r = find_tracked(clone, exclude, &c, f);
    if (r == 0)
        r = find_new(clone, exclude, &c, f);
    if (r == 0)
        r = tell_gone(clone, &c.gone, f);
    if (r == 0)
        r = tell_here(clone, &c.here, f);
    *ret_whole = !c.left_out;
    return r < 0 ? r : git_word(&g, GIT_ARGS("write-tree"), ret_tree, f);
}

void stage_nested_above(const struct clone *clone, const char *path, struct paths *ret)
{
    AUTO_FREE char *part = mem_string(path);

    for (char *slash = strrchr(part, '/'); slash; slash = strrchr(part, '/')) {
        *slash = '\0';
        AUTO_FREE char *git = text_format("%s/%s/.git", clone->path, part);
        if (os_exists(git))
            paths_add(ret, part);
    }
}

int stage_checkout(const struct clone *clone, const char *commit, struct fault *f)
{
    struct git g = clone_git(clone);

    return git_run(&g, GIT_ARGS("read-tree", "--reset", "-u", commit), NULL, f);
}
