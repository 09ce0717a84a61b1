/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded streams of real programs, replayed through the reader of their driver. */
#ifndef KELP_TEST_STREAMS_H
#define KELP_TEST_STREAMS_H

#include "agent/driver.h"
#include "base/os.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of tests/unit/agent/streams/NAME. */
static inline void stream_load(const char *name, struct text *ret)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *path =
        text_format("%s/tests/unit/agent/streams/%s", getenv("KELP_TEST_SOURCE"), name);

    if (os_read_file(path, 1 << 20, ret, &f) < 0)
        bug("%s", f.message);
}

/* The reading as one line, so that a table of tests can say all of it. */
static inline void stream_describe(const struct reading *r, struct text *t)
{
    text_printf(t, "%s%s|", r->error ? attempt_error_name(r->error) : "ok",
                r->final ? "" : " (no end)");
    text_printf(t, "%s|", text_get(&r->message));
    text_printf(t, "%s|", text_get(&r->text));
    text_printf(t, "%s|", text_get(&r->activity));
    text_printf(t, "tools %u-%u|", r->tool_calls, r->denied);
    text_printf(t, "%jd+%jd+%jd(%jd)|", (intmax_t)r->used.input, (intmax_t)r->used.cached,
                (intmax_t)r->used.output, (intmax_t)r->used.reasoning);
    text_printf(t, "$%g%s|", r->usd, r->cumulative || r->cumulative_usd ? " in all" : "");
    text_printf(t, "context %jd/%jd", (intmax_t)r->context_tokens, (intmax_t)r->context_window);
    if (r->retry_after_ms)
        text_printf(t, "|again in %jd", (intmax_t)r->retry_after_ms);
}

/* Reads lines as a driver does. The caller frees the reading. */
static inline void stream_read(const char *driver, const char *lines, int exit_code,
                               const char *standard_error, struct reading *ret)
{
    struct reading_exit exit = {.exit_code = exit_code, .stderr_tail = standard_error};

    reading_begin(ret, driver_builtin_find(driver)->reader, NULL);
    ret->work = "/copy";
    reading_feed(ret, lines, strlen(lines));
    reading_end(ret, &exit);
}

#endif
