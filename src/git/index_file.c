/* SPDX-License-Identifier: Apache-2.0 */
#include "git/index_file.h"

#include "base/os.h"
#include "git/files.h"
#include "git/sha1.h"

#include <endian.h>
#include <string.h>

enum {
    INDEX_MAX = 1 << 30,
    HEADER = 12,
    OFFSET_MODE = 24,
    OFFSET_FLAGS = 60,
    OFFSET_PATH = 62,
    FLAG_EXTENDED = 0x4000,
};

/* In the order of the entry: ctime, mtime, dev, ino, mode, uid, gid, size. */
enum { CTIME_S, CTIME_NS, MTIME_S, MTIME_NS, DEV, INO, MODE, UID, GID, SIZE, FIELDS };

static uint32_t get32(const unsigned char *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof value);
    return be32toh(value);
}

static void put32(unsigned char *p, uint64_t value)
{
    uint32_t big = htobe32((uint32_t)value);

    memcpy(p, &big, sizeof big);
}

/* The length of the entry at `at`, with its 1 to 8 bytes of padding; 0 when it does not fit. */
static size_t entry_length(const struct index_file *file, size_t at)
{
    size_t end = file->bytes.length - SHA1_BYTES;

    if (at + OFFSET_PATH >= end)
        return 0;
    const unsigned char *entry = (const unsigned char *)file->bytes.data + at;
    unsigned flags = (unsigned)entry[OFFSET_FLAGS] << 8 | entry[OFFSET_FLAGS + 1];
    const unsigned char *nul = memchr(entry + OFFSET_PATH, '\0', end - at - OFFSET_PATH);
    if (!nul || (flags & FLAG_EXTENDED))
        return 0;
    size_t length = ((size_t)(nul - entry) + 8) & ~(size_t)7;
    return at + length <= end ? length : 0;
}

/* The checksum tells SHA-1 from SHA-256: nothing else in the file does. */
static bool has_checksum(const struct index_file *file)
{
    unsigned char sum[SHA1_BYTES];
    size_t end = file->bytes.length - SHA1_BYTES;

    sha1(file->bytes.data, end, sum);
    return memcmp(file->bytes.data + end, sum, SHA1_BYTES) == 0;
}

static bool is_readable(struct index_file *file)
{
    const unsigned char *bytes = (const unsigned char *)file->bytes.data;

    if (file->bytes.length < HEADER + SHA1_BYTES || memcmp(bytes, "DIRC", 4) != 0 ||
        get32(bytes + 4) != 2 || !has_checksum(file))
        return false;
    file->count = get32(bytes + 8);
    size_t at = HEADER;
    for (uint32_t i = 0; i < file->count; i++) {
        size_t length = entry_length(file, at);
        if (!length)
            return false;
        at += length;
    }
    return true;
}

int index_file_parse(struct text *bytes, const char *name, struct index_file *ret, struct fault *f)
{
    struct index_file file = {.bytes = *bytes};

    if (!is_readable(&file))
        return fault_set(f, FAULT_FORMAT, "the index '%s' is not of version 2 with SHA-1", name);
    *bytes = (struct text){0};
    *ret = file;
    return 0;
}

int index_file_read(const char *path, struct index_file *ret, struct fault *f)
{
    AUTO_TEXT bytes = {0};

    int r = os_read_file(path, INDEX_MAX, &bytes, f);
    return r < 0 ? r : index_file_parse(&bytes, path, ret, f);
}

bool index_file_next(struct index_file *file, struct index_item *item)
{
    size_t start = item->number ? item->next : HEADER;
    unsigned char *entry = (unsigned char *)file->bytes.data + start;

    if (item->number == file->count)
        return false;
    *item = (struct index_item){.number = item->number + 1,
                                .next = start + entry_length(file, start),
                                .stat = entry,
                                .mode = get32(entry + OFFSET_MODE),
                                .path = (const char *)entry + OFFSET_PATH};
    return true;
}

static void stat_fields(const struct stat *st, uint32_t out[FIELDS])
{
    out[CTIME_S] = (uint32_t)st->st_ctim.tv_sec;
    out[CTIME_NS] = (uint32_t)st->st_ctim.tv_nsec;
    out[MTIME_S] = (uint32_t)st->st_mtim.tv_sec;
    out[MTIME_NS] = (uint32_t)st->st_mtim.tv_nsec;
    out[DEV] = (uint32_t)st->st_dev;
    out[INO] = (uint32_t)st->st_ino;
    out[UID] = (uint32_t)st->st_uid;
    out[GID] = (uint32_t)st->st_gid;
    out[SIZE] = (uint32_t)st->st_size;
}

void index_item_set(struct index_item *item, const struct stat *st)
{
    uint32_t fields[FIELDS];

    stat_fields(st, fields);
    for (size_t i = 0; i < FIELDS; i++)
        if (i != MODE) /* git's own: what the file is, not what its permissions are */
            put32(item->stat + i * 4, fields[i]);
}

bool index_item_is(const struct index_item *item, const struct stat *st)
{
    uint32_t fields[FIELDS];

    stat_fields(st, fields);
    for (size_t i = 0; i < FIELDS; i++)
        if (i != MODE && get32(item->stat + i * 4) != fields[i])
            return false;
    return true;
}

int index_file_write(struct index_file *file, const char *path, struct fault *f)
{
    size_t end = file->bytes.length - SHA1_BYTES;

    sha1(file->bytes.data, end, (unsigned char *)file->bytes.data + end);
    return file_put(path, file->bytes.data, file->bytes.length, f);
}

void index_file_free(struct index_file *file)
{
    text_free(&file->bytes);
    *file = (struct index_file){0};
}
