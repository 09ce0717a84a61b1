/* SPDX-License-Identifier: Apache-2.0 */
#include "git/sha1.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

/* FIPS 180 and RFC 3174; the lengths around a block are `printf 'a%.0s' ... | sha1sum`. */
static const struct {
    const char *text;
    size_t times;
    const char *sum;
} cases[] = {
    {"", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {"a", 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
    {"a", 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
    {"a", 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
    {"a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
};

Test(sha1, known_sums)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT input = {0}, sum = {0};
        unsigned char out[SHA1_BYTES];

        for (size_t n = 0; n < cases[i].times; n++)
            text_add(&input, cases[i].text);
        sha1(text_get(&input), input.length, out);
        for (size_t n = 0; n < SHA1_BYTES; n++)
            text_printf(&sum, "%02x", out[n]);
        cr_expect_str_eq(text_get(&sum), cases[i].sum, "case %zu", i);
    }
}
