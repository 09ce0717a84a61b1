/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git opens the files that it has names for without a look at what they are. A FIFO there holds it
 * up for ever, and a link leads its writes astray.
 */
#include "git/clone_priv.h"

#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_OTHER };

static enum entry_kind kind_of(const char *path, unsigned char type)
{
    struct stat st;

    if (type == DT_UNKNOWN)
        type = lstat(path, &st) < 0 ? DT_REG : (unsigned char)IFTODT(st.st_mode);
    return type == DT_DIR ? ENTRY_FOLDER : type == DT_REG ? ENTRY_FILE : ENTRY_OTHER;
}

/* What kelp can't enter git can't either. */
static bool git_is_kept_out(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
           error == ENAMETOOLONG;
}

/* Whether an entry of a folder goes; `in_git` as the caller said. */
typedef bool sweep_rule(const char *name, const char *path, enum entry_kind kind, bool in_git);

/* Removes what goes by the rule, and puts the folders into `below`. */
static int sweep_entries(const char *dir, sweep_rule *goes, bool in_git, struct paths *below,
                         struct fault *f)
{
    DIR *entries = opendir(dir);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return git_is_kept_out(errno) ? 0 : fault_system(f, errno, "cannot list '%s'", dir);
    while (r == 0 && (r = os_next_entry(entries, dir, &entry, f)) > 0) {
        r = 0;
        AUTO_FREE char *path = os_path(dir, entry->d_name);
        enum entry_kind kind = kind_of(path, entry->d_type);
        if (kind == ENTRY_FOLDER)
            paths_add(below, path);
        else if (goes(entry->d_name, path, kind, in_git))
            r = os_remove_tree(path, f);
    }
    (void)closedir(entries);
    return r;
}

/* The folder is closed before those in it are opened, so that no depth uses up the descriptors. */
static int sweep(const char *dir, sweep_rule *goes, bool in_git, struct fault *f)
{
    AUTO_PATHS below = {0};

    int r = sweep_entries(dir, goes, in_git, &below, f);
    for (size_t i = 0; r == 0 && i < below.count; i++)
        r = sweep(below.at[i], goes, in_git || text_ends(below.at[i], "/.git"), f);
    return r;
}

static bool is_no_file_or_lock(const char *name, const char *path UNUSED, enum entry_kind kind,
                               bool in_git UNUSED)
{
    return kind == ENTRY_OTHER || text_ends(name, ".lock");
}

/* Links stay: git does not follow them where it reads these names in a working tree. */
static bool is_pipe_for_git(const char *name, const char *path, enum entry_kind kind, bool in_git)
{
    struct stat st;

    return kind == ENTRY_OTHER && (in_git || text_starts(name, ".git")) && lstat(path, &st) == 0 &&
           !S_ISLNK(st.st_mode);
}

int clone_sweep(const struct clone *clone, struct fault *f)
{
    int r = sweep(clone->git_dir, is_no_file_or_lock, true, f);

    return r < 0 ? r : sweep(clone->path, is_pipe_for_git, false, f);
}
