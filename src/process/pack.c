/* SPDX-License-Identifier: Apache-2.0 */
#include "process/pack.h"

#include <endian.h>
#include <string.h>

enum { NULL_LENGTH = -1 };

void pack_u8(struct text *t, uint8_t value)
{
    text_add_n(t, (const char *)&value, sizeof value);
}

void pack_u32(struct text *t, uint32_t value)
{
    uint32_t little = htole32(value);

    text_add_n(t, (const char *)&little, sizeof little);
}

void pack_u64(struct text *t, uint64_t value)
{
    uint64_t little = htole64(value);

    text_add_n(t, (const char *)&little, sizeof little);
}

void pack_i64(struct text *t, int64_t value)
{
    pack_u64(t, (uint64_t)value);
}

void pack_string(struct text *t, const char *s)
{
    size_t length = strlen(s);

    pack_u32(t, (uint32_t)length);
    text_add_n(t, s, length + 1);
}

void pack_string_or_null(struct text *t, const char *s)
{
    if (s)
        pack_string(t, s);
    else
        pack_u32(t, (uint32_t)NULL_LENGTH);
}

void pack_u32_at(struct text *t, size_t offset, uint32_t value)
{
    uint32_t little = htole32(value);

    memcpy(t->data + offset, &little, sizeof little);
}

/* The next `bytes` bytes, or NULL when they are not there. */
static const char *take(struct unpack *u, size_t bytes)
{
    const char *at = u->at;

    if (u->bad || bytes > u->left) {
        u->bad = true;
        return NULL;
    }
    u->at += bytes;
    u->left -= bytes;
    return at;
}

uint8_t unpack_u8(struct unpack *u)
{
    const char *at = take(u, 1);

    return at ? (uint8_t)*at : 0;
}

uint32_t unpack_u32(struct unpack *u)
{
    uint32_t little = 0;
    const char *at = take(u, sizeof little);

    if (at)
        memcpy(&little, at, sizeof little);
    return le32toh(little);
}

uint64_t unpack_u64(struct unpack *u)
{
    uint64_t little = 0;
    const char *at = take(u, sizeof little);

    if (at)
        memcpy(&little, at, sizeof little);
    return le64toh(little);
}

int64_t unpack_i64(struct unpack *u)
{
    return (int64_t)unpack_u64(u);
}

int64_t unpack_i64_in(struct unpack *u, int64_t min, int64_t max)
{
    int64_t value = unpack_i64(u);

    if (u->bad || value < min || value > max) {
        u->bad = true;
        return 0;
    }
    return value;
}

const char *unpack_string_or_null(struct unpack *u, size_t max)
{
    uint32_t length = unpack_u32(u);

    if (!u->bad && length == (uint32_t)NULL_LENGTH)
        return NULL;
    const char *at = length <= max ? take(u, (size_t)length + 1) : NULL;
    if (at && memchr(at, '\0', (size_t)length + 1) == at + length)
        return at;
    u->bad = true;
    return "";
}

const char *unpack_string(struct unpack *u, size_t max)
{
    const char *s = unpack_string_or_null(u, max);

    if (s)
        return s;
    u->bad = true;
    return "";
}

bool unpack_done(const struct unpack *u)
{
    return !u->bad && u->left == 0;
}
