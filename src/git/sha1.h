/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-1 (RFC 3174), for the checksum at the end of git's index file and nothing else: where it
 * matters whether contents are what they claim to be, git itself does the hashing.
 */
#ifndef KELP_GIT_SHA1_H
#define KELP_GIT_SHA1_H

#include <stddef.h>

enum { SHA1_BYTES = 20 };

void sha1(const void *data, size_t length, unsigned char out[SHA1_BYTES]);

#endif
