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

static bool show_piece(struct tail *t, int fd, uint64_t end, bool over, struct text *shown)
{
    uint64_t left = end - t->offset;
    size_t wanted = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    AUTO_FREE char *piece = mem_alloc(wanted);
    ssize_t n = pread(fd, piece, wanted, (off_t)t->offset);

    if (n <= 0)
        return false;
    size_t length = whole_lines(piece, (size_t)n, over && (uint64_t)n == left);
    escape_add_block(shown, piece, length);
    t->offset += length;
    return length > 0;
}

bool tail_next(struct tail *t, const char *path, bool over, struct text *shown)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    uint64_t gap_start, gap_end;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size <= t->offset)
        return false;
    uint64_t end = (uint64_t)st.st_size;
    if (!output_gap(fd, t->offset, &gap_start, &gap_end))
        return show_piece(t, fd, end, over, shown);
    if (gap_start > t->offset)
        return show_piece(t, fd, gap_start, true, shown);
    text_printf(shown, "\n[%" PRIu64 " bytes are not kept]\n", gap_end - t->offset);
    t->offset = gap_end;
    return true;
}
