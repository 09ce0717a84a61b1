/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes in bytes as people write them: "512MiB", "1.5 GiB", "4096". Units are binary: B, KiB, MiB,
 * GiB, TiB. */
#ifndef KELP_BASE_SIZE_H
#define KELP_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* A whole number of bytes in [min, max] and nothing else; false leaves *ret alone. */
bool size_parse(const char *s, int64_t min, int64_t max, int64_t *ret);
/* In the largest unit that has no fraction, "1536 MiB"; size_parse reads it. Caller frees. */
char *size_text(uint64_t bytes) __attribute__((returns_nonnull));

#endif
