/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kelp_stream.h"

#include <string.h>

static void read_start(struct reading *r, const json_t *event)
{
    reading_session(r, json_get_string(event, "session", NULL));
    reading_set(&r->model, json_get_string(event, "model", NULL));
    int64_t window = reading_count(event, "context_window");
    if (window)
        r->context_window = window;
}

static void read_text(struct reading *r, const json_t *event)
{
    const char *text = json_get_string(event, "text", "");

    if (json_get_bool(event, "delta", false))
        reading_say_more(r, text);
    else
        reading_say(r, text);
}

static void read_tool(struct reading *r, const json_t *event)
{
    reading_does(r, json_get_string(event, "name", "tool"), json_get_string(event, "detail", NULL));
}

static void read_tool_result(struct reading *r, const json_t *event)
{
    reading_called(r, json_get_bool(event, "denied", false));
}

static void read_usage(struct reading *r, const json_t *event)
{
    int64_t context = reading_count(event, "context");
    const struct token_counts used = {
        .input = reading_count(event, "input"),
        .cached = reading_count(event, "cached"),
        .output = reading_count(event, "output"),
        .reasoning = reading_count(event, "reasoning"),
    };

    tokens_add(&r->used, &used);
    if (context)
        r->context_tokens = context;
    reading_costs(r, json_get_number(event, "usd", -1));
}

/* It tries again by itself; only for as long as that lasts is it limited. */
static void read_wait(struct reading *r, const json_t *event)
{
    reading_waits(r, 0, json_get_string(event, "message", "for its provider"),
                  reading_count(event, "seconds") * 1000);
    (void)attempt_error_parse(json_get_string(event, "error", ""), &r->limit); /* if it says */
}

static void read_error(struct reading *r, const json_t *event)
{
    const char *message = json_get_string(event, "message", "an error without a message");
    enum attempt_error error = ERROR_NONE;

    if (!attempt_error_parse(json_get_string(event, "error", ""), &error) || error == ERROR_NONE)
        error = reading_classify(0, message);
    reading_fails(r, error, message);
    int64_t after_ms = reading_count(event, "retry_after_ms");
    if (after_ms)
        r->retry_after_ms = after_ms;
}

static void read_end(struct reading *r, const json_t *event)
{
    const char *text = json_get_string(event, "text", "");
    json_t *answer = json_object_get(event, "answer");

    r->final = true;
    if (*text)
        reading_say(r, text);
    if (answer && !json_is_null(answer)) {
        json_decref(r->answer);
        r->answer = json_incref(answer);
    }
    if (strcmp(json_get_string(event, "status", "failed"), "ok") != 0)
        reading_fails(r, ERROR_FAILED, *text ? text : "it says that it failed");
}

static const struct {
    const char *type;
    void (*read)(struct reading *r, const json_t *event);
} types[] = {
    {"start", read_start}, {"text", read_text},
    {"tool", read_tool},   {"tool_result", read_tool_result},
    {"usage", read_usage}, {"wait", read_wait},
    {"error", read_error}, {"end", read_end},
};

static void read_event(struct reading *r, const json_t *event)
{
    const char *type = json_get_string(event, "type", "");

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (strcmp(types[i].type, type) != 0)
            continue;
        r->limited = false;
        types[i].read(r, event);
    }
}

static void read_exit(struct reading *r, const struct reading_exit *exit)
{
    AUTO_FREE char *message = NULL;

    if (exit->exit_code <= 0 || (r->error != ERROR_NONE && r->error != ERROR_FAILED))
        return;
    message =
        text_format("exit status %d: %s", exit->exit_code, reading_last_line(exit->stderr_tail));
    if (r->final)
        reading_fails(r, ERROR_FAILED, message);
    else if (reading_classify(0, exit->stderr_tail) != ERROR_FAILED)
        reading_fails(r, reading_classify(0, exit->stderr_tail), message);
}

const struct stream_reader kelp_reader = {.event = read_event, .end = read_exit};
