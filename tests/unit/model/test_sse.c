/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sse.h"

#include <criterion/criterion.h>
#include <string.h>

static void note(void *context, const char *data, size_t length)
{
    struct text *seen = context;

    cr_assert_eq(strlen(data), length);
    text_printf(seen, "[%s]", data);
}

static const struct {
    const char *stream, *events;
} cases[] = {
    {"data: a\n\ndata: b\n\n", "[a][b]"},
    {"data: a\r\n\r\ndata: b\r\n\r\n", "[a][b]"},
    {"data: a\r\rdata: b\r\r", "[a][b]"},
    {"data:a\n\n", "[a]"},
    {"data:  a\n\n", "[ a]"},
    {"data: a\ndata: b\n\n", "[a\nb]"},
    {"data\n\n", "[]"},
    {": keep-alive\n\n: keep-alive\n\ndata: a\n\n", "[a]"},
    {"event: ping\nid: 7\nretry: 10\ndata: a\n\n", "[a]"},
    {"event: ping\n\n", ""},
    {"data: a", "[a]"},
    {"data: a\n", "[a]"},
    {"database: a\n\n", ""},
    {"\n\n\n", ""},
    {"", ""},
};

/* Every stream is cut once at each of its bytes: the events are the same. */
Test(sse, table)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].stream);
        for (size_t cut = 0; cut <= length; cut++) {
            AUTO_TEXT seen = {0};
            struct sse s = {.take = note, .context = &seen};
            sse_feed(&s, cases[i].stream, cut);
            sse_feed(&s, cases[i].stream + cut, length - cut);
            sse_end(&s);
            cr_assert_str_eq(text_get(&seen), cases[i].events, "case %zu cut at %zu", i, cut);
            sse_free(&s);
        }
    }
}

Test(sse, too_long)
{
    AUTO_TEXT seen = {0};
    AUTO_TEXT block = {0};
    struct sse s = {.take = note, .context = &seen};

    while (block.length < SSE_EVENT_MAX / 4)
        text_add(&block, "data: 0123456789012345678901234567890123456789\n");
    for (int i = 0; i < 6; i++)
        sse_feed(&s, text_get(&block), block.length);
    sse_feed(&s, "\n\ndata: later\n\n", 15);
    sse_end(&s);
    cr_assert(s.too_long);
    cr_assert_eq(seen.length, 0);
    sse_free(&s);
}
