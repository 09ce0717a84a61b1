/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing text with a length. A zeroed struct is an empty text; `data` is always
 * NUL-terminated once anything was appended and may hold NUL bytes inside.
 */
#ifndef KELP_BASE_TEXT_H
#define KELP_BASE_TEXT_H

#include "base/memory.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct text {
    char *data; /* owned; NULL while empty and never appended to */
    size_t length;
    size_t capacity;
};

void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t length);
void text_add_char(struct text *t, char c);
/* An amount of money: "0.5 USD", "0.0021 USD", "12345.68 USD"; four digits that count, and from a
 * hundred on to the cent. */
void text_add_usd(struct text *t, double usd);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* One word for /bin/sh: single quotes where they are needed. */
void text_add_quoted(struct text *t, const char *word);
/* Drops what is behind the first `length` bytes, which are there. Keeps the memory. */
void text_cut(struct text *t, size_t length);
void text_clear(struct text *t);
void text_free(struct text *t);
/* Hands over the string ("" if empty; caller frees) and leaves an empty text. */
char *text_take(struct text *t);
/* Never NULL: the content, or "". */
const char *text_get(const struct text *t);
#define AUTO_TEXT __attribute__((cleanup(text_free))) struct text

/* The caller frees. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_vformat(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
/* ASCII only: file formats and command lines do not change with the locale. */
bool text_same_nocase(const char *a, const char *b);
/* Whole decimal number in [min, max] and nothing else; false leaves *ret alone. */
bool text_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret);
/* Finite decimal number and nothing else, in the C locale. */
bool text_to_double(const char *s, double *ret);
/* Length of valid UTF-8 at the start of s[0..length), that is `length` if all is valid. */
size_t text_utf8_valid(const char *s, size_t length);
/* Length of the character at the start of s[0..length) with its code point; 0 where the bytes are
 * not valid UTF-8 or `length` is 0, and *ret_point is then left alone. */
size_t text_utf8_next(const char *s, size_t length, uint32_t *ret_point);
/* Levenshtein distance with transpositions; for "did you mean" only (words of at most 63 bytes). */
unsigned text_distance(const char *a, const char *b);
/* The nearest of `words` within a third of its length, or NULL. */
const char *text_nearest(const char *word, const char *const *words, size_t count);

#endif
