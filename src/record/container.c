/* SPDX-License-Identifier: Apache-2.0 */
#include "record/container.h"

#include "base/os.h"
#include "journal/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "kelp-recording "

enum { HEAD_MAX = CONTAINER_NAME_MAX + 64, DIGITS_MAX = 12, CRC_DIGITS = 8 };

struct container {
    char *path, *beside;
    int fd;
    size_t count;
    int64_t bytes;
};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/';
}

bool container_name_is_good(const char *name)
{
    size_t length = strlen(name), depth = 1;

    if (!length || length > CONTAINER_NAME_MAX || name[length - 1] == '/')
        return false;
    for (size_t i = 0; i < length; i++) {
        bool begins = i == 0 || name[i - 1] == '/';
        if (!is_name_char(name[i]) || (begins && (name[i] == '.' || name[i] == '/')))
            return false;
        depth += name[i] == '/';
    }
    return depth <= CONTAINER_DEPTH_MAX;
}

static int cannot_write(const struct container *c, int error, struct fault *f)
{
    return fault_system(f, error, "cannot write '%s'", c->beside);
}

static int put(struct container *c, const char *data, size_t length, struct fault *f)
{
    if (c->bytes + (int64_t)length > CONTAINER_BYTES_MAX) {
        int r = fault_set(f, FAULT_LIMIT, "the recording would be larger than %d MiB",
                          CONTAINER_BYTES_MAX >> 20);
        fault_hint(f, "a run with that much output can't be recorded");
        return r;
    }
    int r = os_write_all(c->fd, data, length);
    if (r < 0)
        return cannot_write(c, -r, f);
    c->bytes += (int64_t)length;
    return 0;
}

int container_begin(const char *path, struct container **ret, struct fault *f)
{
    struct container *c = MEM_NEW(struct container);

    c->path = mem_string(path);
    c->beside = text_format("%s.new", path);
    c->fd = open(c->beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    AUTO_FREE char *head = text_format(MAGIC "%d\n", CONTAINER_VERSION);
    int r = c->fd < 0 ? cannot_write(c, errno, f) : put(c, head, strlen(head), f);
    if (r < 0)
        container_free(c);
    else
        *ret = c;
    return r;
}

int container_add(struct container *c, const char *name, const char *data, size_t length,
                  struct fault *f)
{
    AUTO_FREE char *head =
        text_format("%s %zu %08x\n", name, length, checksum_add(0, data, length));

    if (!container_name_is_good(name))
        bug("a recording can't have '%s'", name);
    int r = put(c, head, strlen(head), f);
    if (r == 0 && length)
        r = put(c, data, length, f);
    if (r == 0)
        r = put(c, "\n", 1, f);
    c->count++;
    return r;
}

int container_end(struct container *c, struct fault *f)
{
    AUTO_FREE char *tail = text_format("end %zu\n", c->count);

    int r = put(c, tail, strlen(tail), f);
    if (r == 0 && fsync(c->fd) < 0)
        r = cannot_write(c, errno, f);
    if (r == 0 && rename(c->beside, c->path) < 0)
        r = fault_system(f, errno, "cannot put '%s' in place", c->path);
    if (r == 0) {
        free(c->beside);
        c->beside = NULL;
    }
    return r;
}

void container_free(struct container *c)
{
    if (!c)
        return;
    os_close_pointer(&c->fd);
    if (c->beside)
        (void)unlink(c->beside); /* it is no recording, whether it goes or stays */
    free(c->beside);
    free(c->path);
    free(c);
}

/* What is left to read. */
struct cursor {
    const char *at, *end;
    const char *name; /* of the file */
    size_t count;
    char piece[CONTAINER_NAME_MAX + 1];
};

static int broken(const struct cursor *c, const char *what, struct fault *f)
{
    int r = fault_set(f, FAULT_CORRUPT, "'%s' %s", c->name, what);

    fault_hint(f, "`kelp record` makes recordings");
    return r;
}

/* The next line without its end, cut from the text; NULL: there is none that is short enough. */
static const char *take_line(struct cursor *c, char line[HEAD_MAX])
{
    size_t most = (size_t)(c->end - c->at) < HEAD_MAX ? (size_t)(c->end - c->at) : HEAD_MAX;
    const char *end = most ? memchr(c->at, '\n', most) : NULL;

    if (!end || memchr(c->at, '\0', (size_t)(end - c->at)))
        return NULL;
    memcpy(line, c->at, (size_t)(end - c->at));
    line[end - c->at] = '\0';
    c->at = end + 1;
    return line;
}

/* A number as it is written: without sign and zeros in front. */
static bool take_number(const char *s, int64_t max, int64_t *ret)
{
    size_t length = strlen(s);

    if (!length || length > DIGITS_MAX || strspn(s, "0123456789") != length ||
        (length > 1 && s[0] == '0'))
        return false;
    return text_to_int64(s, 0, max, ret);
}

static int read_magic(struct cursor *c, struct fault *f)
{
    char line[HEAD_MAX];
    int64_t version;

    if (!take_line(c, line) || !text_starts(line, MAGIC) ||
        !take_number(line + strlen(MAGIC), INT32_MAX, &version) || version < 1)
        return broken(c, "is no recording of kelp", f);
    if (version > CONTAINER_VERSION)
        return fault_set(f, FAULT_NEWER, "'%s' was recorded by a newer kelp (version %d, not %d)",
                         c->name, (int)version, CONTAINER_VERSION);
    return 0;
}

static bool sum_is(const struct container_piece *piece, const char *digits)
{
    char sum[CRC_DIGITS + 1];

    (void)snprintf(sum, sizeof sum, "%08x", checksum_add(0, piece->data, piece->length));
    return strcmp(sum, digits) == 0;
}

static int read_piece(struct cursor *c, char *line, struct container_piece *ret, struct fault *f)
{
    char *size = strchr(line, ' ');
    char *sum = size ? strchr(size + 1, ' ') : NULL;
    int64_t length;

    if (!sum)
        return broken(c, "is damaged: a line that names no piece", f);
    *size = *sum = '\0';
    if (!container_name_is_good(line))
        return broken(c, "has a piece with a name that it may not have", f);
    if (!take_number(size + 1, CONTAINER_BYTES_MAX, &length))
        return broken(c, "has a piece of impossible size", f);
    if (length >= c->end - c->at)
        return broken(c, "is cut off", f);
    memcpy(c->piece, line, strlen(line) + 1);
    *ret = (struct container_piece){c->piece, c->at, (size_t)length};
    if (!sum_is(ret, sum + 1) || c->at[length] != '\n')
        return broken(c, "is damaged: a piece with a wrong sum", f);
    c->at += length + 1;
    return 0;
}

/* 1: there is a piece; 0: the end, and it is where it has to be. */
static int next_piece(struct cursor *c, struct container_piece *ret, struct fault *f)
{
    char line[HEAD_MAX];
    int64_t count;

    if (!take_line(c, line))
        return broken(c, "is cut off", f);
    if (text_starts(line, "end ")) {
        if (!take_number(line + 4, CONTAINER_COUNT_MAX, &count) || (size_t)count != c->count)
            return broken(c, "is damaged: it does not end with the number of its pieces", f);
        return c->at == c->end ? 0 : broken(c, "goes on behind its end", f);
    }
    if (c->count++ == CONTAINER_COUNT_MAX)
        return broken(c, "has too many pieces", f);
    int r = read_piece(c, line, ret, f);
    return r < 0 ? r : 1;
}

static int read_all(const struct text *file, const char *name, container_each *each, void *context,
                    struct fault *f)
{
    const char *start = text_get(file);
    struct cursor c = {.at = start, .end = start + file->length, .name = name};
    struct container_piece piece;

    int r = read_magic(&c, f);
    while (r == 0 && (r = next_piece(&c, &piece, f)) == 1)
        r = each ? each(context, &piece, f) : 0;
    return r;
}

int container_read(const struct text *file, const char *name, container_each *each, void *context,
                   struct fault *f)
{
    int r = read_all(file, name, NULL, NULL, f);

    return r < 0 ? r : read_all(file, name, each, context, f);
}
