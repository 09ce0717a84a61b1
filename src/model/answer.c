/* SPDX-License-Identifier: Apache-2.0 */
#include "model/answer.h"

#include <string.h>

void answer_say(struct answer *a, const char *text)
{
    if (!text || !*text)
        return;
    text_add(&a->text, text);
    if (a->on_text)
        a->on_text(a->context, text);
}

void answer_think(struct answer *a, const char *text)
{
    enum { SIGN_EVERY = 2048 }; /* bytes */

    if (!text || !*text)
        return;
    size_t before = a->thought;
    a->thought += strlen(text);
    if (a->on_text && (!before || before / SIGN_EVERY != a->thought / SIGN_EVERY))
        a->on_text(a->context, NULL);
}

static bool same_call(const struct part *part, int64_t index, const char *id)
{
    return part->index == index && (!part->id || !id || !*id || strcmp(part->id, id) == 0);
}

struct part *answer_new_part(struct answer *a, int64_t index)
{
    if (a->parts.count == ANSWER_PARTS_MAX) {
        answer_fails(a, "bad gateway", "the endpoint's answer has more tool calls than any model");
        return &a->parts.at[a->parts.count - 1];
    }
    vector_push(&a->parts, (struct part){.index = index});
    return &a->parts.at[a->parts.count - 1];
}

struct part *answer_part(struct answer *a, int64_t index, const char *id)
{
    struct part *part = NULL;

    /* The last one is meant where several have the index. */
    for (size_t i = a->parts.count; i-- > 0 && !part;)
        if (a->parts.at[i].index == index)
            part = &a->parts.at[i];
    if (!part || !same_call(part, index, id))
        part = answer_new_part(a, index);
    if (!part->id && id && *id)
        part->id = mem_string(id);
    return part;
}

void answer_fails(struct answer *a, const char *type, const char *message)
{
    if (a->error.length)
        return;
    if (type && *type)
        text_printf(&a->error, "%s: ", type);
    text_add(&a->error, message && *message ? message : "an error without a message");
}

bool answer_read_error(struct answer *a, const json_t *body)
{
    const json_t *error = json_object_get(body, "error");
    const char *detail = json_get_string(body, "detail", json_get_string(body, "message", NULL));

    if (json_is_object(error))
        answer_fails(a, json_get_string(error, "code", json_get_string(error, "type", NULL)),
                     json_get_string(error, "message", NULL));
    else if (json_is_string(error))
        answer_fails(a, NULL, json_string_value(error));
    else if (detail && (error || strcmp(json_get_string(body, "object", "error"), "error") == 0))
        answer_fails(a, json_get_string(body, "type", NULL), detail);
    return a->error.length > 0;
}

void answer_count(struct answer *a, const struct token_counts *used)
{
    a->used = *used;
    a->counted = true;
}

/* What a model wrote as arguments, or NULL. No arguments at all are none. */
static json_t *parse_arguments(const struct text *written)
{
    AUTO_FAULT ignored = {0};
    const char *text = text_get(written);
    json_t *value = NULL;

    if (!text[strspn(text, " \t\r\n")])
        return json_object();
    if (json_parse(text, written->length, "arguments", &value, &ignored) < 0)
        return NULL;
    if (json_is_object(value))
        return value;
    if (json_is_null(value)) {
        json_decref(value);
        return json_object();
    }
    json_decref(value);
    return NULL;
}

static bool id_taken(const struct message *m, const char *id)
{
    for (size_t i = 0; i < m->calls.count; i++)
        if (strcmp(m->calls.at[i].id, id) == 0)
            return true;
    return false;
}

static void take_part(struct part *part, struct message *m)
{
    struct call call = {.id = part->id, .name = text_take(&part->name), .arguments = part->object};

    if (call.id && id_taken(m, call.id)) {
        free(call.id);
        call.id = NULL;
    }
    if (!call.id)
        call.id = text_format("kelp_call_%zu", m->calls.count + 1);
    if (!call.arguments)
        call.arguments = parse_arguments(&part->arguments);
    if (!call.arguments)
        call.written = text_take(&part->arguments);
    part->id = NULL;
    part->object = NULL;
    vector_push(&m->calls, call);
}

void answer_take(struct answer *a, struct message *ret)
{
    struct message m = {
        .role = MESSAGE_MODEL, .text = text_take(&a->text), .thinking = a->thinking};

    a->thinking = NULL;
    for (size_t i = 0; i < a->parts.count; i++)
        if (a->parts.at[i].name.length)
            take_part(&a->parts.at[i], &m);
    *ret = m;
}

void answer_free(struct answer *a)
{
    for (size_t i = 0; i < a->parts.count; i++) {
        struct part *part = &a->parts.at[i];
        free(part->id);
        text_free(&part->name);
        text_free(&part->arguments);
        json_decref(part->object);
    }
    vector_free(&a->parts);
    text_free(&a->text);
    text_free(&a->error);
    text_free(&a->block_text);
    json_decref(a->thinking);
    json_decref(a->block);
    free(a->model);
    *a = (struct answer){0};
}
