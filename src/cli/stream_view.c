/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/stream_view.h"

#include "base/escape.h"

#include <string.h>

struct stream_view {
    const struct redact *redact;
    struct reading reading;
    struct text line;     /* begun and not ended */
    struct text said;     /* the agent's text as far as it was shown */
    struct text activity; /* shown last */
    struct text message;
    uint32_t tools; /* calls that were counted when the activity was shown */
    bool in_text;   /* the last thing shown is text without an end of line */
};

struct stream_view *stream_view_new(const struct driver *driver, const struct redact *redact)
{
    struct stream_view *v = MEM_NEW(struct stream_view);

    v->redact = redact;
    reading_begin(&v->reading, driver->reader, driver->config);
    return v;
}

void stream_view_free(struct stream_view *v)
{
    if (!v)
        return;
    reading_free(&v->reading);
    text_free(&v->line);
    text_free(&v->said);
    text_free(&v->activity);
    text_free(&v->message);
    free(v);
}

static bool note(struct text *shown, const struct text *now)
{
    if (shown->length == now->length && strcmp(text_get(shown), text_get(now)) == 0)
        return false;
    text_clear(shown);
    text_add_n(shown, text_get(now), now->length);
    return now->length > 0;
}

static void end_text(struct stream_view *v, struct text *out)
{
    if (v->in_text)
        text_add_char(out, '\n');
    v->in_text = false;
}

static void show_mark(struct stream_view *v, char mark, const struct text *what, struct text *out)
{
    end_text(v, out);
    text_printf(out, "%c ", mark);
    escape_add_line(out, text_get(what), what->length);
    text_add_char(out, '\n');
}

/* What was appended, or, where the text is another one, all of it. */
static void show_text(struct stream_view *v, struct text *out)
{
    const struct text *now = &v->reading.text;
    size_t before = v->said.length;
    bool more = now->length >= before && memcmp(text_get(now), text_get(&v->said), before) == 0;

    if (more && now->length == before)
        return;
    if (!more) {
        end_text(v, out);
        before = 0;
    }
    escape_add_block(out, text_get(now) + before, now->length - before);
    v->in_text = out->length && out->data[out->length - 1] != '\n';
    text_clear(&v->said);
    text_add_n(&v->said, text_get(now), now->length);
}

static void show_changes(struct stream_view *v, struct text *out)
{
    const struct reading *r = &v->reading;
    bool changed = note(&v->activity, &r->activity);

    show_text(v, out);
    if (changed || (r->tool_calls > v->tools + 1 && r->activity.length))
        show_mark(v, '>', &v->activity, out);
    if (changed || r->tool_calls > v->tools + 1)
        v->tools = r->tool_calls;
    if (note(&v->message, &r->message))
        show_mark(v, '!', &v->message, out);
}

static void take_line(struct stream_view *v, struct text *out)
{
    if (v->line.length)
        (void)redact_bytes(v->redact, v->line.data, v->line.length);
    text_add_char(&v->line, '\n');
    reading_feed(&v->reading, text_get(&v->line), v->line.length);
    text_clear(&v->line);
    show_changes(v, out);
}

void stream_view_feed(struct stream_view *v, const char *bytes, size_t length, struct text *out)
{
    while (length) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        if (v->line.length + part <= READING_LINE_MAX)
            text_add_n(&v->line, bytes, part);
        if (end)
            take_line(v, out);
        part += end != NULL;
        bytes += part;
        length -= part;
    }
}
