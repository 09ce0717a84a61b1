/* SPDX-License-Identifier: Apache-2.0 */
#include "git/inside.h"

#include "base/os.h"
#include "git/files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_git_dir(const char *path)
{
    AUTO_FREE char *head = os_path(path, "HEAD");
    AUTO_FREE char *refs = os_path(path, "refs");
    AUTO_FREE char *objects = os_path(path, "objects");

    return os_exists(head) && os_is_dir(refs) && os_is_dir(objects);
}

static void add(inside_list *list, const char *name, const char *git_dir, const char *work_tree)
{
    struct inside inside = {.name = mem_string(name), .git_dir = mem_string(git_dir)};

    if (work_tree)
        inside.work_tree = mem_string(work_tree);
    vector_push(list, inside);
}

/* A submodule's name may have slashes, and it may have submodules itself. */
static int find_modules(const char *dir, const char *name, inside_list *ret, struct fault *f)
{
    DIR *entries = opendir(dir);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot list '%s'", dir);
    while (r == 0 && (r = os_next_entry(entries, dir, &entry, f)) > 0) {
        AUTO_FREE char *path = os_path(dir, entry->d_name);
        AUTO_FREE char *below = os_path(path, "modules");
        AUTO_FREE char *full = *name ? os_path(name, entry->d_name) : mem_string(entry->d_name);
        AUTO_FREE char *inner = os_path(full, "modules");
        struct stat st;
        r = os_look(path, &st, f); /* a link could lead back up */
        if (r <= 0 || !S_ISDIR(st.st_mode))
            continue;
        bool is_one = is_git_dir(path);
        if (is_one)
            add(ret, full, path, NULL);
        r = is_one ? find_modules(below, inner, ret, f) : find_modules(path, full, ret, f);
    }
    (void)closedir(entries);
    return r;
}

/* Of a submodule whose .git is the usual file: "gitdir: ../.git/modules/NAME". */
static int give_work_tree(const char *path, inside_list *list, struct fault *f)
{
    static const char below[] = "/.git/modules/";
    AUTO_TEXT link = {0};

    int r = file_get_in(path, ".git", &link, f);
    const char *name = r == 0 ? strstr(text_get(&link), below) : NULL;
    if (!name)
        return r;
    name += sizeof below - 1;
    size_t length = strcspn(name, "\n");
    for (size_t i = 0; i < list->count; i++) {
        struct inside *one = &list->at[i];
        if (!one->work_tree && strlen(one->name) == length && memcmp(one->name, name, length) == 0)
            one->work_tree = mem_string(path);
    }
    return 0;
}

static int look_at(const struct clone *clone, const char *path, bool is_module, inside_list *ret,
                   struct fault *f)
{
    AUTO_FREE char *full = os_path(clone->path, path);
    AUTO_FREE char *git_dir = os_path(full, ".git");

    if (os_is_dir(git_dir)) {
        if (is_git_dir(git_dir))
            add(ret, path, git_dir, is_module ? full : NULL);
        return 0;
    }
    return is_module ? give_work_tree(full, ret, f) : 0;
}

/* The folders above `path` that are not above `last`, which was listed before it. */
static int look_above(const struct clone *clone, const char *path, const char *last,
                      inside_list *ret, struct fault *f)
{
    AUTO_FREE char *part = mem_string(path);
    size_t same = 0;
    int r = 0;

    while (path[same] && path[same] == last[same])
        same++;
    for (char *slash = strchr(part, '/'); r == 0 && slash; slash = strchr(slash + 1, '/')) {
        if ((size_t)(slash - part) < same)
            continue;
        *slash = '\0';
        r = look_at(clone, part, false, ret, f);
        *slash = '/';
    }
    return r;
}

/* "<mode> <name> <stage>\t<path>" */
static int find_in_tree(const struct clone *clone, inside_list *ret, struct fault *f)
{
    static const char commit_mode[] = "160000 ";
    struct git g = clone_git(clone);
    AUTO_TEXT out = {0};
    AUTO_PATHS entries = {0};
    const char *last = "";

    int r = git_run(&g, GIT_ARGS("ls-files", "-s", "-z"), &out, f);
    paths_add_nul(&entries, &out);
    for (size_t i = 0; r == 0 && i < entries.count; i++) {
        const char *tab = strchr(entries.at[i], '\t');
        if (!tab)
            continue;
        r = look_above(clone, tab + 1, last, ret, f);
        if (r == 0 && text_starts(entries.at[i], commit_mode))
            r = look_at(clone, tab + 1, true, ret, f);
        last = tab + 1;
    }
    return r;
}

int inside_find(const struct clone *clone, inside_list *ret, struct fault *f)
{
    AUTO_FREE char *modules = os_path(clone->git_dir, "modules");

    int r = find_modules(modules, "", ret, f);
    return r < 0 ? r : find_in_tree(clone, ret, f);
}

void inside_list_free(inside_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->at[i].name);
        free(list->at[i].git_dir);
        free(list->at[i].work_tree);
    }
    vector_free(list);
}
