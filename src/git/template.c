/* SPDX-License-Identifier: Apache-2.0 */
#include "git/template.h"

#include "base/os.h"
#include "git/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The folder that `path` lies in. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return mem_string_n(path, slash ? (size_t)(slash - path) : 0);
}

static char *templates_of(const char *path)
{
    AUTO_FREE char *folder = folder_of(path);

    return os_path(folder, ".templates");
}

/* True for the one that comes first: it leaves a mark. */
static int is_first(const char *templates, const char *run, bool *ret, struct fault *f)
{
    AUTO_FREE char *mark = text_format("%s/%s.first", templates, run);
    AUTO_CLOSE fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0 && errno != EEXIST)
        return fault_system(f, errno, "cannot create '%s'", mark);
    *ret = fd >= 0;
    return 0;
}

int template_find(const char *path, const char *run, const struct template_maker *maker,
                  struct clone *ret, struct fault *f)
{
    AUTO_FREE char *templates = templates_of(path);
    AUTO_FREE char *template = os_path(templates, run);
    AUTO_FREE char *lock = text_format("%s.lock", template);
    AUTO_CLOSE held = -1;
    bool first = false;
    int r = 0;

    if (!clone_is_complete(template)) {
        r = os_make_dirs(templates, 0777, f);
        if (r == 0)
            r = is_first(templates, run, &first, f);
        if (r < 0 || first)
            return r;
        r = file_lock(lock, &held, f);
        if (r == 0 && !clone_is_complete(template))
            r = maker->make(template, maker->context, f);
    }
    if (r == 0)
        r = clone_open(template, ret, f);
    return r < 0 ? r : 1;
}

int template_drop(const struct clone *template, struct fault *f)
{
    return clone_remove(template->path, f);
}

/* Is a clone of `run` left in `folder`? What can't be listed to its end may have one. */
static bool has_copies(const char *folder, const char *run)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    AUTO_FAULT unknown = {0};
    bool found = false;
    int more = 0;

    while (entries && !found && (more = os_next_entry(entries, folder, &entry, &unknown)) > 0) {
        size_t n = strlen(entry->d_name);
        if (n <= 5 || !text_ends(entry->d_name, ".kelp"))
            continue;
        AUTO_FREE char *path = text_format("%s/%.*s", folder, (int)(n - 5), entry->d_name);
        AUTO_CLONE clone = {0};
        AUTO_FAULT ignored = {0};
        /* One that can't be read counts: better a template too many. */
        found = clone_open(path, &clone, &ignored) < 0 || strcmp(clone.run, run) == 0;
    }
    if (entries)
        (void)closedir(entries);
    return found || more < 0;
}

int template_sweep(const char *path, const char *run, struct fault *f)
{
    static const char *const marks[] = {"first", "lock"};
    AUTO_FREE char *folder = folder_of(path);
    AUTO_FREE char *templates = templates_of(path);
    AUTO_FREE char *template = os_path(templates, run);

    if (has_copies(folder, run))
        return 0;
    int r = clone_remove(template, f);
    for (size_t i = 0; r == 0 && i < COUNT_OF(marks); i++) {
        AUTO_FREE char *mark = text_format("%s.%s", template, marks[i]);
        r = os_remove_tree(mark, f);
    }
    (void)rmdir(templates); /* other runs may have theirs there */
    return r;
}
