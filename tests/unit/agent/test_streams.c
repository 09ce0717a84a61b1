/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the drivers read in the recorded streams of the real programs, however the bytes are cut,
 * and that no stream without its end is taken for a success.
 */
#include "streams.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
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

static struct reading_exit exit_of(size_t i)
{
    int exit_code = streams[i].exit_code;

    return (struct reading_exit){
        .exit_code = exit_code,
        .signal = exit_code < 0 ? SIGTERM : 0,
        .stderr_tail = "",
    };
}

/* Fed in pieces of random length, up to `most` bytes each. */
static void read_in_pieces(size_t i, const struct text *bytes, size_t most, unsigned *seed,
                           struct reading *ret)
{
    struct reading_exit exit = exit_of(i);
    size_t done = 0;

    reading_begin(ret, driver_of(streams[i].stream)->reader, NULL);
    while (done < bytes->length) {
        size_t piece = 1 + (size_t)rand_r(seed) % most;
        if (piece > bytes->length - done)
            piece = bytes->length - done;
        reading_feed(ret, bytes->data + done, piece);
        done += piece;
    }
    reading_end(ret, &exit);
}

Test(streams, each_is_understood_however_it_is_cut)
{
    static const size_t pieces[] = {1 << 20, 1, 7, 4096};
    unsigned seed = 1;

    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        AUTO_TEXT bytes = {0};
        stream_load(streams[i].stream, &bytes);
        for (size_t k = 0; k < COUNT_OF(pieces); k++) {
            AUTO_READING r;
            AUTO_TEXT found = {0};
            read_in_pieces(i, &bytes, pieces[k], &seed, &r);
            stream_describe(&r, &found);
            cr_expect_str_eq(found.data, streams[i].reading, "%s:\n    %s", streams[i].stream,
                             found.data);
        }
    }
}

Test(streams, the_last_line_needs_no_end)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        AUTO_TEXT bytes = {0};
        AUTO_TEXT found = {0};
        AUTO_READING r;
        unsigned seed = 1;
        stream_load(streams[i].stream, &bytes);
        text_cut(&bytes, bytes.length - 1);
        read_in_pieces(i, &bytes, 1 << 20, &seed, &r);
        stream_describe(&r, &found);
        cr_expect_str_eq(found.data, streams[i].reading);
    }
}

/* How nice the exit status is does not matter: only the final event is an end. */
Test(streams, cut_before_the_end_they_are_no_success)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        AUTO_TEXT bytes = {0};
        struct reading_exit nice = {.stderr_tail = ""};
        stream_load(streams[i].stream, &bytes);
        for (size_t cut = 0; cut + 2 < bytes.length; cut++) {
            if (cut && bytes.data[cut - 1] != '\n')
                continue;
            AUTO_READING r;
            reading_begin(&r, driver_of(streams[i].stream)->reader, NULL);
            reading_feed(&r, bytes.data, cut);
            reading_end(&r, &nice);
            cr_expect_neq(r.error, ERROR_NONE, "%s at %zu", streams[i].stream, cut);
            cr_expect_gt(r.message.length, 0);
        }
    }
}

/* A killed program may have printed its final event before. */
Test(streams, a_signal_is_no_success)
{
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        AUTO_TEXT bytes = {0};
        AUTO_READING r;
        struct reading_exit killed = {.exit_code = -1, .signal = SIGKILL, .stderr_tail = ""};
        stream_load(streams[i].stream, &bytes);
        reading_begin(&r, driver_of(streams[i].stream)->reader, NULL);
        reading_feed(&r, bytes.data, bytes.length);
        reading_end(&r, &killed);
        cr_expect_neq(r.error, ERROR_NONE, "%s", streams[i].stream);
    }
}
