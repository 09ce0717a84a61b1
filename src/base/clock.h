/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way to ask what time it is. The simulator has a clock of its own.
 * Times are milliseconds since 1970 (UTC) that never step back while the program
 * runs: the real clock reads CLOCK_REALTIME once and counts on with CLOCK_MONOTONIC. So nobody
 * exceeds a limit because the machine slept, which CLOCK_MONOTONIC leaves out, or because its date
 * was set; what is told as a time of day lags behind by as much until the program starts anew.
 */
#ifndef KELP_BASE_CLOCK_H
#define KELP_BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*now_ms)(struct clock *clock);
    int64_t offset_ms; /* real clock only: CLOCK_REALTIME - CLOCK_MONOTONIC at clock_real_init */
};

void clock_real_init(struct clock *clock);
int64_t clock_now_ms(struct clock *clock);

/* "2026-11-22T11:17:32Z"; `out` holds at least 21 bytes. */
void clock_format_utc(int64_t ms, char out[21]);
/* "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min", of a span that is not negative; `out` holds at
 * least 32 bytes. */
void clock_format_span(int64_t ms, char out[32]);

#endif
