/* SPDX-License-Identifier: Apache-2.0 */
#include "process/ledger.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
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

/* Gives all whole records in `text` to `on_record` and keeps what is left over. */
static int take_records(struct text *text, ledger_record_fn *on_record, void *ctx)
{
    size_t at = 0;
    int r = 0;

    while (at < text->length) {
        struct record record;
        r = record_read(text->data + at, text->length - at, &record);
        if (r <= 0)
            break;
        on_record(ctx, &record);
        at += (size_t)r;
    }
    if (at)
        memmove(text->data, text->data + at, text->length - at);
    text->length -= at;
    return r < 0 ? r : 0;
}

/* Reads to the end, or to what cannot be read; *ret_bytes is the size of the good part. */
static int read_all(int fd, ledger_record_fn *on_record, void *ctx, uint64_t *ret_bytes,
                    struct fault *f)
{
    AUTO_FREE char *chunk = mem_alloc(CHUNK_BYTES);
    AUTO_TEXT rest = {0};
    uint64_t offset = 0;

    for (;;) {
        ssize_t n = TEMP_FAILURE_RETRY(pread(fd, chunk, CHUNK_BYTES, (off_t)offset));
        if (n < 0)
            return fault_system(f, errno, "cannot read '" LEDGER_NAME "'");
        offset += (uint64_t)n;
        text_add_n(&rest, chunk, (size_t)n);
        int r = take_records(&rest, on_record, ctx);
        if (r == -FAULT_NEWER)
            return fault_set(f, FAULT_NEWER, "'" LEDGER_NAME "' was written by a newer kelp");
        if (n > 0 && r == 0)
            continue;
        *ret_bytes = offset - rest.length;
        return 0;
    }
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
