/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), as in RFC 3720, appendix B.4. Finds every burst of up to 32 bits. */
#ifndef KELP_JOURNAL_CHECKSUM_H
#define KELP_JOURNAL_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Continues `sum` (0 at the start) over more bytes. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t length);

#endif
