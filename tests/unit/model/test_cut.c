/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every answer is cut at every byte: the program comes to its end with a success or with an error
 * that has its kind, and a call that was cut is not carried out.
 */
#include "model/turns.h"
#include "server.h"
#include "temp_dir.h"

#define STATUS_LINE "HTTP/1.1 200 OK\r\n"
#define HEAD STATUS_LINE "Content-Type: text/event-stream\r\n\r\n"
#define JSON_HEAD STATUS_LINE "Content-Type: application/json\r\n\r\n"
static const char chat_calls[] =
    HEAD ": keep-alive\r\n\r\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"I "
         "write.\"}}]}\r\n\r\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\","
         "\"function\":{\"name\":\"write\",\"arguments\":\"\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
         "\"function\":{\"arguments\":\"{\\\"path\\\":\\\"made\\\",\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
         "\"function\":{\"arguments\":\"\\\"content\\\":\\\"whole\\\"}\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"c2\","
         "\"function\":{\"name\":\"list\",\"arguments\":\"{}\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
         "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}\n\n"
         "data: [DONE]\n\n";
static const char chat_end[] =
    HEAD "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Done.\"},\"finish_reason\":"
         "\"stop\"}]}\n\ndata: [DONE]\n\n";
static const char chat_whole[] = JSON_HEAD
    "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"\",\"function\":"
    "{\"name\":\"write\",\"arguments\":{\"path\":\"made\",\"content\":\"whole\"}}}]},"
    "\"finish_reason\":\"stop\"}]}";
static const char messages_calls[] =
    HEAD "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
         "{\"input_tokens\":9}}}\n\n"
         "event: ping\ndata: {\"type\":\"ping\"}\n\n"
         "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
         "\"thinking\",\"thinking\":\"\"}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
         "\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
         "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":"
         "\"tool_use\",\"id\":\"t1\",\"name\":\"write\",\"input\":{}}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
         "\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"made\\\",\"}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
         "\"input_json_delta\",\"partial_json\":\"\\\"content\\\":\\\"whole\\\"}\"}}\n\n"
         "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":"
         "{\"output_tokens\":3}}\n\n"
         "data: {\"type\":\"message_stop\"}\n\n";
static const char messages_end[] =
    JSON_HEAD "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Done.\"}],"
              "\"stop_reason\":\"end_turn\"}";

static const struct recording {
    const char *what;
    const struct api *api;
    const char *calls; /* the first answer, which is cut */
    size_t length;
    const char *end; /* the second */
} recordings[] = {
    {"chat", &api_chat, chat_calls, sizeof chat_calls - 1, chat_end},
    {"chat, not streamed", &api_chat, chat_whole, sizeof chat_whole - 1, chat_end},
    {"messages", &api_messages, messages_calls, sizeof messages_calls - 1, messages_end},
};

struct cut {
    const struct recording *recording;
    size_t bytes;
    unsigned requests;
};

static void choose(void *context, const char *request, struct text *answer)
{
    struct cut *cut = context;

    cut->requests++;
    if (strstr(request, "tool_call_id") || strstr(request, "tool_result"))
        text_add(answer, cut->recording->end);
    else
        text_add_n(answer, cut->recording->calls, cut->bytes);
}

struct seen {
    bool ok, made;
    struct text events;
};

static void run(const struct server *server, const struct api *api, const char *dir,
                struct seen *ret)
{
    AUTO_FREE char *path = os_path(dir, "made");
    AUTO_FAULT f = {0};
    struct inside inside;
    struct toolbox box = {.inside = &inside};
    struct endpoint endpoint = {.api = api,
                                .base = mem_string(server->url),
                                .http = http_new(),
                                .stall_s = server->holds ? 1 : 20,
                                .limit_s = 30};
    const struct turns_options options = {
        .model = "m", .instructions = "i", .prompt = "p", .max_turns = 5};
    char *events = NULL;
    size_t length = 0;
    struct emit emit = {.out = open_memstream(&events, &length)};
    AUTO_TEXT made = {0};

    *ret = (struct seen){0};
    (void)unlink(path);
    cr_assert_eq(inside_init(&inside, dir, &f), 0, "%s", f.message);
    ret->ok = turns_run(&endpoint, &box, &options, &emit);
    (void)fclose(emit.out);
    text_add_n(&ret->events, events, length);
    free(events);
    ret->made = os_exists(path);
    if (ret->made) {
        cr_assert_eq(os_read_file(path, 100, &made, &f), 0);
        cr_assert_str_eq(text_get(&made), "whole");
    }
    inside_fini(&inside);
    endpoint_fini(&endpoint);
}

static void check(const struct cut *cut, const struct seen *seen)
{
    const char *events = text_get(&seen->events);
    const char *what = cut->recording->what;

    cr_assert_not_null(strstr(events, "{\"type\":\"end\""), "%s at %zu: %s", what, cut->bytes,
                       events);
    /* It is done only where it is told so, and told to have failed where nothing was done. */
    cr_assert_eq(seen->ok, strstr(events, "\"status\":\"ok\"") != NULL);
    cr_assert_eq(seen->ok, seen->made, "%s at %zu: %s", what, cut->bytes, events);
    cr_assert_eq(!seen->ok, strstr(events, "\"error\":\"transient\"") != NULL, "%s at %zu: %s",
                 what, cut->bytes, events);
    /* Without a status line it was no answer: the connection is made once more. */
    bool begun = cut->bytes >= strlen(STATUS_LINE);
    cr_assert_eq(cut->requests, seen->ok || !begun ? 2 : 1, "%s at %zu", what, cut->bytes);
}

static void cut_everywhere(const struct recording *recording, bool reset)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    struct cut cut = {.recording = recording};
    struct server server = {.choose = choose, .context = &cut, .reset = reset};
    size_t good = 0;

    server_begin(&server);
    for (; cut.bytes <= recording->length; cut.bytes++) {
        struct seen seen;
        cut.requests = 0;
        run(&server, recording->api, dir, &seen);
        check(&cut, &seen);
        good += seen.ok;
        text_free(&seen.events);
    }
    server_end(&server);
    cr_assert_gt(good, 0, "%s: the whole answer is good", recording->what);
    cr_assert_lt(good, recording->length / 2);
}

Test(cut, chat, .timeout = 120)
{
    cut_everywhere(&recordings[0], false);
}

Test(cut, chat_not_streamed, .timeout = 120)
{
    cut_everywhere(&recordings[1], false);
}

/* The same answer as HTTP/1.1 sends what has no length, in pieces that end anywhere. */
Test(cut, chat_in_chunks, .timeout = 120)
{
    enum { PIECE = 100 };
    AUTO_TEXT chunked = {0};
    struct recording recording = recordings[0];
    const char *body = chat_calls + strlen(HEAD);

    text_add_n(&chunked, HEAD, strlen(HEAD) - 2);
    text_add(&chunked, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t length; (length = strnlen(body, PIECE)) > 0; body += length)
        text_printf(&chunked, "%zx\r\n%.*s\r\n", length, (int)length, body);
    text_add(&chunked, "0\r\n\r\n");
    recording.what = "chat, in chunks";
    recording.calls = text_get(&chunked);
    recording.length = chunked.length;
    cut_everywhere(&recording, false);
}

Test(cut, chat_by_reset, .timeout = 120)
{
    cut_everywhere(&recordings[0], true);
}

Test(cut, messages, .timeout = 120)
{
    cut_everywhere(&recordings[2], false);
}

/* Instead of ending, the answer just stops; before it has begun and in its middle. */
Test(cut, silence, .timeout = 120)
{
    static const size_t stops[] = {0, 200};
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    struct cut cut = {.recording = &recordings[0]};
    struct server server = {.choose = choose, .context = &cut, .holds = true};

    server_begin(&server);
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        struct seen seen;
        cut.bytes = stops[i];
        cut.requests = 0;
        run(&server, &api_chat, dir, &seen);
        cr_expect_not(seen.ok || seen.made);
        cr_expect_not_null(strstr(text_get(&seen.events), "\"error\":\"transient\""), "%s",
                           text_get(&seen.events));
        cr_expect_eq(cut.requests, 1, "silence is not asked again");
        text_free(&seen.events);
    }
    server_end(&server);
}
