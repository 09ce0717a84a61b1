/* SPDX-License-Identifier: Apache-2.0 */
#include "process/ledger.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024, ROOM_STEP_BYTES = 256 * 1024 };

int ledger_open(const char *run_dir, struct ledger *ret_ledger, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, LEDGER_NAME);
    AUTO_CLOSE fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            return fault_set(f, FAULT_BUSY, "'%s' is in use by another process", path);
        return fault_system(f, errno, "cannot lock '%s'", path);
    }
    *ret_ledger = (struct ledger){.fd = fd};
    fd = -1;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger->room_bytes > ledger->bytes)
        (void)!ftruncate(ledger->fd, (off_t)ledger->bytes); /* gives back what was reserved */
    os_close_pointer(&ledger->fd);
    text_free(&ledger->pending);
    *ledger = (struct ledger){.fd = -1};
}

/* A file that is being read. */
struct reading {
    int fd;
    uint64_t offset;  /* of what is read next */
    struct text rest; /* read, from the first byte that is not a whole record */
    ledger_record_fn *on_record;
    void *ctx;
};

/* 1: more was read; 0: there is no more. */
static int read_chunk(struct reading *reading, struct fault *f)
{
    char chunk[CHUNK_BYTES];

    ssize_t n = TEMP_FAILURE_RETRY(pread(reading->fd, chunk, sizeof chunk, (off_t)reading->offset));
    if (n < 0)
        return fault_system(f, errno, "cannot read '" LEDGER_NAME "'");
    reading->offset += (uint64_t)n;
    text_add_n(&reading->rest, chunk, (size_t)n);
    return n > 0;
}

/* Hands on all whole records and keeps what is left over. 0, or what record_read says. */
static int take_records(struct reading *reading)
{
    struct text *rest = &reading->rest;
    size_t at = 0;
    int r = 0;

    while (at < rest->length) {
        struct record record;
        r = record_read(rest->data + at, rest->length - at, &record);
        if (r <= 0)
            break;
        reading->on_record(reading->ctx, &record);
        at += (size_t)r;
    }
    if (at)
        memmove(rest->data, rest->data + at, rest->length - at);
    rest->length -= at;
    return r < 0 ? r : 0;
}

/* What cannot be read is the torn end of the file if no record follows, wherever it might begin. */
static bool is_torn(const struct text *rest)
{
    struct record record;

    for (size_t at = 1; at < rest->length; at++) {
        if (record_read(rest->data + at, rest->length - at, &record) > 0)
            return false;
    }
    return true;
}

static int damaged(const struct reading *reading, struct fault *f)
{
    uint64_t at = reading->offset - reading->rest.length;
    int r = fault_set(f, FAULT_CORRUPT, "'" LEDGER_NAME "' is damaged at byte %" PRIu64, at);

    fault_hint(f, "which attempts have run is not known from there on; start a new run");
    return r;
}

/* The fault says it all; 0 when the file was read to its end or to a torn record. */
static int read_records(struct reading *reading, struct fault *f)
{
    int taken = 0, r;

    while ((r = read_chunk(reading, f)) > 0) {
        if (taken == 0)
            taken = take_records(reading);
        if (taken == -FAULT_NEWER)
            return fault_set(f, FAULT_NEWER, "'" LEDGER_NAME "' was written by a newer kelp");
    }
    return r < 0 || is_torn(&reading->rest) ? r : damaged(reading, f);
}

/* *ret_bytes is the size of the good part. */
static int read_all(int fd, ledger_record_fn *on_record, void *ctx, uint64_t *ret_bytes,
                    struct fault *f)
{
    struct reading reading = {.fd = fd, .on_record = on_record, .ctx = ctx};

    int r = read_records(&reading, f);
    *ret_bytes = reading.offset - reading.rest.length;
    text_free(&reading.rest);
    return r;
}

int ledger_load(struct ledger *ledger, ledger_record_fn *on_record, void *ctx, struct fault *f)
{
    int r = read_all(ledger->fd, on_record, ctx, &ledger->bytes, f);

    if (r == 0 && ftruncate(ledger->fd, (off_t)ledger->bytes) < 0)
        r = fault_system(f, errno, "cannot cut the end of '" LEDGER_NAME "'");
    ledger->room_bytes = ledger->bytes;
    return r;
}

int ledger_reserve(struct ledger *ledger, size_t bytes)
{
    uint64_t need = ledger->bytes + ledger->pending.length + bytes;

    if (need <= ledger->room_bytes)
        return 0;
    uint64_t room = need + ROOM_STEP_BYTES;
    if (fallocate(ledger->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)room) < 0 && errno != EOPNOTSUPP)
        return -errno;
    ledger->room_bytes = room;
    return 0;
}

void ledger_add(struct ledger *ledger, const struct record *record)
{
    record_add(&ledger->pending, record);
}

int ledger_flush(struct ledger *ledger, struct fault *f)
{
    struct text *pending = &ledger->pending;
    size_t written = 0;
    int r = 0;

    while (r == 0 && written < pending->length) {
        ssize_t n = TEMP_FAILURE_RETRY(pwrite(ledger->fd, pending->data + written,
                                              pending->length - written, (off_t)ledger->bytes));
        if (n < 0) {
            r = fault_system(f, errno, "cannot write '" LEDGER_NAME "'");
        } else {
            written += (size_t)n;
            ledger->bytes += (uint64_t)n;
        }
    }
    if (written)
        memmove(pending->data, pending->data + written, pending->length - written);
    pending->length -= written;
    return r;
}

int ledger_read(const char *run_dir, ledger_record_fn *on_record, void *ctx, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, LEDGER_NAME);
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t bytes;

    if (fd < 0 && errno == ENOENT)
        return fault_set(f, FAULT_NOT_FOUND, "there is no '%s'", path);
    if (fd < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    return read_all(fd, on_record, ctx, &bytes, f);
}
