/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/log_check.h"

#include "base/os.h"
#include "journal/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 32, FRAME_HEADER = 24, PAGE = 4096, FRAME = FRAME_HEADER + PAGE };
enum { MAGIC = 0x377F0682 /* its lowest bit: whether sums are over big-endian words */ };

struct sum {
    uint32_t a, b;
};

/* A log while it is read. */
struct log {
    const char *path; /* of the journal */
    int fd;
    bool big_endian;
    unsigned char salts[8];
};

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little_endian(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static struct sum add(struct sum sum, bool big, const unsigned char *data, size_t length)
{
    uint32_t (*word)(const unsigned char *) = big ? big_endian : little_endian;

    for (size_t i = 0; i + 8 <= length; i += 8) {
        sum.a += word(data + i) + sum.b;
        sum.b += word(data + i + 4) + sum.a;
    }
    return sum;
}

static bool same(struct sum sum, const unsigned char *stored)
{
    return sum.a == big_endian(stored) && sum.b == big_endian(stored + 4);
}

static bool read_at(int fd, unsigned char *to, size_t length, uint64_t at)
{
    size_t have = 0;

    while (have < length) {
        ssize_t n = pread(fd, to + have, length - have, (off_t)(at + have));
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return false;
        have += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static int say(const struct log *log, uint64_t at, struct fault *f)
{
    (void)fault_set(f, FAULT_CORRUPT,
                    "'%s-wal' is damaged at byte %llu: whole turns follow what can't be read",
                    log->path, (unsigned long long)at);
    return store_corrupt_hint(log->path, f);
}

/* A frame is summed on from the one before it. Where that one was wrong, either what it says of
 * itself may be damaged or what it holds. */
struct chain {
    struct sum said, found;
};

static bool is_right(const struct log *log, const unsigned char *frame, struct chain *chain)
{
    struct sum *sums[] = {&chain->said, &chain->found};
    bool right = false;

    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        *sums[i] = add(*sums[i], log->big_endian, frame, 8);
        *sums[i] = add(*sums[i], log->big_endian, frame + FRAME_HEADER, PAGE);
        right = right || same(*sums[i], frame + 16);
    }
    chain->said = (struct sum){big_endian(frame + 16), big_endian(frame + 20)};
    if (right)
        chain->found = chain->said;
    return right && memcmp(frame + 8, log->salts, sizeof log->salts) == 0;
}

/* Up to the first frame that is wrong, whatever comes behind. */
static int check_frames(const struct log *log, struct sum sum, struct fault *f)
{
    struct chain chain = {sum, sum};
    unsigned char frame[FRAME];
    uint64_t broken_at = 0;
    unsigned ends = 0;

    for (uint64_t at = HEADER; ends < 2 && read_at(log->fd, frame, FRAME, at); at += FRAME) {
        bool ends_turn = big_endian(frame + 4) != 0;
        bool right = is_right(log, frame, &chain);
        if (!right && !broken_at)
            broken_at = at;
        ends += broken_at && ends_turn && (right || broken_at == at);
    }
    return ends < 2 ? 0 : say(log, broken_at, f);
}

static int check(struct log *log, struct fault *f)
{
    unsigned char header[HEADER], byte;

    /* Nothing is behind a header that is not durable. */
    if (!read_at(log->fd, header, HEADER, 0) || !read_at(log->fd, &byte, 1, HEADER))
        return 0;
    log->big_endian = header[3] & 1;
    memcpy(log->salts, header + 16, sizeof log->salts);
    struct sum sum = add((struct sum){0}, log->big_endian, header, 24);
    if ((big_endian(header) & ~1U) != MAGIC || big_endian(header + 8) != PAGE ||
        !same(sum, header + 24))
        return say(log, 0, f);
    return check_frames(log, sum, f);
}

int log_check(const char *path, struct fault *f)
{
    AUTO_FREE char *name = text_format("%s-wal", path);
    AUTO_CLOSE fd = open(name, O_RDONLY | O_CLOEXEC);
    struct log log = {.path = path, .fd = fd};

    if (fd < 0)
        return errno == ENOENT ? 0 : fault_system(f, errno, "cannot open '%s'", name);
    return check(&log, f);
}
