/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markdown_text.h"

#include "base/escape.h"

#include <ctype.h>
#include <string.h>

/* Blanks for line breaks and tabs, escapes for what moves a cursor; cut at a whole character. */
static char *one_line(const char *s, size_t most)
{
    size_t length = strlen(s);
    AUTO_TEXT flat = {0};
    struct text clean = {0};
    bool cut = most && length > most;

    if (cut)
        length = text_utf8_valid(s, most);
    for (size_t i = 0; i < length; i++) {
        bool blank = s[i] == '\n' || s[i] == '\r' || s[i] == '\t' || s[i] == ' ';
        if (!blank)
            text_add_char(&flat, s[i]);
        else if (flat.length && flat.data[flat.length - 1] != ' ')
            text_add_char(&flat, ' ');
    }
    escape_add_line(&clean, text_get(&flat), flat.length);
    while (clean.length && clean.data[clean.length - 1] == ' ')
        clean.data[--clean.length] = '\0';
    if (cut)
        text_add(&clean, " ...");
    return text_take(&clean);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* An underscore inside a word is a letter to GitHub; a name reads better without escapes. */
static bool needs_escape(const char *s, size_t i)
{
    if (s[i] == '_')
        return i == 0 || !is_word(s[i - 1]) || !is_word(s[i + 1]);
    if (s[i] == '&')
        return s[i + 1] == '#' || isalpha((unsigned char)s[i + 1]);
    if (i == 0 && strchr("#+-=>", s[i]))
        return true;
    return strchr("\\`*[]<|~", s[i]) != NULL;
}

static size_t leading_digits(const char *s)
{
    return strspn(s, "0123456789");
}

void markdown_add_line(struct text *t, const char *s, size_t most)
{
    AUTO_FREE char *line = one_line(s, most);
    size_t list = leading_digits(line); /* "1." or "1)" would begin a list */

    for (size_t i = 0; line[i]; i++) {
        bool number = list && i == list && (line[i] == '.' || line[i] == ')');
        if (number || needs_escape(line, i))
            text_add_char(t, '\\');
        text_add_char(t, line[i]);
    }
}

void markdown_add_word(struct text *t, const char *s)
{
    markdown_add_line(t, s, 0);
}

static size_t longest_run(const char *s, char c)
{
    size_t longest = 0, run = 0;

    for (; *s; s++) {
        run = *s == c ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

void markdown_add_code(struct text *t, const char *s)
{
    AUTO_FREE char *line = one_line(s, 0);
    size_t ticks = longest_run(line, '`') + 1;

    if (!line[0])
        return;
    for (size_t i = 0; i < ticks; i++)
        text_add_char(t, '`');
    if (line[0] == '`')
        text_add_char(t, ' ');
    for (const char *p = line; *p; p++) {
        if (*p == '|')
            text_add_char(t, '\\'); /* a table sees the bar before it sees the code */
        text_add_char(t, *p);
    }
    if (ticks > 1)
        text_add_char(t, ' ');
    for (size_t i = 0; i < ticks; i++)
        text_add_char(t, '`');
}
