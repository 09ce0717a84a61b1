/* SPDX-License-Identifier: Apache-2.0 */
#include "git/backup_record.h"

#include "base/os.h"
#include "base/vector.h"
#include "git/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int read_blob(const struct git *g, const char *commit, const char *name, struct text *out,
                     struct fault *f)
{
    AUTO_FREE char *what = text_format("%s^3:%s", commit, name);

    return git_run(g, GIT_ARGS("cat-file", "blob", what), out, f);
}

int backup_record_parse(const struct text *entries, struct backup_record *ret, struct fault *f)
{
    AUTO_PATHS lines = {0};

    paths_add_nul(&lines, entries);
    for (size_t i = 0; i < lines.count; i++) {
        char *end;
        unsigned long mode = strtoul(lines.at[i], &end, 8);
        if (end == lines.at[i] || *end != ' ' || !end[1])
            return fault_set(f, FAULT_CORRUPT, "the record of a backup is damaged at '%s'",
                             lines.at[i]);
        vector_push(ret, (struct scan_dir){mem_string(end + 1), (mode_t)mode});
    }
    return 0;
}

static int read_entries(const struct git *g, const char *commit, struct backup_record *record,
                        struct fault *f)
{
    AUTO_TEXT text = {0};

    int r = read_blob(g, commit, "entries", &text, f);
    return r < 0 ? r : backup_record_parse(&text, record, f);
}

/* The names in the record, or in a folder of it; none where there is no such folder. */
static int list_names(const struct git *g, const char *commit, const char *folder,
                      struct paths *ret, struct fault *f)
{
    AUTO_FREE char *tree = text_format("%s^3", commit);
    AUTO_TEXT out = {0};

    int r = git_run(g, GIT_ARGS("ls-tree", "-r", "-z", "--name-only", tree, folder), &out, f);
    paths_add_nul(ret, &out);
    return r;
}

/* A list that the record has only where it has entries. */
static int read_objects(const struct git *g, const char *commit, const char *name,
                        struct record_objects *ret, struct fault *f)
{
    AUTO_PATHS names = {0};
    AUTO_TEXT text = {0};

    int r = list_names(g, commit, name, &names, f);
    if (r < 0 || !names.count)
        return r;
    r = read_blob(g, commit, name, &text, f);
    return r < 0 ? r : record_objects_parse(&text, ret, f);
}

static json_t *parse_report(const struct text *text)
{
    json_t *report = NULL;
    AUTO_FAULT ignored = {0};

    return json_parse(text_get(text), text->length, "report.json", &report, &ignored) < 0 ? NULL
                                                                                          : report;
}

/* Backups of before there was the list name them in their report, but for names that are no UTF-8.
 */
static int read_reported(const struct git *g, const char *commit, struct record_objects *ret,
                         struct fault *f)
{
    AUTO_TEXT text = {0};
    const json_t *entry;
    size_t i;

    int r = read_blob(g, commit, "report.json", &text, f);
    if (r < 0)
        return r;
    json_auto_t *report = parse_report(&text);
    json_array_foreach (json_object_get(report, "nested"), i, entry) {
        const char *path = json_get_string(entry, "path", NULL);
        const char *oid = json_get_string(entry, "commit", NULL);
        if (path && oid)
            vector_push(ret, (struct record_object){mem_string(oid), mem_string(path)});
    }
    return 0;
}

int backup_record_read(const struct git *g, const char *commit, struct backup_record *ret,
                       struct fault *f)
{
    AUTO_BACKUP_RECORD record = {0};

    int r = read_entries(g, commit, &record, f);
    if (r == 0)
        r = read_objects(g, commit, "odd-files", &record.odd, f);
    if (r == 0)
        r = read_objects(g, commit, "nested", &record.nested, f);
    if (r == 0 && !record.nested.count)
        r = read_reported(g, commit, &record.nested, f);
    if (r < 0)
        return r;
    *ret = record;
    record = (struct backup_record){0};
    return 0;
}

void backup_record_free(struct backup_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->at[i].path);
    vector_free(record);
    record_objects_free(&record->odd);
    record_objects_free(&record->nested);
    *record = (struct backup_record){0};
}

static int restore_shared(const struct git *g, const char *git_dir, const char *commit,
                          struct fault *f)
{
    AUTO_PATHS names = {0};

    int r = list_names(g, commit, "sharedindex/", &names, f);
    for (size_t i = 0; r == 0 && i < names.count; i++) {
        AUTO_TEXT content = {0};
        AUTO_FREE char *path = os_path(git_dir, strrchr(names.at[i], '/') + 1);
        if (os_exists(path))
            continue;
        r = read_blob(g, commit, names.at[i], &content, f);
        if (r == 0)
            r = file_put(path, text_get(&content), content.length, f);
    }
    return r;
}

static bool has_content(const char *path, const struct text *content)
{
    AUTO_TEXT there = {0};
    AUTO_FAULT ignored = {0};

    return os_read_file(path, content->length, &there, &ignored) == 0 &&
           there.length == content->length &&
           memcmp(text_get(&there), text_get(content), there.length) == 0;
}

/* The lock appears with its whole content (by a link), so one with just this content is what a
 * restore that was cut short has left, and is taken over. */
static int lock_with(const char *git_dir, const char *lock, const struct text *content,
                     struct fault *f)
{
    AUTO_FREE char *beside = text_format("%s/index.kelp-%ld", git_dir, (long)getpid());

    int r = file_put(beside, text_get(content), content->length, f);
    if (r < 0)
        return r;
    int error = link(beside, lock) < 0 ? errno : 0;
    (void)unlink(beside); /* a file of that name harms nobody */
    if (!error || (error == EEXIST && has_content(lock, content)))
        return 0;
    if (error != EEXIST)
        return fault_system(f, error, "cannot make '%s'", lock);
    (void)fault_set(f, FAULT_BUSY, "the index is locked by '%s'", lock);
    fault_hint(f, "let the git program that is running end; if none is, remove that file");
    return -FAULT_BUSY;
}

int backup_record_restore_index(const struct git *g, const char *git_dir, const char *commit,
                                struct fault *f)
{
    AUTO_FREE char *lock = os_path(git_dir, "index.lock");
    AUTO_FREE char *index = os_path(git_dir, "index");
    AUTO_TEXT content = {0};
    AUTO_PATHS names = {0};

    int r = list_names(g, commit, "index", &names, f);
    if (r == 0 && names.count)
        r = read_blob(g, commit, "index", &content, f);
    if (r == 0)
        r = restore_shared(g, git_dir, commit, f);
    if (r == 0)
        r = lock_with(git_dir, lock, &content, f);
    if (r < 0)
        return r;
    if (!names.count) {
        (void)unlink(index); /* the backup had none; removing the lock ends it */
        return os_remove_tree(lock, f);
    }
    if (rename(lock, index) < 0)
        return fault_system(f, errno, "cannot rename '%s' to '%s'", lock, index);
    /* Only what git knows of file times changes; a failure is put right by the next git status. */
    AUTO_FAULT ignored = {0};
    int refreshed UNUSED = git_exit(
        g, &(struct git_call){.args = GIT_ARGS("update-index", "-q", "--refresh")}, &ignored);
    return 0;
}
