/* SPDX-License-Identifier: Apache-2.0 */
#include "git/measure.h"

#include "base/os.h"
#include "base/vector.h"
#include "git/clone.h"
#include "git/languages.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BINARY_LOOK = 8000, BUFFER = 64 * 1024 };

static struct language_count *count_of(struct measure *m, const char *language)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i].language == language || strcmp(m->at[i].language, language) == 0)
            return &m->at[i];
    vector_push(m, (struct language_count){.language = language});
    return &m->at[m->count - 1];
}

static int64_t count_newlines(const char *data, size_t length)
{
    int64_t n = 0;

    for (const char *end = data + length; (data = memchr(data, '\n', (size_t)(end - data))); data++)
        n++;
    return n;
}

/* Lines of a text file, -1 for a binary one. A last line without a newline counts. */
static int64_t count_lines(int fd)
{
    char buffer[BUFFER];
    int64_t lines = 0;
    bool first = true;
    char last = '\n';
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        size_t look = (size_t)n < BINARY_LOOK ? (size_t)n : BINARY_LOOK;
        if (first && memchr(buffer, '\0', look))
            return -1;
        first = false;
        lines += count_newlines(buffer, (size_t)n);
        last = buffer[n - 1];
    }
    return lines + (last != '\n');
}

static void measure_file(struct measure *m, int top, const char *path)
{
    struct stat st;

    if (fstatat(top, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
        return; /* gone since it was listed, or a submodule */
    m->files++;
    m->bytes += st.st_size;
    if (!S_ISREG(st.st_mode))
        return;
    AUTO_CLOSE fd = openat(top, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int64_t lines = fd < 0 ? -1 : count_lines(fd);
    if (lines < 0)
        return;
    struct language_count *count = count_of(m, language_of(path));
    count->files++;
    count->lines += lines;
    m->lines += lines;
}

static int compare(const void *a, const void *b)
{
    const struct language_count *x = a, *y = b;

    if (x->lines != y->lines)
        return x->lines > y->lines ? -1 : 1;
    return strcmp(x->language, y->language);
}

static int list_files(const char *path, struct paths *ret, struct fault *f)
{
    struct git g = {.cwd = path};
    AUTO_CLONE clone = {0};
    AUTO_TEXT out = {0};
    int r = 0;

    if (clone_is_complete(path)) {
        r = clone_enter(path, &clone, f);
        g = clone_git(&clone);
    }
    if (r == 0)
        r = git_run(&g, GIT_ARGS("ls-files", "-c", "-o", "-z", "--exclude-standard"), &out, f);
    paths_add_nul(ret, &out);
    paths_sort(ret);
    return r;
}

int measure_tree(const char *path, struct measure *ret, struct fault *f)
{
    struct measure m = {0};
    AUTO_PATHS files = {0};
    AUTO_CLOSE top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (top < 0)
        return fault_system(f, errno, "cannot open folder '%s'", path);
    int r = list_files(path, &files, f);
    if (r < 0)
        return r;
    for (size_t i = 0; i < files.count; i++)
        measure_file(&m, top, files.at[i]);
    if (m.count)
        qsort(m.at, m.count, sizeof *m.at, compare);
    *ret = m;
    return 0;
}

void measure_free(struct measure *m)
{
    vector_free(m);
    *m = (struct measure){0};
}
