/* SPDX-License-Identifier: Apache-2.0 */
#include "base/os.h"
#include "git/files.h"
#include "git/inside.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The name of an object at the start of a line, or nothing. */
static void add_oid(struct inside_refs *refs, const char *line, const char *ref)
{
    size_t length = strcspn(line, " \n");
    char oid[GIT_OID_MAX + 1] = "";

    if (length > GIT_OID_MAX)
        return;
    memcpy(oid, line, length);
    if (!git_is_oid(oid))
        return;
    paths_add(&refs->all, oid);
    if (text_starts(ref, "refs/remotes/"))
        paths_add(&refs->remote, oid);
}

typedef void line_reader(struct inside_refs *refs, const char *line, const char *ref);

static void read_packed(struct inside_refs *refs, const char *line, const char *ref UNUSED)
{
    const char *name = strchr(line, ' ');

    if (name && *line != '#' && *line != '^')
        add_oid(refs, line, name + 1);
}

/* "<old> <new> ..." */
static void read_log(struct inside_refs *refs, const char *line, const char *ref)
{
    const char *now = strchr(line, ' ');

    if (now && !text_starts(ref, "logs/refs/remotes/"))
        add_oid(refs, now + 1, ref);
}

static int read_lines(const struct inside *inside, const char *name, line_reader *read,
                      struct inside_refs *refs, struct fault *f)
{
    AUTO_TEXT text = {0};

    int r = file_get_in(inside->git_dir, name, &text, f);
    for (const char *line = text.data; r == 0 && line && *line;) {
        read(refs, line, name);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return r;
}

static int read_folder(const struct inside *inside, const char *name, line_reader *read,
                       struct inside_refs *refs, struct fault *f)
{
    AUTO_FREE char *dir = os_path(inside->git_dir, name);
    DIR *entries = opendir(dir);
    const struct dirent *entry;
    int r = 0;

    if (!entries)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot list '%s'", dir);
    while (r == 0 && (r = os_next_entry(entries, dir, &entry, f)) > 0) {
        AUTO_FREE char *inner = os_path(name, entry->d_name);
        AUTO_FREE char *path = os_path(inside->git_dir, inner);
        struct stat st;
        r = os_look(path, &st, f); /* a link could lead back up */
        if (r > 0)
            r = S_ISDIR(st.st_mode) ? read_folder(inside, inner, read, refs, f)
                                    : read_lines(inside, inner, read, refs, f);
    }
    (void)closedir(entries);
    return r;
}

/* One that is only in packed-refs is not looked for: then what is not committed has no parent. */
static int read_head(const struct inside *inside, struct inside_refs *ret, struct fault *f)
{
    static const char link[] = "ref: ";
    AUTO_TEXT head = {0}, ref = {0};
    int r = file_get_in(inside->git_dir, "HEAD", &head, f);

    if (r == 0 && text_starts(text_get(&head), "ref: refs/")) {
        head.data[strcspn(head.data, "\n")] = '\0';
        r = file_get_in(inside->git_dir, head.data + sizeof link - 1, &ref, f);
    } else if (r == 0) {
        text_add(&ref, text_get(&head));
    }
    if (ref.length)
        ref.data[strcspn(ref.data, "\n")] = '\0';
    if (r == 0 && git_is_oid(text_get(&ref))) {
        ret->head = mem_string(ref.data);
        paths_add(&ret->all, ref.data);
    }
    return r;
}

int inside_refs_read(const struct inside *inside, struct inside_refs *ret, struct fault *f)
{
    AUTO_FREE char *table = os_path(inside->git_dir, "reftable");

    if (os_exists(table))
        return fault_set(f, FAULT_ENVIRONMENT, "the refs of '%s' are not in files",
                         inside->git_dir);
    int r = read_head(inside, ret, f);
    if (r == 0)
        r = read_lines(inside, "packed-refs", read_packed, ret, f);
    if (r == 0)
        r = read_folder(inside, "refs", add_oid, ret, f);
    if (r == 0)
        r = read_folder(inside, "logs", read_log, ret, f);
    paths_sort(&ret->all);
    paths_sort(&ret->remote);
    return r;
}

void inside_refs_free(struct inside_refs *refs)
{
    free(refs->head);
    paths_free(&refs->all);
    paths_free(&refs->remote);
}
