/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stream.h"

#include "base/os.h"
#include "process/output.h"

#include <fcntl.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

/* From `at` up to `end`; returns how far it came. */
static uint64_t feed_piece(struct reading *r, int fd, uint64_t at, uint64_t end)
{
    AUTO_FREE char *piece = mem_alloc(PIECE_BYTES);

    while (at < end) {
        uint64_t left = end - at;
        ssize_t n = pread(fd, piece, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, (off_t)at);
        if (n <= 0)
            break;
        reading_feed(r, piece, (size_t)n);
        at += (uint64_t)n;
    }
    return at;
}

uint64_t stream_feed(struct reading *r, const char *path, uint64_t at, uint64_t most)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    uint64_t left = most, gap_start, gap_end;

    while (fd >= 0 && left) {
        bool gap = output_gap(fd, at, &gap_start, &gap_end);
        uint64_t end = left < UINT64_MAX - at ? at + left : UINT64_MAX;
        end = gap && gap_start < end ? gap_start : end;
        uint64_t now = feed_piece(r, fd, at, end);
        left -= now - at;
        at = now;
        if (!gap || at != gap_start)
            break;
        reading_feed(r, "\n", 1);
        at = gap_end;
    }
    return at;
}
