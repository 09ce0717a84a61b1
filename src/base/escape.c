/* SPDX-License-Identifier: Apache-2.0 */
#include "base/escape.h"

#include <string.h>

/* Characters that hide, or that change how others are seen (Unicode TR36, "Trojan Source"). */
static const struct {
    uint32_t first, last;
} hidden_rows[] = {
    {0x0080, 0x009F},   /* C1 controls: some terminals obey them */
    {0x00AD, 0x00AD},   /* soft hyphen */
    {0x061C, 0x061C},   /* Arabic letter mark */
    {0x180E, 0x180E},   /* Mongolian vowel separator */
    {0x200B, 0x200B},   /* zero width space */
    {0x200E, 0x200F},   /* left-to-right and right-to-left mark */
    {0x2028, 0x202E},   /* line and paragraph separator, direction embeddings and overrides */
    {0x2060, 0x206F},   /* word joiner, invisible operators, direction isolates */
    {0xFEFF, 0xFEFF},   /* byte order mark */
    {0xFFF9, 0xFFFB},   /* interlinear annotation */
    {0xE0000, 0xE007F}, /* tags: text nobody sees */
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < COUNT_OF(hidden_rows); i++) {
        if (point >= hidden_rows[i].first && point <= hidden_rows[i].last)
            return true;
    }
    return false;
}

static void add_control(struct text *t, char c, bool block)
{
    if (block && (c == '\n' || c == '\t'))
        text_add_char(t, c);
    else if (c == '\n')
        text_add(t, "\\n");
    else if (c == '\t')
        text_add(t, "\\t");
    else
        text_printf(t, "\\x%02x", (unsigned char)c);
}

static void add(struct text *t, const char *s, size_t length, bool block)
{
    for (const char *end = s + length; s < end;) {
        uint32_t point;
        size_t n = text_utf8_next(s, (size_t)(end - s), &point);

        if (n == 0) {
            add_control(t, *s++, block);
            continue;
        }
        if (block && point == '\r' && s + 1 < end && s[1] == '\n')
            (void)0; /* the line feed that follows ends the line */
        else if (point < 0x20 || point == 0x7F)
            add_control(t, *s, block);
        else if (is_hidden(point))
            text_printf(t, "\\u{%04x}", (unsigned)point);
        else
            text_add_n(t, s, n);
        s += n;
    }
}

void escape_add_line(struct text *t, const char *s, size_t length)
{
    add(t, s, length, false);
}

void escape_add_block(struct text *t, const char *s, size_t length)
{
    add(t, s, length, true);
}

char *escape_line(const char *s)
{
    struct text t = {0};

    escape_add_line(&t, s, strlen(s));
    return text_take(&t);
}

enum { BEYOND_16_BITS = 0x10000 };

/* Beyond 16 bits JSON takes a pair of surrogates (RFC 8259, section 7). */
static void add_json_point(struct text *t, uint32_t point)
{
    if (point < BEYOND_16_BITS)
        text_printf(t, "\\u%04x", (unsigned)point);
    else
        text_printf(t, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((point - BEYOND_16_BITS) >> 10)),
                    (unsigned)(0xDC00 + (point & 0x3FF)));
}

void escape_add_json(struct text *t, const char *s, size_t length)
{
    for (const char *end = s + length; s < end;) {
        uint32_t point;
        size_t n = text_utf8_next(s, (size_t)(end - s), &point);

        if (n && (is_hidden(point) || point == 0x7F))
            add_json_point(t, point);
        else
            text_add_n(t, s, n ? n : 1);
        s += n ? n : 1;
    }
}
