/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenAI chat completions, and what others make of it: llama.cpp, Ollama, vLLM and gateways leave
 * parts out, number their calls as they like, and end a stream in ways of their own.
 */
#include "agent/reading.h"
#include "model/api.h"

#include <string.h>

static json_t *call_json(const struct call *call)
{
    /* What is no JSON makes the templates of some servers fail; the result says what was wrong. */
    AUTO_FREE char *arguments = call->arguments ? json_text(call->arguments, 0) : mem_string("{}");

    return json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", call->id, "type", "function", "function",
                     "name", call->name, "arguments", arguments);
}

static json_t *message_json(const struct message *m)
{
    static const char *const roles[] = {
        [MESSAGE_USER] = "user", [MESSAGE_MODEL] = "assistant", [MESSAGE_TOOL] = "tool"};
    json_t *object = json_pack("{s:s, s:s}", "role", roles[m->role], "content", m->text);
    json_t *calls = m->calls.count ? json_array() : NULL;

    for (size_t i = 0; i < m->calls.count; i++)
        json_array_append_new(calls, call_json(&m->calls.at[i]));
    if (calls)
        json_object_set_new(object, "tool_calls", calls);
    if (m->call_id)
        json_object_set_new(object, "tool_call_id", json_string(m->call_id));
    return object;
}

/* Templates of some servers want the parts to take turns. False if there is nothing to join. */
static bool join_user(json_t *list, const struct message *m)
{
    json_t *last = json_array_get(list, json_array_size(list) - 1);

    if (m->role != MESSAGE_USER || strcmp(json_get_string(last, "role", ""), "user") != 0)
        return false;
    AUTO_FREE char *both = text_format("%s\n\n%s", json_get_string(last, "content", ""), m->text);
    json_object_set_new(last, "content", json_string(both));
    return true;
}

static json_t *messages_json(const struct ask *ask)
{
    const struct conversation *c = ask->conversation;
    json_t *list = json_array();

    json_array_append_new(list,
                          json_pack("{s:s, s:s}", "role", "system", "content", ask->instructions));
    for (size_t i = 0; i < c->messages.count; i++)
        if (!join_user(list, &c->messages.at[i]))
            json_array_append_new(list, message_json(&c->messages.at[i]));
    return list;
}

static json_t *tools_json(const json_t *tools)
{
    json_t *list = json_array();
    size_t i;
    json_t *tool;

    json_array_foreach (tools, i, tool)
        json_array_append_new(list, json_pack("{s:s, s:O}", "type", "function", "function", tool));
    return list;
}

static json_t *request(const struct ask *ask)
{
    json_t *body = json_pack("{s:s, s:b, s:o}", "model", ask->model, "stream", 1, "messages",
                             messages_json(ask));

    if (json_array_size(ask->tools))
        json_object_set_new(body, "tools", tools_json(ask->tools));
    if (!(ask->without & API_USAGE))
        json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    if (ask->schema && !(ask->without & API_FORMAT))
        json_object_set_new(body, "response_format",
                            json_pack("{s:s, s:{s:s, s:O}}", "type", "json_schema", "json_schema",
                                      "name", "answer", "schema", ask->schema));
    if (ask->answer_tokens)
        json_object_set_new(body,
                            ask->without & API_MAX_TOKENS ? "max_completion_tokens" : "max_tokens",
                            json_integer(ask->answer_tokens));
    return body;
}

/* The part that a piece belongs to. Some number all calls 0 and give no IDs: a name behind
 * arguments is another call. Without a number, a name begins a call. */
static struct part *find_part(struct answer *a, const json_t *piece, const char *name)
{
    const json_t *number = json_object_get(piece, "index");
    const char *id = json_get_string(piece, "id", NULL);
    int64_t last = a->parts.count ? a->parts.at[a->parts.count - 1].index : -1;

    if (!json_is_integer(number))
        return answer_part(a, (*name && last < INT64_MAX) || last < 0 ? last + 1 : last, id);
    struct part *part = answer_part(a, json_integer_value(number), id);
    if (!*name || !part->name.length || (!part->arguments.length && !part->object))
        return part;
    return answer_new_part(a, json_integer_value(number));
}

static void read_call(struct answer *a, const json_t *piece)
{
    const json_t *function = json_object_get(piece, "function");
    const char *name = json_get_string(function, "name", "");
    const json_t *arguments = json_object_get(function, "arguments");
    struct part *part = find_part(a, piece, name);

    /* Some repeat the name in every piece. */
    if (strcmp(text_get(&part->name), name) != 0)
        text_add(&part->name, name);
    if (json_is_string(arguments))
        text_add_n(&part->arguments, json_string_value(arguments), json_string_length(arguments));
    else if (json_is_object(arguments) && !part->object)
        part->object = json_share(arguments);
}

/* A string, or an array of pieces that hold one. */
static void read_content(struct answer *a, const json_t *content)
{
    size_t i;
    json_t *piece;

    answer_say(a, json_string_value(content));
    json_array_foreach (content, i, piece)
        answer_say(a, json_get_string(piece, "text", NULL));
}

static void read_message(struct answer *a, const json_t *message)
{
    size_t i;
    json_t *call;

    read_content(a, json_object_get(message, "content"));
    answer_think(a, json_get_string(message, "reasoning_content",
                                    json_get_string(message, "reasoning", NULL)));
    if (*json_get_string(message, "refusal", "")) {
        answer_say(a, json_get_string(message, "refusal", ""));
        a->refused = true;
    }
    json_array_foreach (json_object_get(message, "tool_calls"), i, call)
        read_call(a, call);
}

static void read_stop(struct answer *a, const char *reason)
{
    static const struct {
        const char *reason;
        enum answer_stop stop;
    } stops[] = {
        {"tool_calls", STOP_CALLS},
        {"function_call", STOP_CALLS},
        {"length", STOP_LENGTH},
        {"content_filter", STOP_REFUSED},
    };

    if (!*reason)
        return;
    a->stop = a->refused ? STOP_REFUSED : STOP_DONE;
    for (size_t i = 0; i < COUNT_OF(stops); i++)
        if (strcmp(stops[i].reason, reason) == 0)
            a->stop = stops[i].stop;
}

static void read_usage(struct answer *a, const json_t *usage)
{
    const json_t *prompt = json_object_get(usage, "prompt_tokens_details");
    const json_t *completion = json_object_get(usage, "completion_tokens_details");
    int64_t input = reading_count(usage, "prompt_tokens");
    int64_t cached = reading_count(prompt, "cached_tokens");

    if (!json_is_object(usage))
        return;
    cached = cached < input ? cached : input;
    answer_count(a, &(struct token_counts){
                        .input = input - cached,
                        .cached = cached,
                        .output = reading_count(usage, "completion_tokens"),
                        .reasoning = reading_count(completion, "reasoning_tokens"),
                    });
}

static void read_event(struct answer *a, const json_t *event)
{
    const json_t *choice = json_array_get(json_object_get(event, "choices"), 0);
    const json_t *delta = json_object_get(choice, "delta");
    const char *model = json_get_string(event, "model", "");

    if (!choice && answer_read_error(a, event))
        return;
    if (!a->model && *model)
        a->model = mem_string(model);
    read_message(a, json_is_object(delta) ? delta : json_object_get(choice, "message"));
    read_stop(a, json_get_string(choice, "finish_reason", ""));
    read_usage(a, json_object_get(event, "usage"));
}

/* It is whole, so it has ended, even where it does not say why. */
static void read_whole(struct answer *a, const json_t *body)
{
    read_event(a, body);
    if (a->stop == STOP_NONE && json_array_size(json_object_get(body, "choices")))
        a->stop = STOP_DONE;
}

/* Of the features, those that a request has. */
static unsigned used_features(const struct ask *ask)
{
    unsigned used = API_USAGE;

    if (ask->schema)
        used |= API_FORMAT;
    if (ask->answer_tokens)
        used |= API_MAX_TOKENS;
    return used & ~ask->without;
}

static unsigned refused_feature(const struct ask *ask, const char *message)
{
    static const struct {
        enum api_feature feature;
        const char *word;
    } words[] = {
        {API_USAGE, "stream_options"},   {API_USAGE, "include_usage"},
        {API_FORMAT, "response_format"}, {API_FORMAT, "schema"},
        {API_FORMAT, "grammar"},         {API_MAX_TOKENS, "max_completion_tokens"},
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (used_features(ask) & words[i].feature && strcasestr(message, words[i].word))
            return words[i].feature;
    return 0;
}

const struct api api_chat = {
    .name = "chat",
    .path = "chat/completions",
    .key_header = "Authorization: Bearer ",
    .request = request,
    .event = read_event,
    .whole = read_whole,
    .refused_feature = refused_feature,
};
