/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the drivers read in the recorded streams of the real programs, however the bytes are cut,
 * and that no stream without its end is taken for a success.
 */
#include "streams.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *stream;
    int exit_code;
    const char *reading; /* see stream_describe */
} streams[] = {
#include "streams.inc" /* one row a stream */
};

static const struct driver *driver_of(const char *stream)
{
    AUTO_TEXT name = {0};

    text_add_n(&name, stream, strcspn(stream, "-"));
    const struct driver *driver = driver_builtin_find(name.data);
    cr_assert_not_null(driver, "%s", name.data);
    return driver;
}

Test(streams, each_is_understood)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        AUTO_TEXT bytes = {0};
        AUTO_TEXT found = {0};
        AUTO_READING r;
        struct reading_exit exit = {.exit_code = streams[i].exit_code, .stderr_tail = ""};

        stream_load(streams[i].stream, &bytes);
        reading_begin(&r, driver_of(streams[i].stream)->reader, NULL);
        reading_feed(&r, bytes.data, bytes.length);
        reading_end(&r, &exit);
        stream_describe(&r, &found);
        cr_expect_str_eq(found.data, streams[i].reading, "%s:\n    %s", streams[i].stream,
                         found.data);
    }
}
