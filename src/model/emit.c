/* SPDX-License-Identifier: Apache-2.0 */
#include "model/emit.h"

#include "base/json.h"

#include <string.h>

enum { PROTOCOL_VERSION = 1, DETAIL_MAX = 200 };

/* Takes the fields. The type comes first, for people who read along; each line is seen at once. */
static void print(struct emit *e, const char *type, json_t *fields)
{
    json_auto_t *object = json_pack("{s:s}", "type", type);

    json_object_update(object, fields);
    json_decref(fields);
    AUTO_FREE char *line = json_dumps(object, JSON_COMPACT);
    if (!line || fprintf(e->out, "%s\n", line) < 0 || fflush(e->out) != 0)
        e->broken = true;
}

static void set_text(json_t *object, const char *key, const char *value, size_t most)
{
    size_t length = value ? strlen(value) : 0;

    if (value)
        json_object_set_new(object, key, json_lossy_string(value, length < most ? length : most));
}

void emit_start(struct emit *e, const char *session, const char *model, int64_t window)
{
    json_t *object = json_pack("{s:i, s:s*}", "version", PROTOCOL_VERSION, "session", session);

    set_text(object, "model", model, SIZE_MAX);
    if (window)
        json_object_set_new(object, "context_window", json_integer(window));
    print(e, "start", object);
}

void emit_message(struct emit *e)
{
    e->speaking = false;
}

void emit_text(struct emit *e, const char *text)
{
    json_t *object = json_object();

    set_text(object, "text", text, SIZE_MAX);
    if (e->speaking)
        json_object_set_new(object, "delta", json_true());
    e->speaking = true;
    print(e, "text", object);
}

void emit_thinking(struct emit *e)
{
    print(e, "thinking", json_object());
}

void emit_tool(struct emit *e, const char *id, const char *name, const char *detail)
{
    json_t *object = json_pack("{s:s, s:s}", "id", id, "name", name);

    set_text(object, "detail", detail, DETAIL_MAX);
    print(e, "tool", object);
}

void emit_tool_result(struct emit *e, const char *id, bool ok, bool denied)
{
    json_t *object = json_pack("{s:s, s:b}", "id", id, "ok", ok);

    if (denied)
        json_object_set_new(object, "denied", json_true());
    print(e, "tool_result", object);
}

void emit_usage(struct emit *e, const struct token_counts *used, int64_t context)
{
    print(e, "usage",
          json_pack("{s:I, s:I, s:I, s:I, s:I}", "input", (json_int_t)used->input, "cached",
                    (json_int_t)used->cached, "output", (json_int_t)used->output, "reasoning",
                    (json_int_t)used->reasoning, "context", (json_int_t)context));
}

void emit_error(struct emit *e, enum attempt_error error, const char *message,
                int64_t retry_after_ms)
{
    json_t *object = json_pack("{s:s}", "error", attempt_error_name(error));

    set_text(object, "message", message, SIZE_MAX);
    if (retry_after_ms)
        json_object_set_new(object, "retry_after_ms", json_integer(retry_after_ms));
    print(e, "error", object);
}

void emit_end(struct emit *e, bool ok, const char *text, json_t *answer)
{
    json_t *object = json_pack("{s:s, s:O*}", "status", ok ? "ok" : "failed", "answer", answer);

    set_text(object, "text", text, SIZE_MAX);
    print(e, "end", object);
}
