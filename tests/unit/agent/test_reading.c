/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reading.h"

#include <criterion/criterion.h>
#include <string.h>

/* A reader that says what it was given. */
static void note_event(struct reading *r, const json_t *event)
{
    if (json_at_bool(event, "final", false))
        r->final = true;
    reading_say_more(r, json_at_string(event, "say", ""));
}

static void note_plain(struct reading *r, const char *line, size_t length)
{
    AUTO_FREE char *copy = mem_string_n(line, length);

    reading_say_more(r, "<");
    reading_say_more(r, copy);
    reading_say_more(r, ">");
}

static const struct stream_reader noting = {.event = note_event, .plain = note_plain};

static void read_all(const char *bytes, const struct reading_exit *exit, struct reading *ret)
{
    reading_begin(ret, &noting, NULL);
    reading_feed(ret, bytes, strlen(bytes));
    reading_end(ret, exit);
}

static const struct reading_exit well = {.stderr_tail = ""};

Test(reading, lines)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"{\"say\":\"a\"}\n{\"say\":\"b\"}\n", "ab"},
        {"{\"say\":\"a\"}\r\n{\"say\":\"b\"}", "ab"},
        {"\n \n{\"say\":\"a\"} \t\n", "a"},
        {"plain\n[1]\n{broken\n\"s\"\n", "<plain><[1]><{broken><\"s\">"},
        {"{\"say\":7}\n{}\n", ""},
        {"{\"say\":\"cut \\ud83d\"}\n", "cut \xEF\xBF\xBD"},
        {"{\"say\":\"a\\u0000b\"}\n", "a\xEF\xBF\xBD"
                                      "b"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        read_all(cases[i].bytes, &well, &r);
        cr_expect_str_eq(text_get(&r.text), cases[i].text, "%s", text_get(&r.text));
    }
}

Test(reading, a_line_that_is_too_long_is_passed_over)
{
    static const char next[] = "\n{\"say\":\"next\",\"final\":true}\n";
    AUTO_READING r;
    AUTO_FREE char *block = mem_alloc(1 << 20);

    memset(block, 'x', 1 << 20);
    reading_begin(&r, &noting, NULL);
    for (size_t fed = 0; fed <= READING_LINE_MAX; fed += 1 << 20)
        reading_feed(&r, block, 1 << 20);
    reading_feed(&r, next, strlen(next));
    reading_end(&r, &well);
    cr_expect_str_eq(text_get(&r.text), "next");
    cr_expect_eq(r.long_lines, 1);
    cr_expect_eq(r.error, ERROR_NONE);
}

Test(reading, how_it_ends)
{
    static const struct {
        const char *bytes;
        struct reading_exit exit;
        enum attempt_error error;
        const char *message;
    } cases[] = {
        {"{\"final\":true}", {.stderr_tail = ""}, ERROR_NONE, ""},
        {"", {.stderr_tail = ""}, ERROR_CRASH, "its output ended before its last word"},
        {"{\"final\":true}", {-1, 9, false, ""}, ERROR_CRASH, "it was ended by signal 9"},
        {"{\"final\":true}", {-1, 0, true, ""}, ERROR_CRASH, "nobody saw its end"},
        {"", {1, 0, false, "warning\nerror: it broke\n"}, ERROR_CRASH, "error: it broke"},
        {"", {1, 0, false, "status 401\nsee the log\n    at x\n"}, ERROR_AUTH, "status 401"},
        {"",
         {1, 0, false, "read ECONNRESET\ntry again in 3s: rate limit\n"},
         ERROR_RATE_LIMIT,
         "try again in 3s: rate limit"},
        {"{\"final\":true}", {0, 0, false, "status 401\n"}, ERROR_NONE, ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        read_all(cases[i].bytes, &cases[i].exit, &r);
        cr_expect_eq(r.error, cases[i].error, "case %zu: %s", i, attempt_error_name(r.error));
        cr_expect_str_eq(text_get(&r.message), cases[i].message);
    }
}

Test(reading, the_first_error_stays_unless_another_is_more_exact)
{
    static const struct {
        enum attempt_error first, second, expected;
    } cases[] = {
        {ERROR_FAILED, ERROR_AUTH, ERROR_AUTH},
        {ERROR_AUTH, ERROR_QUOTA, ERROR_AUTH},
        {ERROR_AUTH, ERROR_FAILED, ERROR_AUTH},
        {ERROR_FAILED, ERROR_FAILED, ERROR_FAILED},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        reading_begin(&r, &noting, NULL);
        reading_fails(&r, cases[i].first, "first\nand more");
        reading_fails(&r, cases[i].second, "second");
        cr_expect_eq(r.error, cases[i].expected);
        cr_expect_str_eq(text_get(&r.message),
                         cases[i].first == cases[i].expected ? "first" : "second");
    }
}

Test(reading, the_answer_is_the_last_message_if_it_is_one_object)
{
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        {"{\"a\":1}", true},
        {" \n{\"a\":1}\n", true},
        {"```json\n{\"a\":1}\n```\n", true},
        {"```\n{}\n```", true},
        {"[1]", false},
        {"Here: {\"a\":1}", false},
        {"{\"a\":1} so", false},
        {"", false},
        {"{", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        reading_begin(&r, &noting, NULL);
        reading_say(&r, cases[i].text);
        reading_end(&r, &well);
        cr_expect_eq(r.answer != NULL, cases[i].found, "%s", cases[i].text);
    }
}

Test(reading, what_it_does_is_one_short_line)
{
    AUTO_READING r;
    AUTO_TEXT detail = {0};

    reading_begin(&r, &noting, NULL);
    reading_does(&r, "Run", "make\nmake test");
    cr_expect_str_eq(text_get(&r.activity), "Run make");
    reading_does(&r, "a\tb\x1b[31m", NULL);
    cr_expect_str_eq(text_get(&r.activity), "a b [31m");
    for (int i = 0; i < 200; i++)
        text_add(&detail, "\xC3\xA9");
    reading_does(&r, "Run", detail.data);
    cr_expect_leq(r.activity.length, READING_ACTIVITY_MAX);
    cr_expect_eq(text_utf8_valid(r.activity.data, r.activity.length), r.activity.length);
}

Test(reading, what_a_tool_works_on)
{
    static const struct {
        const char *input, *activity;
    } cases[] = {
        {"{\"file_path\":\"/copy/src/a.c\",\"content\":\"x\"}", "T src/a.c"},
        {"{\"filePath\":\"/copyright/a.c\"}", "T /copyright/a.c"},
        {"{\"command\":\"make\",\"description\":\"Build it\"}", "T make"},
        {"{\"prompt\":\"long\",\"description\":\"Look\"}", "T Look"},
        {"{\"command\":7}", "T"},
        {"[]", "T"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        AUTO_FAULT f = {0};
        json_auto_t *input = NULL;
        cr_assert_eq(json_parse(cases[i].input, strlen(cases[i].input), "x", &input, &f), 0);
        reading_begin(&r, &noting, NULL);
        r.work = "/copy";
        reading_calls(&r, "T", input);
        cr_expect_str_eq(text_get(&r.activity), cases[i].activity);
    }
}

Test(reading, counts_are_never_below_nothing)
{
    static const char text[] = "{\"a\":5,\"b\":-5,\"c\":1e300,\"d\":\"5\",\"e\":2.9,\"f\":null}";
    AUTO_FAULT f = {0};
    json_auto_t *event = NULL;

    cr_assert_eq(json_parse(text, strlen(text), "x", &event, &f), 0);
    cr_expect_eq(reading_count(event, "a"), 5);
    cr_expect_eq(reading_count(event, "b"), 0);
    cr_expect_eq(reading_count(event, "c"), INT64_C(1000000000000));
    cr_expect_eq(reading_count(event, "d"), 0);
    cr_expect_eq(reading_count(event, "e"), 2);
    cr_expect_eq(reading_count(event, "f"), 0);
    cr_expect_eq(reading_count(event, "g"), 0);
}

Test(reading, a_provider_that_it_waits_for_is_the_reason)
{
    AUTO_READING r;

    reading_begin(&r, &noting, NULL);
    reading_waits(&r, 429, "slow down", 5000);
    cr_expect(r.limited);
    reading_end(&r, &well);
    cr_expect_eq(r.error, ERROR_RATE_LIMIT);
    cr_expect_eq(r.retry_after_ms, 5000);
    cr_expect_not(r.limited);
}

Test(reading, a_message_in_json_is_taken_out_of_it)
{
    static const struct {
        const char *given, *shown;
    } cases[] = {
        {"[API Error: {\"error\":{\"code\":401,\"message\":\"no\"}}]", "no"},
        {"400 {\"message\":\"bad\"}", "bad"},
        {"{\"other\":1}", "{\"other\":1}"},
        {"} {", "} {"},
        {"plain", "plain"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        reading_begin(&r, &noting, NULL);
        reading_fails_by(&r, 0, cases[i].given);
        cr_expect_str_eq(text_get(&r.message), cases[i].shown);
    }
}

Test(reading, a_session_is_a_plain_word)
{
    AUTO_TEXT huge = {0};
    while (huge.length <= READING_SESSION_MAX)
        text_add_char(&huge, 'x');
    const char *const refused[] = {NULL, "", "-s", "--resume", "a b", "a\nb", "a;b", huge.data};
    AUTO_READING r;

    reading_begin(&r, &noting, NULL);
    reading_session(&r, "ses_4f2a-1.b:c");
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        reading_session(&r, refused[i]);
    cr_expect_str_eq(r.session, "ses_4f2a-1.b:c");
}
