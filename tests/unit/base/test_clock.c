/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/memory.h"

#include <criterion/criterion.h>
#include <time.h>

Test(clock, real_time_is_now_and_never_steps_back)
{
    struct clock clock;
    int64_t before = (int64_t)time(NULL) * 1000;

    clock_real_init(&clock);
    int64_t last = clock_now_ms(&clock);
    cr_assert_geq(last, before - 1000);
    cr_assert_leq(last, ((int64_t)time(NULL) + 2) * 1000);
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_now_ms(&clock);
        cr_assert_geq(now, last);
        last = now;
    }
}

static int64_t standing_still(struct clock *clock)
{
    return clock->offset_ms;
}

Test(clock, another_clock_can_stand_in)
{
    struct clock clock = {.now_ms = standing_still, .offset_ms = 42};

    cr_assert_eq(clock_now_ms(&clock), 42);
}

Test(clock, formats_utc)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1795346252000, "2026-11-22T11:17:32Z"},
        {1795346252999, "2026-11-22T11:17:32Z"},
        {951782400000, "2000-02-29T00:00:00Z"},
        {INT64_MAX, ""}, /* a year that no calendar has */
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[21];
        clock_format_utc(cases[i].ms, out);
        cr_expect_str_eq(out, cases[i].text);
    }
}

Test(clock, formats_spans)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0 ms"},
        {850, "850 ms"},
        {999, "999 ms"},
        {1000, "1.0 s"},
        {12345, "12.3 s"},
        {59949, "59.9 s"},
        {59950, "1 min 0 s"},
        {60000, "1 min 0 s"},
        {250000, "4 min 10 s"},
        {3599499, "59 min 59 s"},
        {3599500, "1 h 0 min"},
        {7500000, "2 h 5 min"},
        {360000000, "100 h 0 min"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[32];
        clock_format_span(cases[i].ms, out);
        cr_expect_str_eq(out, cases[i].text);
    }
}
