/* SPDX-License-Identifier: Apache-2.0 */
#include "process/pack.h"

#include <criterion/criterion.h>
#include <string.h>

Test(pack, values_come_back)
{
    AUTO_TEXT t = {0};

    pack_u8(&t, 200);
    pack_u32(&t, 0xDEADBEEF);
    pack_u64(&t, UINT64_MAX - 1);
    pack_i64(&t, INT64_MIN);
    pack_string(&t, "word");
    pack_string_or_null(&t, NULL);
    pack_string_or_null(&t, "");
    pack_u32_at(&t, 1, 7);

    struct unpack u = {.at = t.data, .left = t.length};
    cr_expect_eq(unpack_u8(&u), 200);
    cr_expect_eq(unpack_u32(&u), 7);
    cr_expect_eq(unpack_u64(&u), UINT64_MAX - 1);
    cr_expect_eq(unpack_i64(&u), INT64_MIN);
    cr_expect_str_eq(unpack_string(&u, 4), "word");
    cr_expect_null(unpack_string_or_null(&u, 4));
    cr_expect_str_eq(unpack_string_or_null(&u, 0), "");
    cr_expect(unpack_done(&u));
}

Test(pack, is_little_endian_on_every_machine)
{
    AUTO_TEXT t = {0};

    pack_u32(&t, 0x01020304);
    cr_expect_arr_eq(t.data, "\x04\x03\x02\x01", 4);
}

/* Whatever is cut off, a reader says so and never reads on. */
Test(pack, every_cut_is_bad)
{
    AUTO_TEXT t = {0};

    pack_u8(&t, 1);
    pack_string(&t, "abc");
    pack_i64(&t, -5);
    for (size_t length = 0; length < t.length; length++) {
        struct unpack u = {.at = t.data, .left = length};
        (void)unpack_u8(&u);
        const char *s = unpack_string(&u, 10);
        cr_expect_not_null(s);
        (void)unpack_i64(&u);
        cr_expect_not(unpack_done(&u), "%zu bytes", length);
        cr_expect_eq(unpack_u64(&u), 0, "after a failure everything is 0");
    }
}

Test(pack, wrong_strings_are_bad)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t length, max;
    } cases[] = {
        {"longer than allowed", "\x03\0\0\0abc", 8, 2},
        {"a NUL inside", "\x03\0\0\0a\0c", 8, 10},
        {"no NUL behind", "\x03\0\0\0abcd", 8, 10},
        {"NULL where none may be", "\xff\xff\xff\xff", 4, 10},
        {"a length beyond the end", "\xfe\xff\xff\x7f", 4, SIZE_MAX},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct unpack u = {.at = cases[i].bytes, .left = cases[i].length};
        cr_expect_str_eq(unpack_string(&u, cases[i].max), "");
        cr_expect(u.bad, "%s", cases[i].what);
    }
}

Test(pack, numbers_out_of_range_are_bad)
{
    static const struct {
        int64_t value;
        bool bad;
    } cases[] = {{-2, true}, {-1, false}, {255, false}, {256, true}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT t = {0};
        pack_i64(&t, cases[i].value);
        struct unpack u = {.at = t.data, .left = t.length};
        cr_expect_eq(unpack_i64_in(&u, -1, 255), cases[i].bad ? 0 : cases[i].value);
        cr_expect_eq(u.bad, cases[i].bad);
    }
}
