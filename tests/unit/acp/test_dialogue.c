/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of ACP over conversations that were recorded, and over small ones. */
#include "acp/dialogue.h"

#include "agent/kelp_stream.h"
#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>

static struct dialogue_options options(void)
{
    return (struct dialogue_options){
        .cwd = "/w", .prompt = "create hello.txt", .session = "", .mode = "", .model = ""};
}

static void take(struct dialogue *d, const char *frame)
{
    AUTO_FAULT f = {0};
    json_t *value = NULL;

    cr_assert_eq(json_parse(frame, strlen(frame), "frame", &value, &f), 0, "%s: %s", frame,
                 f.message);
    dialogue_take(d, value);
    json_decref(value);
}

/* The last frame for the agent, and forgets all of them. */
static char *last_out(struct dialogue *d)
{
    const char *text = text_get(&d->out), *last = text;

    for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
        last = at;
    char *line = mem_string_n(last, strcspn(last, "\n"));
    text_clear(&d->out);
    return line;
}

/* Value of a key in the last line of that type. */
static char *event_value(const struct dialogue *d, const char *type, const char *key)
{
    char *found = NULL;

    for (const char *at = text_get(&d->events); *at; at += strcspn(at, "\n") + 1) {
        AUTO_FAULT f = {0};
        json_t *event = NULL;
        cr_assert_eq(json_parse(at, strcspn(at, "\n"), "event", &event, &f), 0);
        if (strcmp(json_get_string(event, "type", ""), type) == 0) {
            free(found);
            found = mem_string(json_get_string(event, key, ""));
        }
        json_decref(event);
    }
    return found ? found : mem_string("");
}

/* The recorded client numbered its requests 1, 2, 3. */
static void take_recorded(struct dialogue *d, json_t *frame)
{
    if (!json_object_get(frame, "method") && json_get_int(frame, "id", 0) == 3)
        json_object_set_new(frame, "id", json_integer(DIALOGUE_PROMPT));
    dialogue_take(d, frame);
}

static void play(struct dialogue *d, const char *name)
{
    AUTO_FREE char *path =
        text_format("%s/tests/unit/acp/streams/%s.jsonl", getenv("KELP_TEST_SOURCE"), name);
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 1024 * 1024, &text, &f), 0, "%s", f.message);
    for (const char *at = text_get(&text); *at && d->step != DIALOGUE_OVER;) {
        size_t length = strcspn(at, "\n");
        json_t *line = NULL;
        cr_assert_eq(json_parse(at, length, name, &line, &f), 0, "%s", f.message);
        json_t *frame = json_object_get(line, "frame");
        bool cancels = strcmp(json_get_string(frame, "method", ""), "session/cancel") == 0;
        if (strcmp(json_get_string(line, "dir", ""), "agent") == 0)
            take_recorded(d, frame);
        else if (cancels)
            dialogue_cancel(d);
        json_decref(line);
        at += length + (at[length] == '\n');
    }
}

static const struct {
    const char *name;
    enum dialogue_usage usage;
    enum attempt_error error;
    const char *text, *session;
    int64_t input, cached, output, context, window;
    double usd;
    uint32_t tools;
} recorded[] = {
    {"claude", DIALOGUE_USAGE_PROMPT, ERROR_NONE, NULL, "846e0092-8733-4843-9cef-5950f42fbf30", 0,
     0, 0, 0, 0, -1, 1},
    {"claude2", DIALOGUE_USAGE_PROMPT, ERROR_NONE, NULL, "aad810f6-4439-4542-a9e8-def3716b9bdd",
     2001, 460, 81, 1232, 200000, 0.007563, 1},
    /* It tells nothing between its messages, so that they are one. */
    {"codex", DIALOGUE_USAGE_PROMPT, ERROR_NONE,
     "Model metadata for `gpt-scripted` not found. "
     "Defaulting to fallback metadata; this can degrade performance and cause issues.I will write "
     "the file.{\"status\":\"done\",\"files\":[\"hello.txt\"]}",
     "01a202c3-a04a-7cf0-9607-dcdcdeff80d3", 0, 0, 0, 1042, 258400, -1, 0},
    {"copilot", DIALOGUE_USAGE_SESSION, ERROR_NONE,
     "Info: /home/dev/cwd/hello.txt{\"status\":\"done\",\"files\":[\"hello.txt\"]}",
     "d4e6f530-7c20-4172-b536-48a23b9fb5e8", 1601, 400, 81, 8755, 128000, -1, 1},
    {"gemini", DIALOGUE_USAGE_PROMPT, ERROR_NONE, NULL, "3308d84e-a46e-44e3-8982-7d517f97e7ab",
     2001, 0, 81, 0, 0, -1, 1},
    {"opencode", DIALOGUE_USAGE_LAST, ERROR_NONE, NULL, "ses_dfd4161bdffeRF5LjT3iAAxdK1", 0, 0, 0,
     1001, 200000, -1, 1},
    {"opencode-cancel", DIALOGUE_USAGE_LAST, ERROR_CANCELLED, "", "ses_dfd3e9d22ffeVwMIjGA8MvL7xx",
     0, 0, 0, 0, 200000, -1, 2},
    {"qwen", DIALOGUE_USAGE_PROMPT, ERROR_NONE, NULL, "a7d7f8c2-9e9f-4d47-9a8d-1e7831c3a85e", 1601,
     400, 81, 1042, 0, -1, 1},
};

static const char done[] = "{\"status\":\"done\",\"files\":[\"hello.txt\"]}";

Test(dialogue, recorded_conversations)
{
    for (size_t i = 0; i < COUNT_OF(recorded); i++) {
        AUTO_DIALOGUE d;
        AUTO_READING r;
        struct dialogue_options o = options();
        const char *name = recorded[i].name;

        o.usage = recorded[i].usage;
        dialogue_begin(&d, &o);
        play(&d, name);
        cr_assert_eq(d.step, DIALOGUE_OVER, "%s stays at %s", name, dialogue_method(d.step));
        reading_begin(&r, &kelp_reader, NULL);
        reading_feed(&r, text_get(&d.events), d.events.length);
        reading_end(&r, &(struct reading_exit){.exit_code = d.failed, .stderr_tail = ""});
        cr_expect_eq(r.error, recorded[i].error, "%s: %s", name, text_get(&r.message));
        cr_expect_str_eq(text_get(&r.text), recorded[i].text ? recorded[i].text : done, "%s: %s",
                         name, text_get(&r.text));
        cr_expect_str_eq(r.session, recorded[i].session, "%s", name);
        cr_expect_eq(r.used.input, recorded[i].input, "%s: %lld", name, (long long)r.used.input);
        cr_expect_eq(r.used.cached, recorded[i].cached, "%s: %lld", name, (long long)r.used.cached);
        cr_expect_eq(r.used.output, recorded[i].output, "%s", name);
        cr_expect_eq(r.context_tokens, recorded[i].context, "%s: %lld", name,
                     (long long)r.context_tokens);
        cr_expect_eq(r.context_window, recorded[i].window, "%s", name);
        cr_expect_eq(r.usd, recorded[i].usd, "%s: %f", name, r.usd);
        cr_expect_eq(r.tool_calls, recorded[i].tools, "%s: %u", name, r.tool_calls);
        cr_expect(r.final, "%s", name);
    }
}

#define RESULT(id, text) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":" text "}"
#define ERROR(id, text) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"error\":" text "}"
#define HELLO RESULT(1, "{\"protocolVersion\":1,\"agentCapabilities\":{\"loadSession\":true}}")
#define SESSION                                                                               \
    RESULT(2, "{\"sessionId\":\"s\",\"modes\":{\"currentModeId\":\"ask\",\"availableModes\":" \
              "[{\"id\":\"ask\"},{\"id\":\"http://x#full\"}]},\"models\":"                    \
              "{\"currentModelId\":\"m1\",\"availableModels\":[{\"modelId\":\"m1\"},"         \
              "{\"modelId\":\"id2\",\"name\":\"m2\"}]}}")

/* Mode and model are set only where they differ, by id, name or end of the id. */
static const struct {
    const char *mode, *model, *mode_id, *model_id;
    bool any_model;
} settings[] = {
    {"", "", NULL, NULL},
    {"ask", "m1", NULL, NULL},
    {"full", "", "http://x#full", NULL},
    {"", "m2", NULL, "id2"},
    {"http://x#full", "id2", "http://x#full", "id2"},
    {"", "m2", NULL, "id2", true},
    {"", "m1", NULL, NULL, true},
    {"", "", NULL, NULL, true},
    {"", "m9", NULL, "m9", true},
};

static void expect_request(struct dialogue *d, enum dialogue_step step, const char *part)
{
    AUTO_FREE char *line = last_out(d);

    cr_assert_eq(d->step, step, "%s", line);
    cr_expect(strstr(line, dialogue_method(step)), "%s", line);
    cr_expect(strstr(line, part), "%s is not in %s", part, line);
}

Test(dialogue, mode_and_model)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        AUTO_DIALOGUE d;
        struct dialogue_options o = options();

        o.mode = settings[i].mode;
        o.model = settings[i].model;
        o.any_model = settings[i].any_model;
        dialogue_begin(&d, &o);
        expect_request(&d, DIALOGUE_INITIALIZE, "\"protocolVersion\":1");
        take(&d, HELLO);
        expect_request(&d, DIALOGUE_SESSION, "\"cwd\":\"/w\"");
        take(&d, SESSION);
        if (settings[i].mode_id) {
            expect_request(&d, DIALOGUE_MODE, settings[i].mode_id);
            take(&d, RESULT(3, "{}"));
        }
        if (settings[i].model_id) {
            expect_request(&d, DIALOGUE_MODEL, settings[i].model_id);
            take(&d, RESULT(4, "{}"));
        }
        expect_request(&d, DIALOGUE_PROMPT, "create hello.txt");
        take(&d, RESULT(5, "{\"stopReason\":\"end_turn\"}"));
        cr_expect(d.step == DIALOGUE_OVER && !d.failed);
    }
}

/* Newer agents have one list for all of it. */
Test(dialogue, options_of_a_session)
{
    static const char session[] = RESULT(
        2,
        "{\"sessionId\":\"s\",\"configOptions\":[{\"id\":\"model\",\"currentValue\":\"p/m1\","
        "\"options\":[{\"value\":\"p/m1\"},{\"value\":\"p/m2\"}]},{\"id\":\"mode\","
        "\"currentValue\":\"build\",\"options\":[{\"value\":\"build\"},{\"value\":\"plan\"}]}]}");
    AUTO_DIALOGUE d, unknown;
    struct dialogue_options o = options();

    o.mode = "plan";
    o.model = "m2";
    dialogue_begin(&d, &o);
    take(&d, HELLO);
    take(&d, session);
    AUTO_FREE char *mode = last_out(&d);
    cr_expect(strstr(mode, "session/set_config_option") && strstr(mode, "\"value\":\"plan\""), "%s",
              mode);
    take(&d, RESULT(3, "{}"));
    AUTO_FREE char *model = last_out(&d);
    cr_expect(strstr(model, "\"configId\":\"model\"") && strstr(model, "\"value\":\"p/m2\""), "%s",
              model);
    take(&d, RESULT(4, "{}"));
    cr_expect_eq(d.step, DIALOGUE_PROMPT);

    o.model = "m3";
    o.mode = "";
    dialogue_begin(&unknown, &o);
    take(&unknown, HELLO);
    take(&unknown, session);
    AUTO_FREE char *message = event_value(&unknown, "error", "message");
    cr_expect_str_eq(message, "the agent has no model 'm3'; it has p/m1, p/m2");
}

#define ASK(kinds)                                                                       \
    "{\"id\":\"p1\",\"method\":\"session/request_permission\",\"params\":{\"toolCall\":" \
    "{\"toolCallId\":\"t1\",\"kind\":\"edit\",\"title\":\"x.c\"},\"options\":[" kinds "]}}"
#define OPTION(kind) "{\"kind\":\"" kind "\",\"optionId\":\"id-" kind "\"}"

static const struct {
    const char *options, *chosen;
    bool read_only, refused;
} permissions[] = {
    {OPTION("allow_always") "," OPTION("allow_once") "," OPTION("reject_once"), "id-allow_once",
     false, false},
    {OPTION("allow_always") "," OPTION("reject_once"), "id-allow_always", false, false},
    {OPTION("reject_once"), "cancelled", false, true},
    {"", "cancelled", false, true},
    {OPTION("allow_once") "," OPTION("reject_once"), "id-reject_once", true, true},
    {OPTION("allow_once") "," OPTION("reject_always"), "id-reject_always", true, true},
    {OPTION("allow_once"), "cancelled", true, true},
};

Test(dialogue, permissions_by_kind)
{
    for (size_t i = 0; i < COUNT_OF(permissions); i++) {
        AUTO_DIALOGUE d;
        AUTO_READING r;
        struct dialogue_options o = options();
        AUTO_FREE char *ask = text_format(ASK("%s"), permissions[i].options);

        o.read_only = permissions[i].read_only;
        dialogue_begin(&d, &o);
        take(&d, HELLO);
        take(&d, SESSION);
        take(&d, ask);
        AUTO_FREE char *answer = last_out(&d);
        cr_expect(strstr(answer, permissions[i].chosen), "%s", answer);
        cr_expect(strstr(answer, "\"id\":\"p1\""), "an id may be a text: %s", answer);
        take(&d, "{\"method\":\"session/update\",\"params\":{\"update\":{\"sessionUpdate\":"
                 "\"tool_call_update\",\"toolCallId\":\"t1\",\"status\":\"completed\"}}}");
        take(&d, RESULT(5, "{\"stopReason\":\"end_turn\"}"));
        reading_begin(&r, &kelp_reader, NULL);
        reading_feed(&r, text_get(&d.events), d.events.length);
        cr_expect_eq(r.denied, permissions[i].refused, "%zu", i);
        cr_expect_eq(r.tool_calls, !permissions[i].refused, "%zu", i);
    }
}

#undef OPTION

static const struct {
    const char *frames[3], *error, *message;
} failures[] = {
    {{RESULT(1, "{\"protocolVersion\":2}")}, "failed", "the agent speaks version 2 of ACP, not 1"},
    {{ERROR(1, "{\"code\":-32603,\"message\":\"boom\"}")}, "failed", "boom"},
    {{HELLO, ERROR(2, "{\"code\":-32000,\"message\":\"Authentication required\"}")},
     "auth",
     "Authentication required"},
    {{HELLO, RESULT(2, "{}")}, "failed", "the agent gave its session no id"},
    {{HELLO, SESSION, ERROR(5, "{\"code\":429,\"message\":\"slow down\"}")},
     "rate_limit",
     "slow down"},
    {{HELLO, SESSION, ERROR(5, "{\"code\":500,\"message\":\"server\"}")}, "transient", "server"},
    {{HELLO, SESSION,
      ERROR(5, "{\"code\":-32603,\"message\":\"Internal error\",\"data\":{\"details\":"
               "\"401 invalid x-api-key\"}}")},
     "auth",
     "Internal error: 401 invalid x-api-key"},
    {{HELLO, SESSION, RESULT(5, "{\"stopReason\":\"refusal\"}")}, "refused", "the model refused"},
    {{HELLO, SESSION, RESULT(5, "{\"stopReason\":\"max_tokens\"}")},
     "failed",
     "its answer was cut off at the model's limit"},
    {{HELLO, SESSION, RESULT(5, "{\"stopReason\":\"cancelled\"}")},
     "failed",
     "it stopped for the reason 'cancelled'"},
    {{HELLO, SESSION, RESULT(5, "null")}, "failed", "it stopped for the reason ''"},
};

Test(dialogue, failures)
{
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        AUTO_DIALOGUE d;
        struct dialogue_options o = options();

        dialogue_begin(&d, &o);
        for (size_t k = 0; k < 3 && failures[i].frames[k]; k++)
            take(&d, failures[i].frames[k]);
        AUTO_FREE char *error = event_value(&d, "error", "error");
        AUTO_FREE char *message = event_value(&d, "error", "message");
        cr_expect(d.step == DIALOGUE_OVER && d.failed, "%zu", i);
        cr_expect_str_eq(error, failures[i].error, "%zu: %s", i, error);
        cr_expect_str_eq(message, failures[i].message, "%zu: %s", i, message);
    }
}

Test(dialogue, an_earlier_session)
{
    AUTO_DIALOGUE d, unable;
    struct dialogue_options o = options();

    o.session = "old";
    dialogue_begin(&d, &o);
    take(&d, HELLO);
    AUTO_FREE char *load = last_out(&d);
    cr_expect(strstr(load, "session/load") && strstr(load, "\"sessionId\":\"old\""), "%s", load);
    take(&d, "{\"method\":\"session/update\",\"params\":{\"update\":{\"sessionUpdate\":"
             "\"agent_message_chunk\",\"content\":{\"text\":\"of old\"}}}}");
    take(&d, RESULT(2, "{}"));
    cr_expect_eq(d.step, DIALOGUE_PROMPT);
    cr_expect_not(strstr(text_get(&d.events), "of old"), "history is no answer");
    cr_expect(strstr(text_get(&d.events), "\"session\":\"old\""));

    dialogue_begin(&unable, &o);
    take(&unable, RESULT(1, "{\"protocolVersion\":1}"));
    cr_expect(unable.failed);
}

Test(dialogue, unknown_things)
{
    AUTO_DIALOGUE d;
    struct dialogue_options o = options();

    dialogue_begin(&d, &o);
    take(&d, HELLO);
    take(&d, SESSION);
    take(&d, "{\"id\":7,\"method\":\"fs/read_text_file\",\"params\":{}}");
    AUTO_FREE char *answer = last_out(&d);
    cr_expect_str_eq(answer,
                     "{\"error\":{\"code\":-32601,\"message\":\"method not found\"},\"id\":7,"
                     "\"jsonrpc\":\"2.0\"}");
    take(&d, "{\"method\":\"_new/notification\"}");
    take(&d, "{\"method\":\"session/update\"}");
    take(&d, "{\"method\":\"session/update\",\"params\":{\"update\":{\"sessionUpdate\":\"new\"}}}");
    take(&d, RESULT(99, "{}"));
    take(&d, "{}");
    take(&d, "{\"id\":\"5\",\"result\":{}}");
    cr_expect_eq(d.step, DIALOGUE_PROMPT, "none of them is the answer");
    cr_expect_eq(d.out.length, 0);
}

Test(dialogue, is_cancelled_before_and_during_the_prompt)
{
    AUTO_DIALOGUE early, late;
    struct dialogue_options o = options();

    dialogue_begin(&early, &o);
    dialogue_cancel(&early);
    cr_expect(early.step == DIALOGUE_OVER && early.failed);
    dialogue_begin(&late, &o);
    take(&late, HELLO);
    take(&late, SESSION);
    dialogue_cancel(&late);
    AUTO_FREE char *cancel = last_out(&late);
    cr_expect(strstr(cancel, "session/cancel"), "%s", cancel);
    dialogue_cancel(&late);
    cr_expect_eq(late.out.length, 0, "it is asked once");
    take(&late, ASK("{\"kind\":\"allow_once\",\"optionId\":\"yes\"}"));
    AUTO_FREE char *answer = last_out(&late);
    cr_expect(strstr(answer, "cancelled") && !strstr(answer, "yes"), "%s", answer);
    dialogue_late(&late, "2 s");
    AUTO_FREE char *error = event_value(&late, "error", "error");
    cr_expect_str_eq(error, "cancelled");
}

static const char ask_again[] =
    "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"session/request_permission\",\"params\":{"
    "\"toolCall\":{\"toolCallId\":\"c%zu\"},\"options\":[]}}";

/* What it never reads must not fill the memory. */
Test(dialogue, an_agent_that_asks_on_and_does_not_read_is_given_up)
{
    AUTO_DIALOGUE d;
    struct dialogue_options o = options();
    size_t asked = 0;

    dialogue_begin(&d, &o);
    take(&d, HELLO);
    take(&d, SESSION);
    for (; d.step != DIALOGUE_OVER && asked < DIALOGUE_OUT_MAX / 16; asked++) {
        AUTO_FREE char *frame = text_format(ask_again, asked);
        take(&d, frame);
        text_clear(&d.events); /* those are taken away */
        cr_assert_leq(d.calls.count, DIALOGUE_CALLS_MAX);
    }
    cr_expect_eq(d.step, DIALOGUE_OVER);
    cr_expect(d.failed);
    cr_expect_eq(d.calls.count, DIALOGUE_CALLS_MAX, "the oldest are forgotten");
    cr_expect_lt(d.out.length, DIALOGUE_OUT_MAX + 1024);
}
