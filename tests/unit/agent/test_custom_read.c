/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped driver files over the streams that were recorded, and rules over small ones. */
#include "agent/custom.h"
#include "agent/driver.h"
#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct driver *driver_of_text(const char *yaml, struct arena *a)
{
    struct custom *c = ARENA_NEW(a, struct custom);
    AUTO_FAULT f = {0};
    int r = custom_parse(&(struct source){yaml, strlen(yaml), "d.yaml"}, a, c, &f);

    cr_assert_eq(r, 0, "%s", f.message);
    return custom_driver(c, a);
}

static void read_source(const char *path, struct text *ret)
{
    AUTO_FREE char *full = text_format("%s/%s", getenv("KELP_TEST_SOURCE"), path);
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(full, 1024 * 1024, ret, &f), 0, "%s", f.message);
}

static const struct driver *shipped(const char *name, struct arena *a)
{
    AUTO_FREE char *path = text_format("recipes/drivers/%s.yaml", name);
    AUTO_TEXT yaml = {0};

    read_source(path, &yaml);
    return driver_of_text(text_get(&yaml), a);
}

static const struct {
    const char *driver, *stream;
    int exit_code;
    enum attempt_error error;
    const char *message, *text;
    int64_t input, cached, output;
    uint32_t tools;
} recorded[] = {
    {"qwen", "qwen-ok", 0, ERROR_NONE, "", "{\"status\":\"done\",\"files\":[\"hello.txt\"]}", 1601,
     400, 81, 1},
    {"qwen", "qwen-401", 0, ERROR_AUTH, "[API Error: 401 invalid x-api-key]",
     "[API Error: 401 invalid x-api-key]", 0, 0, 0, 0},
    {"qwen", "qwen-500", 0, ERROR_TRANSIENT, "[API Error: 500 scripted server error]",
     "[API Error: 500 scripted server error]", 0, 0, 0, 0},
    {"copilot", "copilot-ok", 0, ERROR_NONE, "", "{\"status\":\"done\",\"files\":[\"hello.txt\"]}",
     0, 0, 0, 1},
    {"copilot", "copilot-401", 1, ERROR_AUTH,
     "Authentication failed with provider at http://127.0.0.1:8711/s/e401~copilot-e401/v1 (HTTP "
     "401).",
     "", 0, 0, 0, 0},
    {"copilot", "copilot-sigterm", 0, ERROR_CRASH, "user_initiated", "", 0, 0, 0, 2},
    {"cline", "cline-ok", 0, ERROR_NONE, "", "{\"status\":\"done\",\"files\":[\"hello.txt\"]}",
     1601, 400, 81, 1},
    {"cline", "cline-e401", 1, ERROR_AUTH, "invalid x-api-key", "", 0, 0, 0, 0},
    {"cline", "cline-e500", 1, ERROR_TRANSIENT, "scripted server error", "", 0, 0, 0, 0},
    {"cline", "cline-term", 0, ERROR_CRASH, "aborted",
     "{\"status\":\"done\",\"files\":[\"hello.txt\"]}", 2403, 600, 123, 2},
};

/* Cut into pieces of `piece` bytes. */
static void feed(struct reading *r, const struct text *stream, size_t piece)
{
    for (size_t at = 0; at < stream->length; at += piece) {
        size_t left = stream->length - at;
        reading_feed(r, stream->data + at, left < piece ? left : piece);
    }
}

Test(custom_read, recorded_streams)
{
    for (size_t i = 0; i < COUNT_OF(recorded); i++) {
        AUTO_ARENA a = {0};
        AUTO_TEXT stream = {0};
        AUTO_READING r;
        const char *name = recorded[i].stream;
        AUTO_FREE char *path = text_format("tests/unit/agent/streams/%s.jsonl", name);
        const struct driver *d = shipped(recorded[i].driver, &a);

        read_source(path, &stream);
        reading_begin(&r, d->reader, d->config);
        feed(&r, &stream, i % 2 ? 7 : 4096);
        reading_end(&r,
                    &(struct reading_exit){.exit_code = recorded[i].exit_code, .stderr_tail = ""});
        cr_expect_eq(r.error, recorded[i].error, "%s: %s", name, attempt_error_name(r.error));
        cr_expect_str_eq(text_get(&r.message), recorded[i].message, "%s: %s", name,
                         text_get(&r.message));
        cr_expect_str_eq(text_get(&r.text), recorded[i].text, "%s: %s", name, text_get(&r.text));
        cr_expect_eq(r.used.input, recorded[i].input, "%s: %lld", name, (long long)r.used.input);
        cr_expect_eq(r.used.cached, recorded[i].cached, "%s", name);
        cr_expect_eq(r.used.output, recorded[i].output, "%s", name);
        cr_expect_eq(r.tool_calls, recorded[i].tools, "%s: %u", name, r.tool_calls);
        cr_expect(r.final, "%s", name);
        cr_expect_not_null(r.session, "%s", name);
        cr_expect_eq(r.usd, -1, "%s: none of them says what it cost", name);
    }
}

/* However nice the exit status: what ends before its last word was ended. */
Test(custom_read, streams_that_are_cut)
{
    for (size_t i = 0; i < COUNT_OF(recorded); i++) {
        AUTO_ARENA a = {0};
        AUTO_TEXT stream = {0};
        AUTO_READING r;
        AUTO_FREE char *path = text_format("tests/unit/agent/streams/%s.jsonl", recorded[i].stream);
        const struct driver *d = shipped(recorded[i].driver, &a);

        read_source(path, &stream);
        if (recorded[i].error != ERROR_NONE)
            continue;
        reading_begin(&r, d->reader, d->config);
        reading_feed(&r, stream.data, stream.length / 2);
        reading_end(&r, &(struct reading_exit){.stderr_tail = ""});
        cr_expect_eq(r.error, ERROR_CRASH, "%s", recorded[i].stream);
    }
}

#define JSONL "name: x\nprogram: x\noutput: jsonl\n"
#define TEXT "name: x\nprogram: x\n"

static const struct {
    const char *yaml, *output, *log;
    int exit_code;
    enum attempt_error error;
    const char *text;
} small[] = {
    {TEXT, "one\n\ntwo  \n", "", 0, ERROR_NONE, "one\ntwo"},
    {TEXT, "{\"a\":1}\nx\n", "", 0, ERROR_NONE, "{\"a\":1}\nx"},
    {TEXT, "x\n", "", 2, ERROR_FAILED, "x"},
    {TEXT, "x\n", "a\nHTTP 429: too many requests\n\n", 1, ERROR_RATE_LIMIT, "x"},
    {TEXT "exit_codes: {7: auth, 8: ok}\n", "x\n", "", 7, ERROR_AUTH, "x"},
    {TEXT "exit_codes: {7: auth, 8: ok}\n", "x\n", "HTTP 429", 8, ERROR_NONE, "x"},
    {TEXT "errors: [{log: Boom, error: quota}]\n", "x\n", "so Boom it went", 0, ERROR_QUOTA, "x"},
    {TEXT "errors: [{log: Boom, error: quota}]\n", "x Boom\n", "", 0, ERROR_QUOTA, "x Boom"},
    {TEXT "errors: [{text: Boom, error: quota}]\n", "x Boom\n", "", 0, ERROR_NONE, "x Boom"},
    {TEXT "output: kelp\nerrors: [{has: 'Error: no key', error: auth}]\n",
     "{\"type\":\"text\",\"text\":\"so: Error: no key\"}\n{\"type\":\"end\",\"status\":\"ok\"}\n",
     "", 0, ERROR_AUTH, "so: Error: no key"},
    {TEXT "output: kelp\n", "{\"type\":\"end\",\"status\":\"ok\",\"text\":\"x\"}\n", "", 0,
     ERROR_NONE, "x"},
    {TEXT "output: kelp\n", "{\"type\":\"text\",\"text\":\"x\"}\n", "", 0, ERROR_CRASH, "x"},
    {JSONL "events: [{delta: d}, {when: {t: end}, final: yes}]\n",
     "noise\n{\"d\":\"a\"}\n{\"d\":\"b\"}\n{\"t\":\"end\"}\n", "", 0, ERROR_NONE, "ab"},
    {JSONL "events: [{when: {t: end}, final: yes}]\n", "{\"t\":\"end\"}\n", "", 3, ERROR_FAILED,
     ""},
    {JSONL "events: [{when: {t: end}, final: yes}]\n", "{\"t\":\"x\"}\n", "no such option", 2,
     ERROR_CRASH, ""},
    {JSONL "events: [{when: {t: end}, final: yes}]\n", "{\"t\":\"x\"}\n", "invalid api key", 2,
     ERROR_AUTH, ""},
    {JSONL "events: [{when: {t: end}, final: yes, error: e, status: s}]\n",
     "{\"t\":\"end\",\"e\":\"no\",\"s\":503}\n", "", 0, ERROR_TRANSIENT, ""},
};

Test(custom_read, rules)
{
    for (size_t i = 0; i < COUNT_OF(small); i++) {
        AUTO_ARENA a = {0};
        AUTO_READING r;
        const struct driver *d = driver_of_text(small[i].yaml, &a);

        reading_begin(&r, d->reader, d->config);
        reading_feed(&r, small[i].output, strlen(small[i].output));
        reading_end(&r, &(struct reading_exit){.exit_code = small[i].exit_code,
                                               .stderr_tail = small[i].log});
        cr_expect_eq(r.error, small[i].error, "%s\n%s: %s", small[i].yaml, small[i].output,
                     attempt_error_name(r.error));
        cr_expect_str_eq(text_get(&r.text), small[i].text, "%s: %s", small[i].yaml,
                         text_get(&r.text));
    }
}

Test(custom_read, usage)
{
    static const char yaml[] =
        JSONL "usage: {output_lacks_reasoning: yes, cumulative: yes}\n"
              "events:\n"
              "  - {input: i, cached: c, output: o, reasoning: r, usd: $, context: x, window: w}\n"
              "  - {when: {t: end}, final: yes, denied: 'no[]', tool: 'did[].n', answer: a}\n";
    static const char stream[] =
        "{\"i\":10,\"c\":2,\"o\":3,\"r\":1,\"$\":0.5,\"x\":15,\"w\":100}\n"
        "{\"i\":1e300,\"c\":-5,\"o\":\"x\",\"$\":0.25}\n"
        "{\"t\":\"end\",\"did\":[{\"n\":\"a\"},{\"n\":\"b\"}],\"no\":[1],\"a\":{\"k\":1}}\n";
    AUTO_ARENA a = {0};
    AUTO_READING r;
    const struct driver *d = driver_of_text(yaml, &a);

    reading_begin(&r, d->reader, d->config);
    reading_feed(&r, stream, strlen(stream));
    reading_end(&r, &(struct reading_exit){.stderr_tail = ""});
    cr_expect_gt(r.used.input, 10, "a number without measure does not overflow");
    cr_expect_eq(r.used.cached, 2);
    cr_expect_eq(r.used.output, 4);
    cr_expect_eq(r.used.reasoning, 1);
    cr_expect_eq(r.usd, 0.75);
    cr_expect_eq(r.context_tokens, 15);
    cr_expect_eq(r.context_window, 100);
    cr_expect(r.cumulative);
    cr_expect_eq(r.tool_calls, 1, "the refused one does not count");
    cr_expect_eq(r.denied, 1);
    cr_expect_eq(json_get_int(r.answer, "k", 0), 1);
    cr_expect_eq(r.error, ERROR_NONE);
}

/* The end of a long log is what it said at last. */
Test(custom_read, long_plain_output)
{
    AUTO_ARENA a = {0};
    AUTO_READING r;
    const struct driver *d = driver_of_text(TEXT, &a);

    reading_begin(&r, d->reader, d->config);
    for (int i = 0; i < 20000; i++) {
        AUTO_FREE char *line = text_format("line %d\n", i);
        reading_feed(&r, line, strlen(line));
    }
    reading_end(&r, &(struct reading_exit){.stderr_tail = ""});
    cr_expect_leq(r.text.length, 64 * 1024);
    cr_expect(text_starts(text_get(&r.text), "line "));
    cr_expect(text_ends(text_get(&r.text), "\nline 19999"));
}
