/* SPDX-License-Identifier: Apache-2.0 */
/* What an endpoint answers: a stream of events or a whole body, of both kinds, cut anywhere. What
 * is made of it is a conversation that is kept, trimmed and sent again. */
#include "model/api.h"
#include "model/schema.h"
#include "model/sse.h"
#include "model/trim.h"

#include <string.h>

struct reading_one {
    const struct api *api;
    struct answer *answer;
};

static void take(void *context, const char *data, size_t length)
{
    struct reading_one *one = context;
    json_t *event = NULL;
    AUTO_FAULT f = {0};

    if (json_parse(data, length, "event", &event, &f) == 0)
        one->api->event(one->answer, event);
    json_decref(event);
}

static void check_conversation(const struct api *api, struct message *m)
{
    struct conversation c = {0}, again = {0};
    json_auto_t *tools = json_array();
    struct ask ask = {.model = "m", .instructions = "", .conversation = &c, .tools = tools};
    AUTO_FAULT f = {0};

    conversation_add_user(&c, "u");
    conversation_add(&c, m);
    for (size_t i = 0; i < c.messages.at[1].calls.count; i++) {
        AUTO_FREE char *id = mem_string(c.messages.at[1].calls.at[i].id);
        conversation_add_result(&c, id, "result", false);
    }
    json_auto_t *list = conversation_json(&c);
    if (!list || conversation_read(list, &again, &f) < 0)
        bug("a conversation that is none: %s", f.message);
    json_auto_t *request = api->request(&ask);
    if (!request)
        bug("a request that cannot be made");
    (void)trim_to(&again, conversation_bytes(&again) / 2); /* whether it can does not matter */
    conversation_free(&c);
    conversation_free(&again);
}

static void check_answer(const struct api *api, struct answer *a)
{
    struct message m;
    AUTO_FAULT f = {0};
    json_t *found = NULL;

    if (a->used.input < 0 || a->used.cached < 0 || a->used.output < 0 || a->used.reasoning < 0)
        bug("fewer than no tokens");
    answer_take(a, &m);
    if (schema_find_answer(m.text, &found, &f) == 0)
        (void)!schema_check(found, found, &f); /* whether it fits does not matter */
    json_decref(found);
    check_conversation(api, &m);
    answer_free(a);
}

static void try_kind(const struct api *api, const char *data, size_t size)
{
    struct answer answer = {0};
    struct reading_one one = {api, &answer};
    struct sse sse = {.take = take, .context = &one};
    size_t cut = size / 3;
    json_t *body = NULL;
    AUTO_FAULT f = {0};

    sse_feed(&sse, data, cut);
    sse_feed(&sse, data + cut, size - cut);
    sse_end(&sse);
    sse_free(&sse);
    check_answer(api, &answer);
    if (json_parse(data, size, "body", &body, &f) == 0) {
        api->whole(&answer, body);
        check_answer(api, &answer);
    }
    json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);

    try_kind(&api_chat, text, size);
    try_kind(&api_messages, text, size);
    return 0;
}
