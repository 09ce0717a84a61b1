/* SPDX-License-Identifier: Apache-2.0 */
#include "model/endpoint.h"

#include "agent/reading.h"
#include "model/sse.h"

#include <string.h>

enum { CONNECT_S = 30, MESSAGE_MAX = 1000 };

/* An answer on its way. */
struct arrival {
    const struct api *api;
    struct answer *answer;
    struct sse sse;
    struct text content; /* that is no stream of events */
    bool streamed;
    bool too_long;
};

const struct api *endpoint_kind(const char *url, bool *ret_sure)
{
    bool messages = strcasestr(url, "anthropic") || text_ends(url, "/messages");

    *ret_sure = messages || text_ends(url, "/completions") || strcasestr(url, "openai");
    return messages ? &api_messages : &api_chat;
}

/* Is there a version such as "v1" at the end of the path? */
static bool has_version(const char *base, size_t length)
{
    size_t digits = 0;

    while (digits < length && strchr("0123456789", base[length - 1 - digits]))
        digits++;
    return digits && length > digits + 1 && base[length - digits - 1] == 'v' &&
           base[length - digits - 2] == '/';
}

static bool has_path(const char *base, size_t length)
{
    const char *host = strstr(base, "://");

    host = host ? host + 3 : base;
    return memchr(host, '/', length - (size_t)(host - base)) != NULL;
}

char *endpoint_url(const char *base, const struct api *api)
{
    size_t length = strlen(base);

    while (length && base[length - 1] == '/')
        length--;
    AUTO_FREE char *trimmed = mem_string_n(base, length);
    if (text_ends(trimmed, api->path))
        return text_format("%s", trimmed);
    /* For messages the version is not part of the customary base; for chat it mostly is. */
    bool complete = has_version(trimmed, length) || (api == &api_chat && has_path(trimmed, length));
    return text_format("%s%s/%s", trimmed, complete ? "" : "/v1", api->path);
}

static void take_event(void *context, const char *data, size_t length)
{
    struct arrival *in = context;
    AUTO_FAULT ignored = {0};
    json_t *event = NULL;

    if (strcmp(data, "[DONE]") == 0) {
        if (in->answer->stop == STOP_NONE && in->streamed)
            in->answer->stop = STOP_DONE;
        return;
    }
    if (!length)
        return;
    if (json_parse_lossy(data, length, "event", &event, &ignored) == 0)
        in->api->event(in->answer, event);
    else if (in->answer->stop == STOP_NONE)
        answer_fails(in->answer, "bad gateway", "the endpoint's stream holds what is no JSON");
    in->streamed = true;
    json_decref(event);
}

static bool take_bytes(void *context, const struct http_reply *reply, const char *bytes,
                       size_t length)
{
    struct arrival *in = context;

    if (reply->bytes > ENDPOINT_CONTENT_MAX) {
        in->too_long = true;
        return false;
    }
    if (reply->stream && reply->status < 300)
        sse_feed(&in->sse, bytes, length);
    else
        text_add_n(&in->content, bytes, length);
    in->too_long = in->sse.too_long;
    return !in->too_long;
}

/* The content of an answer that is no stream: a whole answer, an error, or neither. Streams whose
 * server does not name them are read all the same. */
static void read_content(struct arrival *in, int status)
{
    AUTO_FAULT ignored = {0};
    json_auto_t *body = NULL;
    const char *text = text_get(&in->content);

    if (!in->content.length)
        return;
    if (status < 300 && strchr("de:", *text) && strstr(text, "data:")) {
        sse_feed(&in->sse, text, in->content.length);
        return;
    }
    if (json_parse(text, in->content.length, "answer", &body, &ignored) < 0)
        body = NULL;
    if (status < 300 && body)
        in->api->whole(in->answer, body);
    else if (status < 300 && *text == '{')
        return; /* it was cut */
    else if (!body || !answer_read_error(in->answer, body))
        answer_fails(in->answer, NULL, text);
}

static void say(struct trouble *t, const struct answer *answer, int status)
{
    text_clear(&t->message);
    if (status >= 300)
        text_printf(&t->message, "HTTP %d: ", status);
    text_add(&t->message, answer->error.length ? text_get(&answer->error) : "no reason given");
    if (t->message.length > MESSAGE_MAX)
        text_cut(&t->message, text_utf8_valid(text_get(&t->message), MESSAGE_MAX));
}

static int fails(struct trouble *t, enum attempt_error error, const char *message)
{
    t->error = error;
    text_clear(&t->message);
    text_add(&t->message, message);
    return -1;
}

/* What it means that the content has come to its end. */
static int judge(const struct arrival *in, const struct http_reply *reply, struct trouble *t)
{
    const struct answer *a = in->answer;

    t->status = reply->status;
    t->retry_after_ms = reply->retry_after_ms;
    if (in->too_long)
        return fails(t, ERROR_FAILED, "the endpoint's answer is longer than can be read");
    if (reply->status >= 300 || a->error.length) {
        int status = reply->status >= 300 ? reply->status : 0;
        say(t, a, status);
        t->error = reading_classify(status, text_get(&t->message));
        if (!t->retry_after_ms)
            t->retry_after_ms = reading_retry_after_ms(text_get(&t->message));
        return -1;
    }
    if (a->stop == STOP_NONE)
        return fails(t, ERROR_TRANSIENT, "the endpoint's answer was cut");
    if (a->stop == STOP_CONTEXT)
        return fails(t, ERROR_CONTEXT_FULL, "the model's context window is full");
    return 0;
}

static int post(struct endpoint *e, const char *body, struct arrival *in, struct trouble *t)
{
    AUTO_FREE char *url = endpoint_url(e->base, e->api);
    const char *secret = e->api == &api_chat ? e->chat_key : e->messages_key;
    AUTO_FREE char *key = secret ? text_format("%s%s", e->api->key_header, secret) : NULL;
    const char *headers[] = {"Content-Type: application/json", "Expect:", NULL, NULL, NULL};
    size_t count = 2;
    struct http_reply reply;
    AUTO_FAULT f = {0};

    if (key)
        headers[count++] = key;
    if (e->api->extra_header)
        headers[count++] = e->api->extra_header;
    const struct http_request request = {
        .url = url,
        .headers = headers,
        .body = body,
        .body_bytes = strlen(body),
        .take = take_bytes,
        .context = in,
        .connect_s = CONNECT_S,
        .stall_s = e->stall_s,
        .limit_s = e->limit_s,
    };
    int r = http_post(e->http, &request, &reply, &f);
    read_content(in, reply.status);
    sse_end(&in->sse);
    /* An answer that is whole is one, however its connection ended. */
    if (r == 0 || reply.status >= 300 || in->answer->error.length || in->answer->stop != STOP_NONE)
        return judge(in, &reply, t);
    t->status = reply.status;
    return fails(t, r == -FAULT_BUSY ? ERROR_TRANSIENT : ERROR_FAILED, f.message);
}

static void begin_again(struct answer *a)
{
    struct answer empty = {.on_text = a->on_text, .context = a->context};

    answer_free(a);
    *a = empty;
}

static int ask_once(struct endpoint *e, const struct ask *ask, struct answer *answer,
                    struct trouble *t)
{
    struct arrival in = {.api = e->api, .answer = answer};

    in.sse = (struct sse){.take = take_event, .context = &in};
    begin_again(answer);
    t->retry_after_ms = 0;
    json_auto_t *request = e->api->request(ask);
    AUTO_FREE char *body = json_text(request, 0);
    int r = post(e, body, &in, t);
    sse_free(&in.sse);
    text_free(&in.content);
    return r;
}

static bool refuses_path(const struct trouble *t)
{
    return t->status == 404 || t->status == 405;
}

/* As the other kind. If that is not it either, the first trouble was the telling one. */
static int ask_otherwise(struct endpoint *e, const struct ask *ask, struct answer *answer,
                         struct trouble *t)
{
    const struct api *first = e->api;
    struct trouble other = {0};

    e->api = first == &api_chat ? &api_messages : &api_chat;
    int r = ask_once(e, ask, answer, &other);
    e->guessed = false;
    if (r < 0 && refuses_path(&other)) {
        e->api = first;
        trouble_free(&other);
        return r;
    }
    trouble_free(t);
    *t = other;
    return r;
}

/* Once more without each thing that the endpoint says it does not know. */
static int ask_without(struct endpoint *e, struct ask *ask, struct answer *answer,
                       struct trouble *t)
{
    int r = ask_once(e, ask, answer, t);

    while (r < 0 && t->status >= 400 && t->error != ERROR_CONTEXT_FULL) {
        unsigned refused = e->api->refused_feature(ask, text_get(&t->message));
        if (!refused)
            break;
        e->without |= refused;
        ask->without = e->without;
        r = ask_once(e, ask, answer, t);
    }
    return r;
}

int endpoint_ask(struct endpoint *e, const struct ask *ask, struct answer *answer,
                 struct trouble *trouble)
{
    struct ask with = *ask;

    with.without |= e->without;
    int r = ask_without(e, &with, answer, trouble);
    if (r < 0 && e->guessed && refuses_path(trouble))
        r = ask_otherwise(e, &with, answer, trouble);
    e->guessed = e->guessed && r < 0;
    return r;
}

void trouble_free(struct trouble *t)
{
    text_free(&t->message);
    *t = (struct trouble){0};
}

void endpoint_fini(struct endpoint *e)
{
    http_free(e->http);
    free(e->base);
    free(e->chat_key);
    free(e->messages_key);
    *e = (struct endpoint){0};
}
