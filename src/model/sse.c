/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sse.h"

#include <string.h>

static void end_event(struct sse *s)
{
    if (s->has_data)
        s->take(s->context, text_get(&s->data), s->data.length);
    text_clear(&s->data);
    s->has_data = false;
}

static void add_data(struct sse *s, const char *value, size_t length)
{
    if (s->has_data)
        text_add_char(&s->data, '\n');
    if (length && value[0] == ' ') {
        value++;
        length--;
    }
    text_add_n(&s->data, value, length);
    s->has_data = true;
}

static void end_line(struct sse *s)
{
    static const char field[] = "data:";
    const char *line = text_get(&s->line);

    if (!s->line.length)
        end_event(s);
    else if (text_starts(line, field))
        add_data(s, line + strlen(field), s->line.length - strlen(field));
    else if (strcmp(line, "data") == 0)
        add_data(s, "", 0);
    text_clear(&s->line);
}

void sse_feed(struct sse *s, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && !s->too_long; i++) {
        char c = bytes[i];
        bool of_cr = c == '\n' && s->after_cr;
        s->after_cr = c == '\r';
        if (of_cr)
            continue;
        if (c == '\n' || c == '\r')
            end_line(s);
        else
            text_add_char(&s->line, c);
        s->too_long = s->line.length + s->data.length > SSE_EVENT_MAX;
    }
}

void sse_end(struct sse *s)
{
    if (s->too_long)
        return;
    if (s->line.length)
        end_line(s);
    end_event(s);
}

void sse_free(struct sse *s)
{
    text_free(&s->line);
    text_free(&s->data);
}
