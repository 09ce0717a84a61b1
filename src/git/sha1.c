/* SPDX-License-Identifier: Apache-2.0 */
#include "git/sha1.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 64 };

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* RFC 3174, section 5: the function and the constant of step t. */
static uint32_t mix(unsigned t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20)
        return ((b & c) | (~b & d)) + 0x5A827999;
    if (t < 40)
        return (b ^ c ^ d) + 0x6ED9EBA1;
    if (t < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

static void block(uint32_t h[5], const unsigned char *data)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

    memcpy(w, data, BLOCK);
    for (unsigned t = 0; t < 16; t++)
        w[t] = be32toh(w[t]);
    for (unsigned t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (unsigned t = 0; t < 80; t++) {
        uint32_t next = rotate(a, 5) + mix(t, b, c, d) + e + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void sha1(const void *data, size_t length, unsigned char out[SHA1_BYTES])
{
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    const unsigned char *at = data;
    unsigned char tail[2 * BLOCK] = {0};
    size_t left = length;

    for (; left >= BLOCK; left -= BLOCK, at += BLOCK)
        block(h, at);
    size_t padded = left + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    uint64_t bits = htobe64((uint64_t)length * 8);
    if (left)
        memcpy(tail, at, left);
    tail[left] = 0x80;
    memcpy(tail + padded - sizeof bits, &bits, sizeof bits);
    for (size_t i = 0; i < padded; i += BLOCK)
        block(h, tail + i);
    for (size_t i = 0; i < 5; i++)
        h[i] = htobe32(h[i]);
    memcpy(out, h, SHA1_BYTES);
}
