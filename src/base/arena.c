/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/text.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void add_block(struct arena *a, size_t at_least)
{
    /* Blocks grow with the arena, so that their number stays logarithmic. */
    size_t size = a->bytes > BLOCK_BYTES ? a->bytes : BLOCK_BYTES;

    if (size > 1024 * 1024)
        size = 1024 * 1024;
    if (size < at_least)
        size = at_least;
    struct arena_block *block = mem_alloc(sizeof *block + size);
    block->next = a->blocks;
    block->size = size;
    a->blocks = block;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    size_t align = alignof(max_align_t);

    if (bytes > SIZE_MAX - align)
        bug("arena request of %zu bytes", bytes);
    bytes = (bytes + align - 1) / align * align;
    if (!a->blocks || a->blocks->size - a->used < bytes)
        add_block(a, bytes);
    void *p = a->blocks->bytes + a->used;
    a->used += bytes;
    a->bytes += bytes;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        bug("arena request of %zu x %zu bytes", count, size);
    void *p = arena_alloc(a, bytes);
    memset(p, 0, bytes);
    return p;
}

char *arena_string(struct arena *a, const char *s)
{
    return arena_string_n(a, s, strlen(s));
}

char *arena_string_n(struct arena *a, const char *s, size_t length)
{
    char *copy = arena_alloc(a, length + 1);

    if (length)
        memcpy(copy, s, length);
    copy[length] = '\0';
    return copy;
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    AUTO_FREE char *s = text_vformat(format, args);
    va_end(args);
    return arena_string(a, s);
}

void *arena_copy(struct arena *a, const void *from, size_t bytes)
{
    void *copy = arena_alloc(a, bytes);

    if (bytes)
        memcpy(copy, from, bytes);
    return copy;
}

void arena_free(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    *a = (struct arena){0};
}
