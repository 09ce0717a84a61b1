/* SPDX-License-Identifier: Apache-2.0 */
/* Words of plain text, and copies of text from which something was taken out. */
#ifndef KELP_PLAN_WORDS_H
#define KELP_PLAN_WORDS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* s[start..end): no white space, no brackets, quotes or punctuation at its ends. */
struct word {
    size_t start, end;
};

/* The first word at or after `from`; empty (start == end) at the end of the text. */
struct word word_next(const char *s, size_t from);
/* ASCII letters of either case. */
bool word_is(const char *s, struct word w, const char *word);
/* The position of `words` that has it, or -1. */
int word_index(const char *s, struct word w, const char *const *words, size_t count);
/* A whole number as people write it, "1,000" included; false for any other word. */
bool word_number(const char *s, struct word w, int64_t *ret);
/* Nothing but white space stands between the two. */
bool words_touch(const char *s, struct word a, struct word b);

/* What stands where text was taken out: words_copy leaves it out, with the spaces and the comma
 * that belonged to it. */
#define WORDS_HOLE '\x01'
void words_cut(char *s, size_t start, size_t end);
/* s[start..end) without holes and white space at the ends. */
char *words_copy(struct arena *a, const char *s, size_t start, size_t end);
/* The lines below the first lose up to `indent` of their indentation; CRs go. */
const char *words_dedent(struct arena *a, const char *text, size_t indent);
/* The first line with something in it, at most `max` bytes and "..." where it was cut. */
const char *words_first_line(struct arena *a, const char *text, size_t max);

#endif
