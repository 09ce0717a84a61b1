/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is dropped whole. What an arena returns lives until arena_free; it is
 * aligned for any type and is never freed on its own. A zeroed arena is empty.
 */
#ifndef KELP_BASE_ARENA_H
#define KELP_BASE_ARENA_H

#include "base/memory.h"

#include <stdarg.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes of the newest block in use */
    size_t bytes;               /* handed out in all, for accounting */
};

void *arena_alloc(struct arena *a, size_t bytes) __attribute__((returns_nonnull));
/* Zeroed, count * size checked for overflow. */
void *arena_array(struct arena *a, size_t count, size_t size) __attribute__((returns_nonnull));
char *arena_string(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_string_n(struct arena *a, const char *s, size_t length)
    __attribute__((returns_nonnull));
char *arena_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
void *arena_copy(struct arena *a, const void *from, size_t bytes) __attribute__((returns_nonnull));
void arena_free(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_array(a, 1, sizeof(type)))
#define AUTO_ARENA __attribute__((cleanup(arena_free))) struct arena

#endif
