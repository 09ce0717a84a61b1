/* SPDX-License-Identifier: Apache-2.0 */
/* Checks and places that all readers of foreign text share. */
#ifndef KELP_PLAN_SOURCE_H
#define KELP_PLAN_SOURCE_H

#include "base/fault.h"
#include "base/text.h"
#include "core/plan.h"

/* A text and where it comes from. */
struct source {
    const char *text; /* ends with NUL at text[length] */
    size_t length;
    const char *name; /* the file, as faults show it */
};

/* Refuses more than `max_bytes` (FAULT_LIMIT), NUL bytes and broken UTF-8 (FAULT_PLAN), with the
 * place. */
int source_check(const struct source *source, size_t max_bytes, struct fault *f) MUST_CHECK;
/* Reads a file that the user named; a missing one is FAULT_NOT_FOUND with a hint for who meant a
 * text. */
int source_read(const char *path, size_t max_bytes, struct text *ret, struct fault *f) MUST_CHECK;
/* Line and column (in characters) of an offset. A zeroed cursor remembers where it was, so that
 * rising offsets cost one walk over the text in all. */
struct source_cursor {
    size_t offset;
    struct plan_place at;
};
struct plan_place source_place(const char *text, size_t offset, struct source_cursor *cursor);
/* A fault at an offset of the text; returns minus the code. */
int source_fail(const struct source *source, size_t offset, const char *message, struct fault *f);

#endif
