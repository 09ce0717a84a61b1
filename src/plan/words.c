/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/words.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == WORDS_HOLE;
}

static bool is_edge(char c)
{
    return c && strchr("()[]{}<>\"'`,.;:!?", c);
}

struct word word_next(const char *s, size_t from)
{
    for (;;) {
        while (is_space(s[from]))
            from++;
        struct word w = {from, from};
        while (s[w.end] && !is_space(s[w.end]))
            w.end++;
        from = w.end;
        while (w.start < w.end && is_edge(s[w.start]))
            w.start++;
        while (w.end > w.start && is_edge(s[w.end - 1]))
            w.end--;
        if (w.start < w.end || !s[from])
            return w;
    }
}

bool word_is(const char *s, struct word w, const char *word)
{
    size_t n = strlen(word);

    return w.end - w.start == n && strncasecmp(s + w.start, word, n) == 0;
}

int word_index(const char *s, struct word w, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word_is(s, w, words[i]))
            return (int)i;
    return -1;
}

bool word_number(const char *s, struct word w, int64_t *ret)
{
    char digits[24];
    size_t n = 0;

    for (size_t i = w.start; i < w.end; i++) {
        if (s[i] == ',' && i > w.start && w.end - i > 3)
            continue;
        bool digit = s[i] >= '0' && s[i] <= '9';
        bool sign = i == w.start && s[i] == '-' && w.end - i > 1;
        if ((!digit && !sign) || n == sizeof digits - 1)
            return false;
        digits[n++] = s[i];
    }
    digits[n] = '\0';
    return text_to_int64(digits, INT64_MIN, INT64_MAX, ret);
}

bool words_touch(const char *s, struct word a, struct word b)
{
    for (size_t i = a.end; i < b.start; i++)
        if (!is_space(s[i]))
            return false;
    return true;
}

void words_cut(char *s, size_t start, size_t end)
{
    memset(s + start, WORDS_HOLE, end - start);
}

static void trim_end(struct text *t)
{
    while (t->length && is_space(t->data[t->length - 1]))
        t->data[--t->length] = '\0';
}

/* A hole has just ended before `next`. */
static void close_hole(struct text *t, char next)
{
    bool stop = !next || next == '\n' || strchr(",.;:!?)", next);

    trim_end(t);
    if (stop && t->length && t->data[t->length - 1] == ',')
        t->data[--t->length] = '\0';
    if (!stop && t->length)
        text_add_char(t, ' ');
}

char *words_copy(struct arena *a, const char *s, size_t start, size_t end)
{
    AUTO_TEXT t = {0};

    while (start < end && is_space(s[start]) && s[start] != WORDS_HOLE)
        start++;
    while (end > start && is_space(s[end - 1]) && s[end - 1] != WORDS_HOLE)
        end--;
    for (size_t i = start; i < end; i++) {
        if (s[i] != WORDS_HOLE) {
            text_add_char(&t, s[i]);
            continue;
        }
        while (i + 1 < end && is_space(s[i + 1]) && s[i + 1] != '\n')
            i++;
        close_hole(&t, i + 1 < end ? s[i + 1] : '\0');
        while (!t.length && i + 1 < end && (is_space(s[i + 1]) || strchr(",;:.", s[i + 1])))
            i++;
    }
    trim_end(&t);
    return arena_string(a, text_get(&t));
}

const char *words_first_line(struct arena *a, const char *text, size_t max)
{
    text += strspn(text, " \t\r\n");
    size_t n = strcspn(text, "\r\n");

    if (n <= max)
        return arena_string_n(a, text, n);
    n = max;
    while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return arena_format(a, "%.*s...", (int)n, text);
}

const char *words_dedent(struct arena *a, const char *text, size_t indent)
{
    AUTO_TEXT t = {0};

    while (*text) {
        size_t n = strcspn(text, "\n");
        text_add_n(&t, text, n && text[n - 1] == '\r' ? n - 1 : n);
        text += n;
        if (!*text)
            break;
        text_add_char(&t, '\n');
        text++;
        size_t white = strspn(text, " \t");
        text += white < indent ? white : indent;
    }
    return arena_string(a, text_get(&t));
}
