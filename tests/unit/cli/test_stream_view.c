/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/stream_view.h"

#include <criterion/criterion.h>
#include <string.h>

static const char stream[] =
    "{\"type\":\"start\",\"version\":1,\"session\":\"s\",\"model\":\"m\"}\n"
    "{\"type\":\"text\",\"text\":\"I look\"}\n"
    "{\"type\":\"tool\",\"id\":\"1\",\"name\":\"read\",\"detail\":\"a.c\"}\n"
    "{\"type\":\"tool_result\",\"id\":\"1\",\"ok\":true}\n"
    "a line that is no event\n"
    "{\"type\":\"tool\",\"id\":\"2\",\"name\":\"run\",\"detail\":\"echo hush-hush\"}\n"
    "{\"type\":\"text\",\"text\":\"It is \",\"delta\":true}\n"
    "{\"type\":\"text\",\"text\":\"mended\\u001b[2J\",\"delta\":true}\n"
    "{\"type\":\"end\",\"status\":\"ok\"}\n";

static void show(size_t piece, struct text *out)
{
    static const char *values[] = {"hush-hush"};
    const struct strings secrets = {values, 1};
    AUTO_ARENA a = {0};
    struct redact redact;

    redact_init(&redact, &secrets, &a);
    struct stream_view *v = stream_view_new(driver_builtin_find("model"), &redact);
    for (size_t at = 0; at < sizeof stream - 1; at += piece)
        stream_view_feed(v, stream + at,
                         sizeof stream - 1 - at < piece ? sizeof stream - 1 - at : piece, out);
    stream_view_free(v);
}

Test(stream_view, tools_are_marked_and_text_is_as_it_is_said)
{
    AUTO_TEXT out = {0};

    show(sizeof stream, &out);
    cr_expect_str_eq(text_get(&out), "I look\n"
                                     "> read a.c\n"
                                     "> run echo *********\n"
                                     "It is mended\\x1b[2J");
}

Test(stream_view, wherever_it_is_cut)
{
    AUTO_TEXT whole = {0};

    show(sizeof stream, &whole);
    for (size_t piece = 1; piece < 40; piece++) {
        AUTO_TEXT out = {0};
        show(piece, &out);
        cr_expect_str_eq(text_get(&out), text_get(&whole), "in pieces of %zu", piece);
    }
}
