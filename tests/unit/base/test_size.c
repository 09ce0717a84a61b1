/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"

#include "base/memory.h"

#include <criterion/criterion.h>

enum { LEAST = 10 };
static const int64_t most = INT64_C(1) << 50;

Test(size, what_people_write)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t bytes;
    } cases[] = {
        {"4096", true, 4096},
        {"512MiB", true, 512 << 20},
        {"512 MiB", true, 512 << 20},
        {"1.5GiB", true, INT64_C(3) << 29},
        {"0.5KiB", true, 512},
        {"12 B", true, 12},
        {"1TiB", true, INT64_C(1) << 40},
        {"10", true, 10},
        {"9", false, 0},
        {"1024TiB", true, INT64_C(1) << 50},
        {"1025TiB", false, 0},
        {"0.3KiB", false, 0},
        {"10.5", false, 0},
        {"", false, 0},
        {"MiB", false, 0},
        {"512M", false, 0},
        {"512MB", false, 0},
        {"512mib", false, 0},
        {"512MiB ", false, 0},
        {" 512MiB", false, 0},
        {"-512MiB", false, 0},
        {"1e9", false, 0},
        {"1..5GiB", false, 0},
        {"99999999999999999999999999GiB", false, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t bytes = -1;
        cr_expect_eq(size_parse(cases[i].text, LEAST, most, &bytes), cases[i].fits, "'%s'",
                     cases[i].text);
        cr_expect_eq(bytes, cases[i].fits ? cases[i].bytes : -1, "'%s'", cases[i].text);
    }
}

Test(size, the_largest_unit_without_a_fraction)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1000, "1000 B"},
        {1024, "1 KiB"},
        {512 << 20, "512 MiB"},
        {UINT64_C(3) << 29, "1536 MiB"},
        {UINT64_C(1) << 50, "1024 TiB"},
        {UINT64_MAX, "18446744073709551615 B"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *text = size_text(cases[i].bytes);
        int64_t again = 0;
        cr_expect_str_eq(text, cases[i].text);
        if (cases[i].bytes >= LEAST && cases[i].bytes <= (uint64_t)most) {
            cr_expect(size_parse(text, LEAST, most, &again));
            cr_expect_eq((uint64_t)again, cases[i].bytes);
        }
    }
}
