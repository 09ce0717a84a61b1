/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t); /* fails only for an unknown clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_now(struct clock *clock)
{
    return clock->offset_ms + read_ms(CLOCK_MONOTONIC);
}

void clock_real_init(struct clock *clock)
{
    clock->now_ms = real_now;
    clock->offset_ms = read_ms(CLOCK_REALTIME) - read_ms(CLOCK_MONOTONIC);
}

int64_t clock_now_ms(struct clock *clock)
{
    return clock->now_ms(clock);
}

void clock_format_utc(int64_t ms, char out[21])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &tm))
        out[0] = '\0';
}

void clock_format_span(int64_t ms, char out[32])
{
    int64_t s = (ms + 500) / 1000;

    if (ms < 1000)
        (void)snprintf(out, 32, "%" PRId64 " ms", ms);
    else if (ms < 60 * 1000 - 50) /* what would be shown as 60.0 s is a minute */
        (void)snprintf(out, 32, "%.1f s", (double)ms / 1000.0);
    else if (s < 3600)
        (void)snprintf(out, 32, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
    else
        (void)snprintf(out, 32, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
}
