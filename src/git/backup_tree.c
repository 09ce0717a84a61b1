/* SPDX-License-Identifier: Apache-2.0 */
#include "git/backup_tree.h"

#include "base/os.h"
#include "git/files.h"
#include "git/odd.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* Names in the working tree that git refuses on other systems are kept all the same. */
#define ANY_NAME "-c", "core.protectNTFS=false", "-c", "core.protectHFS=false"

static void put_info(struct text *info, unsigned mode, const char *oid, const char *prefix,
                     const char *path)
{
    text_printf(info, "%06o %s\t%s", mode, oid, prefix);
    text_add_n(info, path, strlen(path) + 1);
}

/* The tree of `update-index --index-info` lines, through an index of its own. */
static int tree_of(const struct git *user, const struct text *info, char **ret, struct fault *f)
{
    AUTO_TEMPORARY *temporary = NULL;
    struct git g = *user;

    int r = dir_make_temporary(&temporary, f);
    if (r < 0)
        return r;
    AUTO_FREE char *index = os_path(temporary, "index");
    g.index = index;
    r = git_feed(&g, GIT_ARGS(ANY_NAME, "update-index", "-z", "--index-info"), info, NULL, f);
    return r < 0 ? r : git_word(&g, GIT_ARGS("write-tree", "--missing-ok"), ret, f);
}

static unsigned git_mode(const struct scan_file *file)
{
    if (!file->mode)
        return file->index_mode;
    if (S_ISLNK(file->mode))
        return 0120000;
    return file->mode & S_IXUSR ? 0100755 : 0100644;
}

int backup_files_tree(const struct git *user, const struct scan *scan, char **ret, struct fault *f)
{
    AUTO_TEXT info = {0};

    for (size_t i = 0; i < scan->files.count; i++) {
        const struct scan_file *file = &scan->files.at[i];
        if (!odd_name(file->path, file->mode))
            put_info(&info, git_mode(file), file->oid, "", file->path);
    }
    return tree_of(user, &info, ret, f);
}

/* Of the sides of a conflict, ours goes before theirs, and theirs before the ancestor. */
static bool is_better_side(int stage, int than)
{
    static const int rank[] = {0, 3, 1, 2};

    return rank[stage & 3] < rank[than & 3];
}

int backup_index_tree(const struct git *user, const struct scan *scan, char **ret, struct fault *f)
{
    AUTO_TEXT info = {0};

    for (size_t i = 0; i < scan->index.count; i++) {
        const struct index_entry *best = &scan->index.at[i];
        while (i + 1 < scan->index.count && strcmp(scan->index.at[i + 1].path, best->path) == 0) {
            i++;
            if (is_better_side(scan->index.at[i].stage, best->stage))
                best = &scan->index.at[i];
        }
        put_info(&info, best->mode, best->oid, "", best->path);
    }
    return tree_of(user, &info, ret, f);
}

static void list_entries(const struct scan *scan, struct text *out)
{
    for (size_t i = 0; i < scan->dirs.count; i++) {
        text_printf(out, "%o %s", scan->dirs.at[i].mode, scan->dirs.at[i].path);
        text_add_char(out, '\0');
    }
    for (size_t i = 0; i < scan->files.count; i++) {
        if (!scan->files.at[i].mode)
            continue;
        text_printf(out, "%o %s", scan->files.at[i].mode, scan->files.at[i].path);
        text_add_char(out, '\0');
    }
}

/* A record as it grows. */
struct record {
    const struct git *user;
    const char *git_dir;
    struct text info; /* `update-index --index-info` lines */
};

static int put_blob(struct record *record, const struct text *content, const char *name,
                    struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_feed(record->user, GIT_ARGS("hash-object", "-w", "--stdin"), content, &out, f);
    if (r < 0)
        return r;
    AUTO_FREE char *oid = mem_string_n(text_get(&out), strcspn(text_get(&out), "\n"));
    put_info(&record->info, 0100644, oid, "", name);
    return 0;
}

/* `file` of the git folder, as `name`. */
static int put_file_blob(struct record *record, const char *file, const char *name, struct fault *f)
{
    AUTO_TEXT content = {0};

    int r = file_get_in(record->git_dir, file, &content, f);
    return r < 0 || !content.length ? r : put_blob(record, &content, name, f);
}

/* A split index is two files; the shared one is named by its content, and several may lie there. */
static int put_shared_indexes(struct record *record, struct fault *f)
{
    DIR *entries = opendir(record->git_dir);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return fault_system(f, errno, "cannot list '%s'", record->git_dir);
    while (r == 0 && (r = os_next_entry(entries, record->git_dir, &entry, f)) > 0) {
        r = 0;
        if (!text_starts(entry->d_name, "sharedindex.") || text_ends(entry->d_name, ".lock"))
            continue;
        AUTO_FREE char *name = os_path("sharedindex", entry->d_name);
        r = put_file_blob(record, entry->d_name, name, f);
    }
    (void)closedir(entries);
    return r;
}

static void put_stages(const struct scan *scan, struct text *info)
{
    for (size_t i = 0; i < scan->index.count; i++) {
        const struct index_entry *e = &scan->index.at[i];
        char prefix[] = "stage?/";
        if (!e->stage)
            continue;
        prefix[5] = (char)('0' + e->stage);
        put_info(info, e->mode, e->oid, prefix, e->path);
    }
}

static void list_object(struct text *list, const char *oid, const char *path)
{
    text_printf(list, "%s ", oid);
    text_add_n(list, path, strlen(path) + 1);
}

/* The files that no tree may name go by their object's name. */
static int put_odd(struct record *record, const struct scan *scan, struct fault *f)
{
    AUTO_TEXT list = {0};

    for (size_t i = 0; i < scan->files.count; i++) {
        const struct scan_file *file = &scan->files.at[i];
        if (!odd_name(file->path, file->mode))
            continue;
        list_object(&list, file->oid, file->path);
        put_info(&record->info, 0100644, file->oid, "odd/", file->oid);
    }
    return list.length ? put_blob(record, &list, "odd-files", f) : 0;
}

static int put_nested(struct record *record, const struct record_objects *nested, struct fault *f)
{
    AUTO_TEXT list = {0};

    for (size_t i = 0; i < nested->count; i++)
        list_object(&list, nested->at[i].oid, nested->at[i].path);
    return list.length ? put_blob(record, &list, "nested", f) : 0;
}

int backup_record_tree(const struct git *user, const struct record_source *source, char **ret,
                       struct fault *f)
{
    struct record record = {.user = user, .git_dir = source->git_dir};
    AUTO_TEXT entries = {0}, report = {0};

    list_entries(source->scan, &entries);
    text_add(&report, source->report);
    int r = put_blob(&record, &entries, "entries", f);
    if (r == 0)
        r = put_blob(&record, &report, "report.json", f);
    if (r == 0)
        r = put_file_blob(&record, "index", "index", f);
    if (r == 0)
        r = put_shared_indexes(&record, f);
    if (r == 0)
        r = put_odd(&record, source->scan, f);
    if (r == 0)
        r = put_nested(&record, source->nested, f);
    put_stages(source->scan, &record.info);
    if (r == 0)
        r = tree_of(user, &record.info, ret, f);
    text_free(&record.info);
    return r;
}
