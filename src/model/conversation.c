/* SPDX-License-Identifier: Apache-2.0 */
#include "model/conversation.h"

#include <string.h>

static const char *const role_words[] = {
    [MESSAGE_USER] = "user", [MESSAGE_MODEL] = "model", [MESSAGE_TOOL] = "tool"};

static void call_free(struct call *call)
{
    free(call->id);
    free(call->name);
    free(call->written);
    json_decref(call->arguments);
}

void message_free(struct message *m)
{
    for (size_t i = 0; i < m->calls.count; i++)
        call_free(&m->calls.at[i]);
    vector_free(&m->calls);
    free(m->text);
    free(m->call_id);
    json_decref(m->thinking);
    *m = (struct message){0};
}

/* Whatever is sent has to be UTF-8. */
static char *clean(const char *text)
{
    json_auto_t *valid = json_lossy_string(text, strlen(text));

    return mem_string(json_string_value(valid));
}

void conversation_add(struct conversation *c, struct message *m)
{
    vector_push(&c->messages, *m);
    *m = (struct message){0};
}

void conversation_add_user(struct conversation *c, const char *text)
{
    struct message m = {.role = MESSAGE_USER, .text = clean(text)};

    conversation_add(c, &m);
}

void conversation_add_result(struct conversation *c, const char *call_id, const char *text,
                             bool failed)
{
    struct message m = {.role = MESSAGE_TOOL,
                        .text = clean(text),
                        .call_id = mem_string(call_id),
                        .failed = failed};

    conversation_add(c, &m);
}

void conversation_drop(struct conversation *c, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        message_free(&c->messages.at[i]);
    memmove(&c->messages.at[first], &c->messages.at[first + count],
            (c->messages.count - first - count) * sizeof *c->messages.at);
    c->messages.count -= count;
}

void conversation_free(struct conversation *c)
{
    for (size_t i = 0; i < c->messages.count; i++)
        message_free(&c->messages.at[i]);
    vector_free(&c->messages);
}

static size_t json_bytes(const json_t *value)
{
    AUTO_FREE char *text = value ? json_text(value, 0) : NULL;

    return text ? strlen(text) : 0;
}

size_t message_bytes(const struct message *m)
{
    enum { FRAME = 32 }; /* what a message weighs beside its text */
    size_t bytes = FRAME + strlen(m->text) + json_bytes(m->thinking);

    for (size_t i = 0; i < m->calls.count; i++) {
        const struct call *call = &m->calls.at[i];
        bytes += FRAME + strlen(call->name) + json_bytes(call->arguments);
        bytes += call->written ? strlen(call->written) : 0;
    }
    return bytes;
}

size_t conversation_bytes(const struct conversation *c)
{
    size_t bytes = 0;

    for (size_t i = 0; i < c->messages.count; i++)
        bytes += message_bytes(&c->messages.at[i]);
    return bytes;
}

static json_t *call_json(const struct call *call)
{
    return json_pack("{s:s, s:s, s:O*, s:s*}", "id", call->id, "name", call->name, "arguments",
                     call->arguments, "written", call->written);
}

static json_t *message_json(const struct message *m)
{
    json_t *object = json_pack("{s:s, s:s, s:O*, s:s*}", "role", role_words[m->role], "text",
                               m->text, "thinking", m->thinking, "call_id", m->call_id);
    json_t *calls = m->calls.count ? json_array() : NULL;

    for (size_t i = 0; i < m->calls.count; i++)
        json_array_append_new(calls, call_json(&m->calls.at[i]));
    if (calls)
        json_object_set_new(object, "calls", calls);
    if (m->failed)
        json_object_set_new(object, "failed", json_true());
    return object;
}

json_t *conversation_json(const struct conversation *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->messages.count; i++)
        json_array_append_new(list, message_json(&c->messages.at[i]));
    return list;
}

static bool read_role(const char *word, enum message_role *ret)
{
    for (size_t i = 0; i < COUNT_OF(role_words); i++) {
        if (strcmp(role_words[i], word) != 0)
            continue;
        *ret = (enum message_role)i;
        return true;
    }
    return false;
}

static char *copy_or_null(const char *s)
{
    return s ? mem_string(s) : NULL;
}

static void read_call(const json_t *object, struct message *m)
{
    json_t *arguments = json_object_get(object, "arguments");
    struct call call = {
        .id = mem_string(json_get_string(object, "id", "")),
        .name = mem_string(json_get_string(object, "name", "")),
        .arguments = json_is_object(arguments) ? json_incref(arguments) : NULL,
    };

    if (!call.arguments)
        call.written = mem_string(json_get_string(object, "written", ""));
    vector_push(&m->calls, call);
}

/* A conversation that is being read. */
struct loading {
    struct conversation c;
    size_t asked;    /* the last message of the model */
    size_t answered; /* of its calls */
};

/* The call whose result has to come next; NULL: none. */
static const struct call *due(const struct loading *l)
{
    const struct message *asked = l->c.messages.count ? &l->c.messages.at[l->asked] : NULL;

    return asked && l->answered < asked->calls.count ? &asked->calls.at[l->answered] : NULL;
}

/* False where it does not fit behind what is there. */
static bool add_loaded(struct loading *l, struct message *m)
{
    const struct call *call = due(l);
    bool result = m->role == MESSAGE_TOOL;
    bool good = result ? call && m->call_id && strcmp(call->id, m->call_id) == 0 : !call;

    l->answered += result;
    if (m->role == MESSAGE_MODEL) {
        l->asked = l->c.messages.count;
        l->answered = 0;
    }
    conversation_add(&l->c, m);
    return good;
}

static bool read_message(const json_t *object, struct loading *l)
{
    json_t *thinking = json_object_get(object, "thinking");
    struct message m = {0};
    size_t i;
    json_t *call;

    if (!read_role(json_get_string(object, "role", ""), &m.role))
        return false;
    m.text = mem_string(json_get_string(object, "text", ""));
    m.call_id = copy_or_null(json_get_string(object, "call_id", NULL));
    m.failed = json_get_bool(object, "failed", false);
    m.thinking = json_is_array(thinking) ? json_incref(thinking) : NULL;
    if (m.role == MESSAGE_MODEL)
        json_array_foreach (json_object_get(object, "calls"), i, call)
            read_call(call, &m);
    return add_loaded(l, &m);
}

int conversation_read(const json_t *list, struct conversation *ret, struct fault *f)
{
    struct loading l = {0};
    bool good = json_is_array(list);
    size_t i;
    json_t *object;

    json_array_foreach (list, i, object)
        good = good && read_message(object, &l);
    if (!good || due(&l)) {
        conversation_free(&l.c);
        return fault_set(f, FAULT_FORMAT, "not a conversation");
    }
    *ret = l.c;
    return 0;
}
