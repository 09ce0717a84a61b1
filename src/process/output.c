/* SPDX-License-Identifier: Apache-2.0 */
#include "process/output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A multiple of the blocks of all common file systems. */
enum { BLOCK_BYTES = 4096 };

static uint64_t round_down(uint64_t bytes)
{
    return bytes / BLOCK_BYTES * BLOCK_BYTES;
}

static int cut(const char *path, uint64_t start, uint64_t end)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int r = 0;

    if (fd < 0)
        return -errno;
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start,
                  (off_t)(end - start)) < 0)
        r = -errno;
    (void)close(fd);
    return r;
}

int output_keep_bound(struct output *output, uint64_t max_bytes)
{
    struct stat st;

    if (!output->path)
        return 0;
    if (stat(output->path, &st) < 0)
        return -errno;
    uint64_t size = (uint64_t)st.st_size;
    if (size < output->gap_end) /* the attempt itself has emptied it */
        output->gap_start = output->gap_end = 0;
    if (size - (output->gap_end - output->gap_start) <= max_bytes)
        return 0;
    uint64_t start = round_down(max_bytes / 2 + BLOCK_BYTES - 1);
    uint64_t end = round_down(size - max_bytes / 2);
    uint64_t from = output->gap_end ? output->gap_end : start;
    if (end <= from)
        return 0;
    int r = cut(output->path, from, end);
    if (r < 0)
        return r;
    output->gap_start = start;
    output->gap_end = end;
    return 0;
}

bool output_gap(int fd, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end)
{
    off_t start = lseek(fd, (off_t)offset, SEEK_HOLE);
    off_t size = lseek(fd, 0, SEEK_END);

    if (start < 0 || start >= size)
        return false;
    off_t end = lseek(fd, start, SEEK_DATA);
    *ret_start = (uint64_t)start;
    *ret_end = (uint64_t)(end < 0 ? size : end);
    return true;
}
