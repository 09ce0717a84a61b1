/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include "base/escape.h"

#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* XML has no place for U+FFFE and U+FFFF, which UTF-8 can hold. */
static bool is_no_character(const char *s)
{
    return (unsigned char)s[0] == 0xEF && (unsigned char)s[1] == 0xBF &&
           ((unsigned char)s[2] == 0xBE || (unsigned char)s[2] == 0xBF);
}

static void add_clean(struct text *t, const struct text *clean)
{
    for (size_t i = 0; i < clean->length; i++) {
        const char *name = entity(clean->data[i]);
        if (name) {
            text_add(t, name);
        } else if (is_no_character(clean->data + i)) {
            text_add(t, "\xEF\xBF\xBD");
            i += 2;
        } else {
            text_add_char(t, clean->data[i]);
        }
    }
}

void markup_add_line(struct text *t, const char *s)
{
    AUTO_TEXT clean = {0};

    escape_add_line(&clean, s, strlen(s));
    add_clean(t, &clean);
}
