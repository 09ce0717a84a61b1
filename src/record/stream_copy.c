/* SPDX-License-Identifier: Apache-2.0 */
#include "record/stream_copy.h"

#include "base/os.h"
#include "process/output.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* What can't be read ends it: the file is somebody's output, and what there is of it is kept. */
static void add_bytes(int fd, uint64_t from, uint64_t to, struct text *out)
{
    char chunk[CHUNK_BYTES];

    while (from < to) {
        size_t most = to - from < sizeof chunk ? (size_t)(to - from) : sizeof chunk;
        ssize_t n = pread(fd, chunk, most, (off_t)from);
        if (n <= 0)
            return;
        text_add_n(out, chunk, (size_t)n);
        from += (uint64_t)n;
    }
}

/* A gap ends a line, as it does for those who read the file itself. */
static bool add_range(int fd, uint64_t from, uint64_t to, struct text *out)
{
    uint64_t start, end;
    bool cut = false;

    while (from < to && output_gap(fd, from, &start, &end) && start < to) {
        add_bytes(fd, from, start, out);
        text_add_char(out, '\n');
        from = end;
        cut = true;
    }
    add_bytes(fd, from, to, out);
    return cut;
}

/* Without a last line that has no end. */
static void end_at_line(struct text *t)
{
    const char *end = t->length ? memrchr(t->data, '\n', t->length) : NULL;

    text_cut(t, end ? (size_t)(end - t->data) + 1 : 0);
}

static void add_tail(int fd, uint64_t from, uint64_t to, struct text *out)
{
    AUTO_TEXT tail = {0};

    (void)add_range(fd, from, to, &tail);
    const char *line = tail.length ? memchr(tail.data, '\n', tail.length) : NULL;
    if (line)
        text_add_n(out, line + 1, tail.length - (size_t)(line + 1 - tail.data));
}

bool stream_copy(const char *path, size_t most_bytes, struct text *out, bool *ret_cut)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    uint64_t size = (uint64_t)st.st_size;
    if (size <= most_bytes) {
        *ret_cut = add_range(fd, 0, size, out);
        return true;
    }
    AUTO_TEXT head = {0};
    (void)add_range(fd, 0, most_bytes / 2, &head);
    end_at_line(&head);
    text_add_n(out, text_get(&head), head.length);
    add_tail(fd, size - most_bytes / 2, size, out);
    *ret_cut = true;
    return true;
}
