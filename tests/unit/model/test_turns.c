/* SPDX-License-Identifier: Apache-2.0 */
/* Whole conversations with a server that says what a row says, and what is printed of them. */
#include "model/turns.h"
#include "server.h"
#include "temp_dir.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define STATUS(status, headers, body) "HTTP/1.1 " status " X\r\n" headers "\r\n" body
#define SAYS(text, reason)                                                                 \
    OK "{\"choices\":[{\"message\":{\"content\":\"" text "\"},\"finish_reason\":\"" reason \
       "\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}"
#define CALLS(name, arguments, reason)                                               \
    OK "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"c\"," \
       "\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}}]},"    \
       "\"finish_reason\":\"" reason "\"}]}"
#define MESSAGE(text)                                                                   \
    OK "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]," \
       "\"stop_reason\":\"end_turn\"}"

enum { ANSWERS_MAX = 8 };

static const struct script {
    const char *what;
    const char *answers[ANSWERS_MAX]; /* in order; the last is repeated */
    const char *events;               /* have to be in what is printed */
    const char *asked;                /* has to be in the last request; NULL: anything */
    unsigned requests;
    bool ok;
    bool guessed;
    const char *schema;
    int64_t max_turns, max_tokens, window;
    size_t prompt_bytes;
} scripts[] = {
    {"a plain answer",
     {SAYS("Hello.", "stop")},
     "\"type\":\"text\",\"text\":\"Hello.\"}\n{\"type\":\"usage\",\"input\":100,\"cached\":0,"
     "\"output\":10,\"reasoning\":0,\"context\":110}\n{\"type\":\"end\",\"status\":\"ok\",\"text\":"
     "\"Hello.\"}",
     NULL,
     1,
     true},
    {"a call and its result",
     {CALLS("list", "{}", "stop"), SAYS("Done.", "stop")},
     "{\"type\":\"tool\",\"id\":\"c\",\"name\":\"list\",\"detail\":\"\"}\n{\"type\":"
     "\"tool_result\",\"id\":\"c\",\"ok\":true}",
     "\"content\":\"(empty)\\n\",\"role\":\"tool\",\"tool_call_id\":\"c\"",
     2,
     true},
    {"a call of no tool, with arguments that are none",
     {CALLS("fly", "{x", "tool_calls"), SAYS("Done.", "stop")},
     "\"ok\":false",
     "error: there is no tool 'fly'",
     2,
     true},
    {"arguments that are no JSON",
     {CALLS("list", "{x", "tool_calls"), SAYS("Done.", "stop")},
     "\"ok\":false",
     "error: the arguments are not a JSON object",
     2,
     true},
    {"an answer that is cut at its length",
     {SAYS("One, ", "length"), SAYS("two.", "stop")},
     "\"text\":\"One, two.\"}",
     "Go on exactly where it stopped",
     2,
     true},
    {"a call that is cut at its length is not carried out",
     {CALLS("list", "", "length"), SAYS("Done.", "stop")},
     "\"text\":\"Done.\"}",
     "Your last tool call was cut off",
     2,
     true},
    {"cut for ever", {SAYS("a", "length")}, "\"error\":\"failed\"", NULL, 6, false},
    {"an answer without a word",
     {SAYS("", "stop"), SAYS("Done.", "stop")},
     "\"text\":\"Done.\"}",
     "You said nothing.",
     2,
     true},
    {"not a word at all", {SAYS("", "stop")}, "\"status\":\"ok\",\"text\":\"\"}", NULL, 2, true},
    {"refused",
     {SAYS("I will not.", "content_filter")},
     "{\"type\":\"error\",\"error\":\"refused\",\"message\":\"I will not.\"}",
     NULL,
     1,
     false},
    {"a wrong key",
     {STATUS("401", "", "{\"error\":{\"message\":\"Incorrect API key\"}}")},
     "{\"type\":\"error\",\"error\":\"auth\",\"message\":\"HTTP 401: Incorrect API key\"}",
     NULL,
     1,
     false},
    {"too many requests",
     {STATUS("429", "Retry-After: 38\r\n", "{\"error\":{\"message\":\"Rate limit reached\"}}")},
     "\"error\":\"rate_limit\",\"message\":\"HTTP 429: Rate limit reached\",\"retry_after_ms\":"
     "38000}",
     NULL,
     1,
     false},
    {"too many requests, to the millisecond",
     {STATUS("429", "retry-after-ms: 1500\r\nRetry-After: 2\r\n", "{}")},
     "\"error\":\"rate_limit\",\"message\":\"HTTP 429: {}\",\"retry_after_ms\":1500}",
     NULL,
     1,
     false},
    {"too many requests, for longer than there is time",
     {STATUS("429", "Retry-After: 9223372036854775807\r\n", "{}")},
     "\"error\":\"rate_limit\",\"message\":\"HTTP 429: {}\"}",
     NULL,
     1,
     false},
    {"the model is being loaded",
     {STATUS("503", "", "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}")},
     "\"error\":\"transient\",\"message\":\"HTTP 503: Loading model\"",
     NULL,
     1,
     false},
    {"a gateway's page",
     {STATUS("502", "Content-Type: text/html\r\n", "<html>Bad")},
     "\"error\":\"transient\",\"message\":\"HTTP 502: <html>Bad\"",
     NULL,
     1,
     false},
    {"no more money",
     {STATUS("429", "", "{\"error\":{\"code\":\"insufficient_quota\"}}")},
     "\"error\":\"quota\"",
     NULL,
     1,
     false},
    {"not the right place", {OK "<html>Hello</html>"}, "\"error\":\"failed\"", NULL, 1, false},
    {"a redirection is not followed",
     {STATUS("302", "Location: http://127.0.0.1:1/\r\n", "")},
     "\"error\":\"failed\",\"message\":\"HTTP 302",
     NULL,
     1,
     false},
    {"overloaded in the stream",
     {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
      "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"},
     "\"error\":\"rate_limit\",\"message\":\"overloaded_error: Overloaded\"",
     NULL,
     1,
     false},
    {"a stream that is not named so",
     {OK "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},"
         "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
     "\"text\":\"Hi\"}",
     NULL,
     1,
     true},
    {"what is no JSON in the stream",
     {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {oops\n\n"},
     "\"error\":\"transient\"",
     NULL,
     1,
     false},
    {"the window is full",
     {STATUS("400", "", "{\"error\":{\"code\":\"context_length_exceeded\"}}")},
     "\"error\":\"context_full\"",
     NULL,
     1,
     false},
    {"stream_options are refused",
     {STATUS("400", "", "{\"error\":\"unknown field stream_options\"}"), SAYS("Hi", "stop")},
     "\"text\":\"Hi\"}",
     NULL,
     2,
     true},
    {"the schema is refused, and the answer is checked all the same",
     {STATUS("400", "", "{\"error\":{\"message\":\"response_format is not supported\"}}"),
      SAYS("{\\\"b\\\":1}", "stop"), SAYS("Here: {\\\"a\\\":1}", "stop")},
     "\"answer\":{\"a\":1}",
     "Your answer does not fit its JSON schema: 'a' is missing",
     3,
     true,
     .schema = "{\"type\":\"object\",\"required\":[\"a\"]}"},
    {"an answer that fits at once",
     {SAYS("{\\\"a\\\":1}", "stop")},
     "\"answer\":{\"a\":1}",
     "\"json_schema\"",
     1,
     true,
     .schema = "{\"required\":[\"a\"]}"},
    {"an answer that never fits",
     {SAYS("{}", "stop")},
     "\"error\":\"malformed\"",
     NULL,
     2,
     false,
     .schema = "{\"required\":[\"a\"]}"},
    {"guessed wrongly",
     {STATUS("404", "", "not found"), MESSAGE("Hi")},
     "\"text\":\"Hi\"}",
     "/v1/messages",
     2,
     true,
     .guessed = true},
    {"guessed rightly, no such model",
     {STATUS("404", "", "{\"error\":{\"message\":\"no such model\"}}"),
      STATUS("404", "", "page not found")},
     "\"error\":\"failed\",\"message\":\"HTTP 404: no such model\"",
     NULL,
     2,
     false,
     .guessed = true},
    {"too many turns",
     {CALLS("list", "{}", "stop")},
     "within its number of turns",
     NULL,
     3,
     false,
     .max_turns = 3},
    {"too many tokens",
     {CALLS("list", "{}", "stop")},
     "within its number of tokens",
     NULL,
     1,
     false,
     .max_tokens = 10},
};

struct played {
    const struct script *script;
    unsigned requests;
    struct text last; /* request */
};

static void choose(void *context, const char *request, struct text *answer)
{
    struct played *played = context;
    unsigned n = played->requests++;

    while (n && (n >= ANSWERS_MAX || !played->script->answers[n]))
        n--;
    text_add(answer, played->script->answers[n]);
    text_clear(&played->last);
    text_add(&played->last, request);
}

static bool play(const struct script *script, struct played *played, const char *dir,
                 struct text *events)
{
    struct server server = {.choose = choose, .context = played};
    struct inside inside;
    struct toolbox box = {.inside = &inside};
    AUTO_FAULT f = {0};
    json_auto_t *schema = script->schema ? json_loads(script->schema, 0, NULL) : NULL;
    const struct turns_options options = {.model = "m",
                                          .instructions = "i",
                                          .prompt = "p",
                                          .schema = schema,
                                          .max_turns = script->max_turns ? script->max_turns : 20,
                                          .max_tokens = script->max_tokens};
    char *printed = NULL;
    size_t length = 0;
    struct emit emit = {.out = open_memstream(&printed, &length)};

    *played = (struct played){.script = script};
    server_begin(&server);
    struct endpoint endpoint = {.api = &api_chat,
                                .guessed = script->guessed,
                                .base = mem_string(server.url),
                                .http = http_new(),
                                .stall_s = 20,
                                .limit_s = 30};
    cr_assert_eq(inside_init(&inside, dir, &f), 0);
    bool ok = turns_run(&endpoint, &box, &options, &emit);
    (void)fclose(emit.out);
    text_add_n(events, printed, length);
    free(printed);
    endpoint_fini(&endpoint);
    inside_fini(&inside);
    server_end(&server);
    return ok;
}

Test(turns, scripts, .timeout = 60)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();

    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        const struct script *s = &scripts[i];
        struct played played;
        AUTO_TEXT events = {0};
        bool ok = play(s, &played, dir, &events);
        cr_expect_eq(ok, s->ok, "%s: %s", s->what, text_get(&events));
        cr_expect_not_null(strstr(text_get(&events), s->events), "%s: %s", s->what,
                           text_get(&events));
        cr_expect_eq(played.requests, s->requests, "%s: %u requests", s->what, played.requests);
        cr_expect(!s->asked || strstr(text_get(&played.last), s->asked), "%s: %s", s->what,
                  text_get(&played.last));
        text_free(&played.last);
    }
}

/* The window overflows until the conversation is short enough. */
static void choose_by_size(void *context, const char *request, struct text *answer)
{
    enum { MOST = 12000, LAST = 12 };
    struct played *played = context;
    size_t bytes = strlen(request);

    played->requests++;
    if (bytes > MOST)
        text_add(answer, STATUS("400", "",
                                "{\"error\":{\"message\":\"This model's maximum context "
                                "length is exceeded\"}}"));
    else if (played->requests > LAST)
        text_add(answer, SAYS("Done.", "stop"));
    else
        text_printf(answer, CALLS("run", "{\\\"command\\\":\\\"seq 700 # %u\\\"}", "stop"),
                    played->requests);
}

Test(turns, overflow, .timeout = 60)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    struct played played = {0};
    struct server server = {.choose = choose_by_size, .context = &played};
    struct inside inside;
    struct toolbox box = {.inside = &inside};
    AUTO_FAULT f = {0};
    const struct turns_options options = {
        .model = "m", .instructions = "i", .prompt = "p", .session_dir = dir, .max_turns = 20};
    struct emit emit = {.out = fopen("/dev/null", "we")};

    server_begin(&server);
    struct endpoint endpoint = {.api = &api_chat,
                                .base = mem_string(server.url),
                                .http = http_new(),
                                .stall_s = 20,
                                .limit_s = 30};
    cr_assert_eq(inside_init(&inside, dir, &f), 0);
    cr_assert(turns_run(&endpoint, &box, &options, &emit));
    cr_assert_gt(played.requests, 12);
    (void)fclose(emit.out);
    endpoint_fini(&endpoint);
    inside_fini(&inside);
    server_end(&server);
}

/* What was kept is gone on with: the second run sends what the first one said. */
Test(turns, resume, .timeout = 60)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    static const struct script script = {.answers = {SAYS("Hello.", "stop")}};
    struct played played = {.script = &script};
    struct server server = {.choose = choose, .context = &played};
    struct inside inside;
    struct toolbox box = {.inside = &inside};
    AUTO_FAULT f = {0};
    struct turns_options options = {
        .model = "m", .instructions = "i", .prompt = "first", .session_dir = dir, .max_turns = 20};
    char *printed = NULL;
    size_t length = 0;
    struct emit emit = {.out = open_memstream(&printed, &length)};

    server_begin(&server);
    struct endpoint endpoint = {.api = &api_chat,
                                .base = mem_string(server.url),
                                .http = http_new(),
                                .stall_s = 20,
                                .limit_s = 30};
    cr_assert_eq(inside_init(&inside, dir, &f), 0);
    cr_assert(turns_run(&endpoint, &box, &options, &emit));
    json_auto_t *start = json_loadb(printed, (size_t)(strchr(printed, '\n') - printed), 0, NULL);
    options.resume = json_get_string(start, "session", "");
    options.prompt = "second";
    cr_assert(turns_run(&endpoint, &box, &options, &emit));
    cr_assert_not_null(strstr(text_get(&played.last), "\"content\":\"first\""));
    cr_assert_not_null(strstr(text_get(&played.last), "\"content\":\"Hello.\""));
    cr_assert_not_null(strstr(text_get(&played.last), "\"content\":\"second\""));
    options.resume = "unknown";
    cr_assert_not(turns_run(&endpoint, &box, &options, &emit));
    (void)fclose(emit.out);
    cr_assert_not_null(strstr(printed, "there is no session 'unknown'"));
    free(printed);
    text_free(&played.last);
    endpoint_fini(&endpoint);
    inside_fini(&inside);
    server_end(&server);
}
