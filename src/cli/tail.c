/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include "base/escape.h"
#include "base/os.h"
#include "process/output.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

/* How much of a piece can be shown: to the end of its last line, or all where no end will come or a
 * line is longer than a piece. */
static size_t whole_lines(const char *piece, size_t length, bool all)
{
    const char *end = memrchr(piece, '\n', length);

    if (end && !all)
        return (size_t)(end - piece) + 1;
    return all || length == PIECE_BYTES ? length : 0;
}

static bool read_piece(struct tail *t, int fd, uint64_t end, bool over, struct text *bytes)
{
    uint64_t left = end - t->offset;
    size_t wanted = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    AUTO_FREE char *piece = mem_alloc(wanted);
    ssize_t n = pread(fd, piece, wanted, (off_t)t->offset);

    if (n <= 0)
        return false;
    size_t length = whole_lines(piece, (size_t)n, over && (uint64_t)n == left);
    text_add_n(bytes, piece, length);
    t->offset += length;
    return length > 0;
}

bool tail_next_bytes(struct tail *t, const char *path, bool over, struct text *bytes)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    uint64_t gap_start, gap_end;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size <= t->offset)
        return false;
    uint64_t end = (uint64_t)st.st_size;
    if (!output_gap(fd, t->offset, &gap_start, &gap_end))
        return read_piece(t, fd, end, over, bytes);
    if (gap_start > t->offset)
        return read_piece(t, fd, gap_start, true, bytes);
    t->dropped += gap_end - t->offset;
    t->offset = gap_end;
    return true;
}

bool tail_next(struct tail *t, const char *path, bool over, struct text *shown)
{
    uint64_t dropped = t->dropped;
    AUTO_TEXT bytes = {0};

    if (!tail_next_bytes(t, path, over, &bytes))
        return false;
    tail_add_gap(t, dropped, shown);
    escape_add_block(shown, text_get(&bytes), bytes.length);
    return true;
}

void tail_add_gap(const struct tail *t, uint64_t dropped, struct text *shown)
{
    if (t->dropped > dropped)
        text_printf(shown, "\n[%" PRIu64 " bytes are not kept]\n", t->dropped - dropped);
}
