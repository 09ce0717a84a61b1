/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and strings as bytes, little-endian, for the record file and the socket. Writing cannot
 * fail. Reading never leaves its bounds: the first thing that does not fit sets `bad`, and
 * from then on every read gives 0 or "", so that one check at the end is enough.
 */
#ifndef KELP_PROCESS_PACK_H
#define KELP_PROCESS_PACK_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void pack_u8(struct text *t, uint8_t value);
void pack_u32(struct text *t, uint32_t value);
void pack_u64(struct text *t, uint64_t value);
void pack_i64(struct text *t, int64_t value);
/* A length, the bytes, and a NUL, so that a reader can use the string where it lies. */
void pack_string(struct text *t, const char *s);
/* The same, but NULL stays NULL. */
void pack_string_or_null(struct text *t, const char *s);
/* Overwrites four bytes that were packed before. */
void pack_u32_at(struct text *t, size_t offset, uint32_t value);

struct unpack {
    const char *at;
    size_t left;
    bool bad;
};

uint8_t unpack_u8(struct unpack *u);
uint32_t unpack_u32(struct unpack *u);
uint64_t unpack_u64(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
/* A value in [min, max], else bad. */
int64_t unpack_i64_in(struct unpack *u, int64_t min, int64_t max);
/* Points into the bytes; at most `max` long and without a NUL inside, else bad. Never NULL. */
const char *unpack_string(struct unpack *u, size_t max);
const char *unpack_string_or_null(struct unpack *u, size_t max);
/* True if all went well and nothing is left over. */
bool unpack_done(const struct unpack *u);

#endif
