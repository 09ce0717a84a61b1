/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution IDs: `ORG_4729` is a root, `ORG_4729.3` its third child, `ORG_4729.3.1` a
 * cleanup. The depth is the number of dots; there is no depth 3.
 */
#ifndef KELP_CORE_EXEC_ID_H
#define KELP_CORE_EXEC_ID_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum { EXEC_DEPTH_MAX = 2, EXEC_ID_TEXT_MAX = 40 };

/* Plain data; compare with exec_id_same. */
struct exec_id {
    uint32_t root;                 /* printed with at least four digits */
    uint32_t part[EXEC_DEPTH_MAX]; /* 1.., only the first `depth` count */
    uint32_t depth;
};

/* The whole of `s` must be an ID; anything else is FAULT_USAGE and says what is wrong. */
int exec_id_parse(const char *s, struct exec_id *ret, struct fault *f) MUST_CHECK;
void exec_id_format(struct exec_id id, char out[EXEC_ID_TEXT_MAX]);
struct exec_id exec_id_root(uint32_t number);
/* A child of `id`; `id.depth` must be below EXEC_DEPTH_MAX. */
struct exec_id exec_id_child(struct exec_id id, uint32_t n);
bool exec_id_same(struct exec_id a, struct exec_id b);
/* A tag `[EXEC_ID: ORG_4729.1]` at the head of a task text. Returns the length of the tag with the
 * white space that follows, 0 if the text has none; a malformed tag is FAULT_USAGE. */
int exec_id_tag(const char *text, struct exec_id *ret, struct fault *f) MUST_CHECK;

#endif
