/* SPDX-License-Identifier: Apache-2.0 */
#include "git/scan.h"

#include "base/os.h"
#include "base/vector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MODE_LINK_TO_COMMIT = 0160000 };

struct scanning {
    const struct git *user;
    const char *top;
    struct scan scan;
    struct paths ignored; /* sorted; folders are collapsed */
    char *real_dir;       /* the last folder that was found to be reached without a link */
};

/* "H 100644 <oid> 0\tpath" */
static bool parse_entry(const char *line, struct index_entry *ret)
{
    const char *tab = strchr(line, '\t');
    char *end;

    if (!tab || !line[0] || line[1] != ' ')
        return false;
    unsigned long mode = strtoul(line + 2, &end, 8);
    if (*end != ' ' || tab < end + 4 || tab[-2] != ' ' || tab[-1] < '0' || tab[-1] > '3')
        return false;
    *ret = (struct index_entry){.tag = line[0],
                                .mode = (unsigned)mode,
                                .oid = mem_string_n(end + 1, (size_t)(tab - 2 - (end + 1))),
                                .stage = tab[-1] - '0',
                                .path = mem_string(tab + 1)};
    return true;
}

int scan_parse_index(const struct text *out, struct index_entries *ret, struct fault *f)
{
    AUTO_PATHS lines = {0};

    paths_add_nul(&lines, out);
    for (size_t i = 0; i < lines.count; i++) {
        struct index_entry entry;
        if (!parse_entry(lines.at[i], &entry))
            return fault_set(f, FAULT_GIT, "'git ls-files' said '%s'", lines.at[i]);
        vector_push(ret, entry);
    }
    return 0;
}

static int read_index(struct scanning *s, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(s->user, GIT_ARGS("ls-files", "-s", "-t", "-z"), &out, f);
    return r < 0 ? r : scan_parse_index(&out, &s->scan.index, f);
}

/* A tracked path below a link is not in the working tree, although lstat would find something. 1 if
 * it is, 0 if not. */
static int is_reached_without_link(struct scanning *s, const char *path, struct fault *f)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return 1;
    size_t n = (size_t)(slash - path);
    if (s->real_dir && strlen(s->real_dir) == n && memcmp(s->real_dir, path, n) == 0)
        return 1;
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/')
            continue;
        AUTO_FREE char *part = text_format("%s/%.*s", s->top, (int)i, path);
        struct stat st;
        int there = os_look(part, &st, f);
        if (there <= 0 || !S_ISDIR(st.st_mode))
            return there < 0 ? there : 0;
    }
    free(s->real_dir);
    s->real_dir = mem_string_n(path, n);
    return 1;
}

static bool is_repository(const char *top, const char *path)
{
    AUTO_FREE char *git = text_format("%s/%s/.git", top, path);

    return os_exists(git);
}

static void add_file(struct scanning *s, const char *path, const struct stat *st, bool untracked)
{
    AUTO_FREE char *full = os_path(s->top, path);

    if (S_ISREG(st->st_mode) && faccessat(AT_FDCWD, full, R_OK, AT_EACCESS) < 0) {
        paths_add(&s->scan.skipped, path);
        return;
    }
    vector_push(&s->scan.files, (struct scan_file){.path = mem_string(path),
                                                   .mode = st->st_mode,
                                                   .bytes = st->st_size,
                                                   .untracked = untracked});
}

static void add_from_index(struct scanning *s, const struct index_entry *entry)
{
    vector_push(&s->scan.files, (struct scan_file){.path = mem_string(entry->path),
                                                   .oid = mem_string(entry->oid),
                                                   .index_mode = entry->mode});
}

static int add_tracked(struct scanning *s, const struct index_entry *entry, struct fault *f)
{
    AUTO_FREE char *full = os_path(s->top, entry->path);
    struct stat st;

    int there = is_reached_without_link(s, entry->path, f);
    if (there > 0)
        there = os_look(full, &st, f);
    if (there < 0)
        return there;
    if (entry->mode == MODE_LINK_TO_COMMIT && there && S_ISDIR(st.st_mode)) {
        add_from_index(s, entry);
        if (is_repository(s->top, entry->path))
            paths_add(&s->scan.nested, entry->path);
        return 0;
    }
    if (there && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
        add_file(s, entry->path, &st, false);
    else if (!there && entry->tag == 'S')
        add_from_index(s, entry);
    return 0;
}

static int read_tracked(struct scanning *s, struct fault *f)
{
    const char *last = NULL;
    int r = 0;

    for (size_t i = 0; r == 0 && i < s->scan.index.count; i++) {
        const struct index_entry *entry = &s->scan.index.at[i];
        if (!last || strcmp(last, entry->path) != 0)
            r = add_tracked(s, entry, f);
        last = entry->path;
    }
    return r;
}

static int list(const struct scanning *s, const char *const *args, struct paths *ret,
                struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(s->user, args, &out, f);
    paths_add_nul(ret, &out);
    return r;
}

static char *without_slash(char *path)
{
    size_t n = strlen(path);

    if (n && path[n - 1] == '/')
        path[n - 1] = '\0';
    return path;
}

static int read_untracked(struct scanning *s, struct fault *f)
{
    AUTO_PATHS others = {0};

    int r = list(s, GIT_ARGS("ls-files", "-o", "-z", "--exclude-standard"), &others, f);
    for (size_t i = 0; r == 0 && i < others.count; i++) {
        bool nested = text_ends(others.at[i], "/");
        char *path = without_slash(others.at[i]);
        AUTO_FREE char *full = os_path(s->top, path);
        struct stat st;
        int there = nested ? 0 : os_look(full, &st, f);
        if (nested)
            paths_add(&s->scan.nested, path);
        else if (there < 0)
            r = there;
        else if (there && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
            add_file(s, path, &st, true);
    }
    return r;
}

static int read_ignored(struct scanning *s, struct fault *f)
{
    int r = list(s, GIT_ARGS("ls-files", "-o", "-i", "-z", "--exclude-standard", "--directory"),
                 &s->ignored, f);

    for (size_t i = 0; i < s->ignored.count; i++)
        (void)without_slash(s->ignored.at[i]);
    paths_sort(&s->ignored);
    return r;
}

static int walk(struct scanning *s, const char *dir, struct fault *f);

static int visit(struct scanning *s, const char *path, struct fault *f)
{
    AUTO_FREE char *full = os_path(s->top, path);
    struct stat st;

    int there = os_look(full, &st, f);
    if (there <= 0 || !S_ISDIR(st.st_mode) || paths_has(&s->ignored, path) ||
        is_repository(s->top, path))
        return there < 0 ? there : 0;
    vector_push(&s->scan.dirs, (struct scan_dir){mem_string(path), st.st_mode});
    return walk(s, path, f);
}

/* kelp's own folder is no part of the tree. */
static bool is_walked(const char *dir, const char *name)
{
    return strcmp(name, ".git") != 0 && (*dir || strcmp(name, ".kelp") != 0);
}

static int walk(struct scanning *s, const char *dir, struct fault *f)
{
    AUTO_FREE char *full = *dir ? os_path(s->top, dir) : mem_string(s->top);
    DIR *entries = opendir(full);
    const struct dirent *entry;
    int r = 0;

    if (!entries) {
        if (errno != EACCES)
            return errno == ENOENT ? 0 : fault_system(f, errno, "cannot list '%s'", full);
        paths_add(&s->scan.skipped, dir);
        return 0;
    }
    while (r == 0 && (r = os_next_entry(entries, full, &entry, f)) > 0) {
        r = 0;
        if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
            !is_walked(dir, entry->d_name))
            continue;
        AUTO_FREE char *path = *dir ? os_path(dir, entry->d_name) : mem_string(entry->d_name);
        r = visit(s, path, f);
    }
    (void)closedir(entries);
    return r;
}

static int compare(const void *a, const void *b)
{
    const struct scan_file *x = a, *y = b;

    return strcmp(x->path, y->path);
}

int scan_work_tree(const struct git *user, const char *top, struct scan *ret, struct fault *f)
{
    struct scanning s = {.user = user, .top = top};

    int r = read_index(&s, f);
    if (r == 0)
        r = read_tracked(&s, f);
    if (r == 0)
        r = read_untracked(&s, f);
    if (r == 0)
        r = read_ignored(&s, f);
    if (r == 0)
        r = walk(&s, "", f);
    paths_free(&s.ignored);
    free(s.real_dir);
    if (r < 0) {
        scan_free(&s.scan);
        return r;
    }
    if (s.scan.files.count)
        qsort(s.scan.files.at, s.scan.files.count, sizeof *s.scan.files.at, compare);
    paths_sort(&s.scan.nested);
    *ret = s.scan;
    return 0;
}

void scan_free(struct scan *scan)
{
    for (size_t i = 0; i < scan->index.count; i++) {
        free(scan->index.at[i].oid);
        free(scan->index.at[i].path);
    }
    for (size_t i = 0; i < scan->files.count; i++) {
        free(scan->files.at[i].path);
        free(scan->files.at[i].oid);
    }
    for (size_t i = 0; i < scan->dirs.count; i++)
        free(scan->dirs.at[i].path);
    vector_free(&scan->index);
    vector_free(&scan->files);
    vector_free(&scan->dirs);
    paths_free(&scan->nested);
    paths_free(&scan->skipped);
    *scan = (struct scan){0};
}
