/* SPDX-License-Identifier: Apache-2.0 */
/* Anthropic messages, and the endpoints that speak it too. */
#include "agent/reading.h"
#include "model/api.h"

#include <string.h>

enum { ANSWER_TOKENS = 8192 }; /* a request has to name a bound */

static json_t *text_block(const char *text)
{
    return json_pack("{s:s, s:s}", "type", "text", "text", text);
}

static json_t *model_blocks(const struct message *m)
{
    json_t *blocks = m->thinking ? json_copy(m->thinking) : json_array();

    if (*m->text)
        json_array_append_new(blocks, text_block(m->text));
    for (size_t i = 0; i < m->calls.count; i++) {
        const struct call *call = &m->calls.at[i];
        json_t *input = call->arguments ? json_incref(call->arguments) : json_object();
        json_array_append_new(blocks, json_pack("{s:s, s:s, s:s, s:o}", "type", "tool_use", "id",
                                                call->id, "name", call->name, "input", input));
    }
    /* A message without content is refused. */
    if (!json_array_size(blocks))
        json_array_append_new(blocks, text_block("(nothing)"));
    return blocks;
}

static json_t *user_block(const struct message *m)
{
    if (m->role == MESSAGE_USER)
        return text_block(*m->text ? m->text : "(nothing)");
    json_t *block = json_pack("{s:s, s:s, s:s}", "type", "tool_result", "tool_use_id", m->call_id,
                              "content", m->text);
    if (m->failed)
        json_object_set_new(block, "is_error", json_true());
    return block;
}

/* The parts take turns here: results and what the user says next are one message. */
static void add_message(json_t *list, const struct message *m)
{
    json_t *last = json_array_get(list, json_array_size(list) - 1);
    bool user = m->role != MESSAGE_MODEL;
    const char *role = user ? "user" : "assistant";
    json_t *blocks = user ? json_pack("[o]", user_block(m)) : model_blocks(m);

    if (last && strcmp(json_get_string(last, "role", ""), role) == 0) {
        json_array_extend(json_object_get(last, "content"), blocks);
        json_decref(blocks);
    } else {
        json_array_append_new(list, json_pack("{s:s, s:o}", "role", role, "content", blocks));
    }
}

/* Up to here the endpoint may keep what it has read. */
static void mark_cache(json_t *block)
{
    json_object_set_new(block, "cache_control", json_pack("{s:s}", "type", "ephemeral"));
}

static json_t *messages_json(const struct conversation *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->messages.count; i++)
        add_message(list, &c->messages.at[i]);
    json_t *last = json_array_get(list, json_array_size(list) - 1);
    json_t *blocks = json_object_get(last, "content");
    if (last)
        mark_cache(json_array_get(blocks, json_array_size(blocks) - 1));
    return list;
}

static json_t *tools_json(const json_t *tools)
{
    json_t *list = json_array();
    size_t i;
    json_t *tool;

    json_array_foreach (tools, i, tool)
        json_array_append_new(list,
                              json_pack("{s:O, s:O, s:O}", "name", json_object_get(tool, "name"),
                                        "description", json_object_get(tool, "description"),
                                        "input_schema", json_object_get(tool, "parameters")));
    return list;
}

static json_t *request(const struct ask *ask)
{
    json_t *instructions = text_block(ask->instructions);
    int64_t bound = ask->answer_tokens ? ask->answer_tokens : ANSWER_TOKENS;

    mark_cache(instructions);
    json_t *body = json_pack("{s:s, s:b, s:I, s:[o], s:o}", "model", ask->model, "stream", 1,
                             "max_tokens", (json_int_t)bound, "system", instructions, "messages",
                             messages_json(ask->conversation));
    if (json_array_size(ask->tools))
        json_object_set_new(body, "tools", tools_json(ask->tools));
    return body;
}

static void begin_call(struct answer *a, const json_t *event, const json_t *block)
{
    json_t *input = json_object_get(block, "input");
    struct part *part =
        answer_part(a, json_get_int(event, "index", 0), json_get_string(block, "id", NULL));

    text_add(&part->name, json_get_string(block, "name", ""));
    if (json_object_size(input) && !part->object)
        part->object = json_incref(input);
}

/* It goes back as it came, with its signature. */
static void begin_thinking(struct answer *a, const json_t *event UNUSED, const json_t *block)
{
    json_decref(a->block);
    a->block = json_deep_copy(block);
    text_clear(&a->block_text);
}

static void begin_text(struct answer *a, const json_t *event UNUSED, const json_t *block)
{
    answer_say(a, json_get_string(block, "text", NULL));
}

static void add_text(struct answer *a, const json_t *event UNUSED, const json_t *delta)
{
    answer_say(a, json_get_string(delta, "text", NULL));
}

static void add_input(struct answer *a, const json_t *event, const json_t *delta)
{
    struct part *part = answer_part(a, json_get_int(event, "index", 0), NULL);

    text_add(&part->arguments, json_get_string(delta, "partial_json", ""));
}

static void add_thinking(struct answer *a, const json_t *event UNUSED, const json_t *delta)
{
    const char *more = json_get_string(delta, "thinking", "");

    answer_think(a, more);
    text_add(&a->block_text, more);
}

static void add_signature(struct answer *a, const json_t *event UNUSED, const json_t *delta)
{
    if (a->block)
        json_object_set(a->block, "signature", json_object_get(delta, "signature"));
}

struct row {
    const char *type;
    void (*read)(struct answer *a, const json_t *event, const json_t *object);
};

/* By the object's type; the rows end with one without a type. What is not among them is passed
 * over. */
static void read_typed(const struct row *rows, struct answer *a, const json_t *event,
                       const json_t *object)
{
    const char *type = json_get_string(object, "type", "");

    for (; rows->type; rows++)
        if (strcmp(rows->type, type) == 0)
            rows->read(a, event, object);
}

static void begin_block(struct answer *a, const json_t *event, const json_t *block)
{
    static const struct row blocks[] = {
        {"text", begin_text},
        {"tool_use", begin_call},
        {"thinking", begin_thinking},
        {"redacted_thinking", begin_thinking},
        {NULL, NULL},
    };

    read_typed(blocks, a, event, block);
}

static void add_delta(struct answer *a, const json_t *event, const json_t *delta)
{
    static const struct row deltas[] = {
        {"text_delta", add_text},
        {"input_json_delta", add_input},
        {"thinking_delta", add_thinking},
        {"signature_delta", add_signature},
        {NULL, NULL},
    };

    read_typed(deltas, a, event, delta);
}

static void end_block(struct answer *a)
{
    const char *begun = json_get_string(a->block, "thinking", "");

    if (!a->block)
        return;
    if (a->block_text.length) {
        AUTO_FREE char *whole = text_format("%s%s", begun, text_get(&a->block_text));
        json_object_set_new(a->block, "thinking", json_string(whole));
    }
    if (!a->thinking)
        a->thinking = json_array();
    json_array_append_new(a->thinking, a->block);
    a->block = NULL;
}

static void read_stop(struct answer *a, const char *reason)
{
    static const struct {
        const char *reason;
        enum answer_stop stop;
    } stops[] = {
        {"tool_use", STOP_CALLS},
        {"max_tokens", STOP_LENGTH},
        {"refusal", STOP_REFUSED},
        {"model_context_window_exceeded", STOP_CONTEXT},
    };

    if (!*reason)
        return;
    a->stop = STOP_DONE;
    for (size_t i = 0; i < COUNT_OF(stops); i++)
        if (strcmp(stops[i].reason, reason) == 0)
            a->stop = stops[i].stop;
}

/* `otherwise` where the usage does not name it, or names nonsense. */
static int64_t count(const json_t *usage, const char *key, int64_t otherwise)
{
    return json_get_int(usage, key, -1) < 0 ? otherwise : reading_count(usage, key);
}

/* The later counts replace the earlier, and may name only some. */
static void read_usage(struct answer *a, const json_t *usage)
{
    struct token_counts used = a->used;
    bool cache = json_object_get(usage, "cache_read_input_tokens") ||
                 json_object_get(usage, "cache_creation_input_tokens");

    if (!json_is_object(usage))
        return;
    used.input = count(usage, "input_tokens", used.input);
    used.output = count(usage, "output_tokens", used.output);
    if (cache)
        used.cached = count(usage, "cache_read_input_tokens", 0) +
                      count(usage, "cache_creation_input_tokens", 0);
    answer_count(a, &used);
}

static void read_start(struct answer *a, const json_t *message)
{
    const char *model = json_get_string(message, "model", "");

    if (!a->model && *model)
        a->model = mem_string(model);
    read_usage(a, json_object_get(message, "usage"));
}

static void on_start(struct answer *a, const json_t *event)
{
    read_start(a, json_object_get(event, "message"));
}

static void on_block_start(struct answer *a, const json_t *event)
{
    begin_block(a, event, json_object_get(event, "content_block"));
}

static void on_block_delta(struct answer *a, const json_t *event)
{
    add_delta(a, event, json_object_get(event, "delta"));
}

static void on_block_stop(struct answer *a, const json_t *event UNUSED)
{
    end_block(a);
}

static void on_delta(struct answer *a, const json_t *event)
{
    read_stop(a, json_get_string(json_object_get(event, "delta"), "stop_reason", ""));
    read_usage(a, json_object_get(event, "usage"));
}

static void on_stop(struct answer *a, const json_t *event UNUSED)
{
    if (a->stop == STOP_NONE)
        a->stop = STOP_DONE;
}

static void read_event(struct answer *a, const json_t *event)
{
    static const struct {
        const char *type;
        void (*read)(struct answer *a, const json_t *event);
    } events[] = {
        {"message_start", on_start},
        {"content_block_start", on_block_start},
        {"content_block_delta", on_block_delta},
        {"content_block_stop", on_block_stop},
        {"message_delta", on_delta},
        {"message_stop", on_stop},
    };
    const char *type = json_get_string(event, "type", "");

    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (strcmp(events[i].type, type) == 0)
            events[i].read(a, event);
    if (json_object_get(event, "error"))
        (void)answer_read_error(a, event); /* it is there */
}

static void read_whole(struct answer *a, const json_t *body)
{
    size_t i;
    json_t *block;

    if (!json_is_array(json_object_get(body, "content"))) {
        (void)answer_read_error(a, body); /* without one the answer has not ended */
        return;
    }
    read_start(a, body);
    json_array_foreach (json_object_get(body, "content"), i, block) {
        json_auto_t *event = json_pack("{s:I}", "index", (json_int_t)i);
        begin_block(a, event, block);
        end_block(a);
    }
    read_stop(a, json_get_string(body, "stop_reason", "end_turn"));
}

/* It is asked for nothing that could be left out. */
static unsigned refused_feature(const struct ask *ask UNUSED, const char *message UNUSED)
{
    return 0;
}

const struct api api_messages = {
    .name = "messages",
    .path = "messages",
    .key_header = "x-api-key: ",
    .extra_header = "anthropic-version: 2023-06-01",
    .request = request,
    .event = read_event,
    .whole = read_whole,
    .refused_feature = refused_feature,
};
