/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kelp_stream.h"

#include <criterion/criterion.h>
#include <string.h>

static const char stream[] =
    "this is no event\n"
    "{\"type\":\"start\",\"version\":1,\"session\":\"S\",\"model\":\"M\",\"context_window\":1000}\n"
    "{\"type\":\"text\",\"text\":\"I lo\"}\n"
    "{\"type\":\"text\",\"text\":\"ok.\",\"delta\":true}\n"
    "{\"type\":\"thinking\"}\n"
    "{\"type\":\"news\",\"of\":\"a later version\"}\n"
    "{\"type\":\"usage\",\"input\":10,\"cached\":20,\"output\":5,\"reasoning\":2,\"context\":35}\n"
    "{\"type\":\"tool\",\"id\":\"1\",\"name\":\"edit\",\"detail\":\"src/x.c\"}\n"
    "{\"type\":\"tool_result\",\"id\":\"1\",\"ok\":true}\n"
    "{\"type\":\"tool\",\"id\":\"2\",\"name\":\"write\",\"detail\":\"/etc/x\"}\n"
    "{\"type\":\"tool_result\",\"id\":\"2\",\"ok\":false,\"denied\":true}\n"
    "{\"type\":\"usage\",\"input\":1,\"output\":1,\"context\":40,\"usd\":0.5}\n"
    "{\"type\":\"usage\",\"input\":-7,\"output\":1,\"usd\":0.25}\n"
    "{\"type\":\"end\",\"status\":\"ok\",\"text\":\"Done.\",\"answer\":{\"a\":1}}\n";

Test(kelp_stream, whole)
{
    AUTO_READING r;
    static const struct reading_exit good = {.stderr_tail = ""};

    reading_begin(&r, &kelp_reader, NULL);
    reading_feed(&r, stream, strlen(stream));
    reading_end(&r, &good);
    cr_assert_eq(r.error, ERROR_NONE, "%s", text_get(&r.message));
    cr_assert(r.final && r.spoke);
    cr_assert_str_eq(r.session, "S");
    cr_assert_str_eq(r.model, "M");
    cr_assert_str_eq(text_get(&r.text), "Done.");
    cr_assert_str_eq(text_get(&r.activity), "write /etc/x");
    cr_assert_eq(json_get_int(r.answer, "a", 0), 1);
    cr_assert_eq(r.used.input, 11);
    cr_assert_eq(r.used.cached, 20);
    cr_assert_eq(r.used.output, 7);
    cr_assert_eq(r.used.reasoning, 2);
    cr_assert_eq(r.context_tokens, 40);
    cr_assert_eq(r.context_window, 1000);
    cr_assert_float_eq(r.usd, 0.75, 1e-9);
    cr_assert_eq(r.tool_calls, 1);
    cr_assert_eq(r.denied, 1);
}

/* Cut before its last event, it is a crash, wherever the cut is. */
Test(kelp_stream, every_cut)
{
    const char *last = strstr(stream, "{\"type\":\"end\"");

    for (size_t cut = 0; cut < sizeof stream - 2; cut++) {
        AUTO_READING r;
        static const struct reading_exit good = {.stderr_tail = ""};
        reading_begin(&r, &kelp_reader, NULL);
        reading_feed(&r, stream, cut);
        reading_end(&r, &good);
        cr_assert_eq(r.error, ERROR_CRASH, "cut at %zu of %zu", cut, (size_t)(last - stream));
    }
}

static const struct {
    const char *events;
    struct reading_exit exit;
    enum attempt_error error;
    const char *message;
    int64_t retry_after_ms;
} ends[] = {
    {"{\"type\":\"error\",\"error\":\"rate_limit\",\"message\":\"slow\",\"retry_after_ms\":50}\n"
     "{\"type\":\"end\",\"status\":\"failed\",\"text\":\"\"}\n",
     {.exit_code = 1, .stderr_tail = ""},
     ERROR_RATE_LIMIT,
     "slow",
     50},
    {"{\"type\":\"error\",\"error\":\"strange\",\"message\":\"invalid api key\"}\n"
     "{\"type\":\"end\",\"status\":\"failed\"}\n",
     {.exit_code = 1, .stderr_tail = ""},
     ERROR_AUTH,
     "invalid api key",
     0},
    {"{\"type\":\"end\",\"status\":\"failed\",\"text\":\"no way\"}\n",
     {.exit_code = 0, .stderr_tail = ""},
     ERROR_FAILED,
     "no way",
     0},
    {"{\"type\":\"end\",\"status\":\"ok\"}\n",
     {.exit_code = 3, .stderr_tail = "first\nlast\n\n"},
     ERROR_FAILED,
     "exit status 3: last",
     0},
    {"{\"type\":\"end\",\"status\":\"ok\"}\n",
     {.exit_code = -1, .signal = 9, .stderr_tail = ""},
     ERROR_CRASH,
     "it was ended by signal 9",
     0},
    {"{\"type\":\"text\",\"text\":\"a\"}\n",
     {.exit_code = 1, .stderr_tail = "HTTP 401: unauthorized"},
     ERROR_AUTH,
     "exit status 1: HTTP 401: unauthorized",
     0},
    {"{\"type\":\"wait\",\"error\":\"rate_limit\",\"message\":\"slow\",\"seconds\":3}\n"
     "{\"type\":\"end\",\"status\":\"ok\"}\n",
     {.exit_code = 0, .stderr_tail = ""},
     ERROR_NONE,
     "",
     0},
};

Test(kelp_stream, ends)
{
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        AUTO_READING r;
        reading_begin(&r, &kelp_reader, NULL);
        reading_feed(&r, ends[i].events, strlen(ends[i].events));
        reading_end(&r, &ends[i].exit);
        cr_expect_eq(r.error, ends[i].error, "case %zu: %s", i, attempt_error_name(r.error));
        if (ends[i].error != ERROR_NONE) {
            cr_expect_str_eq(text_get(&r.message), ends[i].message);
            cr_expect_eq(r.retry_after_ms, ends[i].retry_after_ms, "case %zu", i);
        }
    }
}

/* Whatever a program says, the sums are numbers. */
Test(kelp_stream, counts_have_a_bound)
{
    static const char usage[] = "{\"type\":\"usage\",\"input\":9223372036854775807}\n";
    static const char start[] = "{\"type\":\"start\",\"context_window\":-5}\n";
    AUTO_READING r;

    reading_begin(&r, &kelp_reader, NULL);
    reading_feed(&r, usage, strlen(usage));
    reading_feed(&r, usage, strlen(usage));
    reading_feed(&r, start, strlen(start));
    cr_assert_eq(r.used.input, INT64_C(2000000000000));
    cr_assert_eq(r.context_window, 0);
}

Test(kelp_stream, limited_while_it_waits)
{
    static const char wait[] = "{\"type\":\"wait\",\"message\":\"slow\"}\n";
    static const char text[] = "{\"type\":\"text\",\"text\":\"a\"}\n";
    AUTO_READING r;

    reading_begin(&r, &kelp_reader, NULL);
    reading_feed(&r, wait, strlen(wait));
    cr_assert(r.limited);
    reading_feed(&r, text, strlen(text));
    cr_assert_not(r.limited);
}
