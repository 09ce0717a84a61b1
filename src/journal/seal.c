/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/seal.h"

#include "base/os.h"
#include "journal/checksum.h"
#include "journal/store.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A seal is this, a sum for each page, and the sum of all before it; little-endian. */
struct head {
    char magic[8];
    uint64_t events, bytes;
};

enum { PAGE = 4096, SUM = sizeof(uint32_t), SEAL_BYTES_MAX = 64 << 20 };

static const char magic[8] = {'k', 'e', 'l', 'p', 's', 'e', 'a', 'l'};

char *seal_path(const char *path)
{
    return text_format("%s-seal", path);
}

static void add_sum(struct text *t, uint32_t sum)
{
    sum = htole32(sum);
    text_add_n(t, (const char *)&sum, SUM);
}

static uint32_t sum_at(const struct text *t, size_t offset)
{
    uint32_t sum;

    memcpy(&sum, t->data + offset, SUM);
    return le32toh(sum);
}

static uint64_t pages_of(uint64_t bytes)
{
    return (bytes + PAGE - 1) / PAGE;
}

static bool is_intact(const struct text *seal, const struct head *head)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 &&
           head->bytes <= (uint64_t)SEAL_BYTES_MAX / SUM * PAGE &&
           seal->length == sizeof *head + (pages_of(head->bytes) + 1) * SUM &&
           sum_at(seal, seal->length - SUM) == checksum_add(0, seal->data, seal->length - SUM);
}

/* Returns 1, or 0 if there is none. */
static int read_seal(const char *path, struct text *seal, struct head *ret, struct fault *f)
{
    AUTO_FREE char *file = seal_path(path);
    struct head head;

    if (!os_exists(file))
        return 0;
    int r = os_read_file(file, SEAL_BYTES_MAX, seal, f);
    if (r < 0)
        return r;
    if (seal->length >= sizeof head)
        memcpy(&head, seal->data, sizeof head);
    head.bytes = seal->length >= sizeof head ? le64toh(head.bytes) : UINT64_MAX;
    if (seal->length < sizeof head || !is_intact(seal, &head)) {
        (void)fault_set(f, FAULT_CORRUPT,
                        "'%s' is damaged: what it says of the journal's pages "
                        "can't be trusted",
                        file);
        return store_corrupt_hint(path, f);
    }
    head.events = le64toh(head.events);
    *ret = head;
    return 1;
}

/* One page, or what there is of it. Returns its length; 0 at the end of the file. */
static ssize_t read_page(int fd, uint64_t index, unsigned char *page)
{
    size_t length = 0;
    ssize_t n = 1;

    while (length < PAGE && n > 0) {
        n = pread(fd, page + length, PAGE - length, (off_t)(index * PAGE + length));
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            length += (size_t)n;
    }
    return n < 0 ? n : (ssize_t)length;
}

static int say_changed(const char *path, uint64_t page, uint64_t pages, struct fault *f)
{
    (void)fault_set(f, FAULT_CORRUPT,
                    "'%s' is damaged: page %" PRIu64 " of %" PRIu64 " (from byte %" PRIu64
                    ") is not what was written",
                    path, page + 1, pages, page * PAGE);
    return store_corrupt_hint(path, f);
}

static int say_size(const char *path, uint64_t now, uint64_t sealed, struct fault *f)
{
    (void)fault_set(f, FAULT_CORRUPT,
                    "'%s' is damaged: it has %" PRIu64 " bytes instead of %" PRIu64, path, now,
                    sealed);
    return store_corrupt_hint(path, f);
}

static int compare(const char *path, const struct text *seal, const struct head *head,
                   struct fault *f)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t pages = pages_of(head->bytes);
    unsigned char page[PAGE];
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    if ((uint64_t)st.st_size != head->bytes)
        return say_size(path, (uint64_t)st.st_size, head->bytes, f);
    for (uint64_t i = 0; i < pages; i++) {
        ssize_t n = read_page(fd, i, page);
        if (n < 0)
            return fault_system(f, errno, "cannot read '%s'", path);
        if (checksum_add(0, page, (size_t)n) != sum_at(seal, sizeof *head + i * SUM))
            return say_changed(path, i, pages, f);
    }
    return 1;
}

int seal_check(const char *path, struct fault *f)
{
    enum { TRIES = 8 }; /* runs that begin and end while they are looked at are rare */
    AUTO_TEXT seal = {0};

    for (unsigned i = 0;; i++) {
        AUTO_FAULT why = {0};
        AUTO_TEXT again = {0};
        struct head head;
        text_clear(&seal);
        int r = read_seal(path, &seal, &head, &why);
        if (r > 0)
            r = compare(path, &seal, &head, &why);
        if (r >= 0)
            return r;
        /* A writer may have begun, or begun and ended, between the two. */
        AUTO_FAULT ignored = {0};
        AUTO_FREE char *file = seal_path(path);
        bool same = os_read_file(file, SEAL_BYTES_MAX, &again, &ignored) == 0 &&
                    again.length == seal.length &&
                    (!seal.length || memcmp(again.data, seal.data, seal.length) == 0);
        if (same || i == TRIES)
            return fault_move(f, &why);
    }
}

int64_t seal_events(const char *path)
{
    AUTO_TEXT seal = {0};
    AUTO_FAULT ignored = {0};
    struct head head;

    return read_seal(path, &seal, &head, &ignored) > 0 ? (int64_t)head.events : -1;
}

static int sum_pages(const char *path, struct text *sums, uint64_t *ret_bytes, struct fault *f)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char page[PAGE];
    ssize_t n = PAGE;

    *ret_bytes = 0;
    for (uint64_t i = 0; fd >= 0 && n == PAGE; i++) {
        n = read_page(fd, i, page);
        if (n > 0)
            add_sum(sums, checksum_add(0, page, (size_t)n));
        if (n > 0)
            *ret_bytes += (uint64_t)n;
    }
    return fd < 0 || n < 0 ? fault_system(f, errno, "cannot read '%s'", path) : 0;
}

int seal_write(const char *path, int64_t events, struct fault *f)
{
    AUTO_FREE char *file = seal_path(path);
    AUTO_TEXT sums = {0}, seal = {0};
    uint64_t bytes;

    int r = sum_pages(path, &sums, &bytes, f);
    if (r < 0)
        return r;
    struct head head = {.events = htole64((uint64_t)events), .bytes = htole64(bytes)};
    memcpy(head.magic, magic, sizeof magic);
    text_add_n(&seal, (const char *)&head, sizeof head);
    text_add_n(&seal, text_get(&sums), sums.length);
    add_sum(&seal, checksum_add(0, seal.data, seal.length));
    r = os_write_file(file, seal.data, seal.length, 0644, f);
    return r < 0 ? r : store_sync_folder(path, f);
}

int seal_remove(const char *path, struct fault *f)
{
    AUTO_FREE char *file = seal_path(path);

    if (unlink(file) == 0)
        return store_sync_folder(path, f);
    return errno == ENOENT ? 0 : fault_system(f, errno, "cannot remove '%s'", file);
}
