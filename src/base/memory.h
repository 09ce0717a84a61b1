/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that does not fail: when memory is exhausted the program stops in
 * one place (memory.c) with a message, so no caller has an untested path for it.
 * Everything returned is the caller's and ends with free().
 */
#ifndef KELP_BASE_MEMORY_H
#define KELP_BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

void *mem_alloc(size_t bytes) __attribute__((malloc, returns_nonnull));
void *mem_zero(size_t bytes) __attribute__((malloc, returns_nonnull));
/* Resizes to `count * size` bytes; the product is checked for overflow. */
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *mem_string(const char *s) __attribute__((malloc, returns_nonnull));
char *mem_string_n(const char *s, size_t length) __attribute__((malloc, returns_nonnull));

/* Prints a broken invariant with its place and aborts. For what cannot happen. */
_Noreturn void bug_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

#define MEM_NEW(type) ((type *)mem_zero(sizeof(type)))

void mem_free_pointer(void *pointer_to_pointer);
/* A local that is freed with its scope; set it to NULL to hand it over. */
#define AUTO_FREE __attribute__((cleanup(mem_free_pointer)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))

#endif
