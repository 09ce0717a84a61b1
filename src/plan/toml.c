/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/toml.h"

#include "base/vector.h"

#include <stdint.h>
#include <string.h>

struct toml {
    const struct source *source;
    const char *s; /* ends with NUL */
    size_t at;
    struct source_cursor cursor;
    struct arena *arena;
    struct fault *fault;
    VECTOR(struct node *) items;
};

static int fail(struct toml *t, size_t at, const char *message, const char *hint)
{
    int r = source_fail(t->source, at, message, t->fault);

    fault_hint(t->fault, "%s", hint);
    return r;
}

static void skip_blanks(struct toml *t)
{
    t->at += strspn(t->s + t->at, " \t");
}

/* White space, ends of lines and comments. */
static void skip_lines(struct toml *t)
{
    for (;;) {
        t->at += strspn(t->s + t->at, " \t\r\n");
        if (t->s[t->at] != '#')
            return;
        t->at += strcspn(t->s + t->at, "\n");
    }
}

static void add_utf8(struct text *out, uint32_t point)
{
    static const struct {
        uint32_t below;
        unsigned char lead;
        int more;
    } forms[] = {{0x80, 0, 0}, {0x800, 0xC0, 1}, {0x10000, 0xE0, 2}, {0x110000, 0xF0, 3}};
    size_t i = 0;

    while (point >= forms[i].below)
        i++;
    text_add_char(out, (char)(forms[i].lead | point >> 6 * forms[i].more));
    for (int k = forms[i].more; k-- > 0;)
        text_add_char(out, (char)(0x80 | (point >> 6 * k & 0x3F)));
}

/* \uXXXX and \UXXXXXXXX; t->at is behind the letter. */
static int read_point(struct toml *t, size_t digits, struct text *out)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    uint32_t point = 0;
    size_t start = t->at;

    for (size_t i = 0; i < digits; i++, t->at++) {
        const char *digit = t->s[t->at] ? strchr(hex, t->s[t->at]) : NULL;
        if (!digit)
            return fail(t, start, "a \\u without its digits", "write four digits behind \\u");
        uint32_t value = (uint32_t)(digit - hex);
        point = point << 4 | (value > 15 ? value - 6 : value);
    }
    if (!point || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
        return fail(t, start, "a \\u of no character", "write the character itself");
    add_utf8(out, point);
    return 0;
}

/* What follows a backslash; at the end of a line of a long string, the white space up to the next
 * word is left out. */
static int read_escape(struct toml *t, bool lines, struct text *out)
{
    static const char names[] = "btnfre\"\\", values[] = "\b\t\n\f\r\x1b\"\\";
    char c = t->s[t->at];
    const char *name = c ? strchr(names, c) : NULL;
    size_t blank = strspn(t->s + t->at, " \t\r");

    if (name) {
        text_add_char(out, values[name - names]);
        t->at++;
        return 0;
    }
    if (c == 'u' || c == 'U') {
        t->at++;
        return read_point(t, c == 'u' ? 4 : 8, out);
    }
    if (lines && t->s[t->at + blank] == '\n') {
        t->at += strspn(t->s + t->at, " \t\r\n");
        return 0;
    }
    return fail(t, t->at - 1, "an unknown escape", "write \\\\ for a backslash");
}

/* Up to two quotes may stand before the three that end a long string. */
static bool at_end(const struct toml *t, char quote, bool lines)
{
    const char *s = t->s + t->at;

    if (!lines)
        return s[0] == quote;
    return s[0] == quote && s[1] == quote && s[2] == quote && s[3] != quote;
}

static bool opens_long(const char *s, char quote)
{
    return s[0] == quote && s[1] == quote && s[2] == quote;
}

/* The string that begins at t->at. */
static int read_string(struct toml *t, struct text *out)
{
    char quote = t->s[t->at];
    bool lines = opens_long(t->s + t->at, quote);
    size_t start = t->at;

    t->at += lines ? 3 : 1;
    if (lines && t->s[t->at] == '\r')
        t->at++;
    if (lines && t->s[t->at] == '\n')
        t->at++;
    while (!at_end(t, quote, lines)) {
        char c = t->s[t->at];
        if (!c || (c == '\n' && !lines))
            return fail(t, start, "a string without an end", "close it with the same quotes");
        t->at++;
        if (c == '\\' && quote == '"') {
            int r = read_escape(t, lines, out);
            if (r < 0)
                return r;
        } else if (c != '\r' || t->s[t->at] != '\n') {
            text_add_char(out, c);
        }
    }
    t->at += lines ? 3 : 1;
    return 0;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* A value that is no string: numbers, words, lists and tables in one line or several. */
static int skip_value(struct toml *t)
{
    size_t start = t->at, depth = 0;

    for (;;) {
        char c = t->s[t->at];
        if (is_quote(c)) {
            AUTO_TEXT ignored = {0};
            int r = read_string(t, &ignored);
            if (r < 0)
                return r;
            continue;
        }
        if (depth && (c == '#' || c == '\n')) {
            skip_lines(t);
            continue;
        }
        if (!c || c == '\n' || c == '#')
            break;
        depth += c == '[' || c == '{';
        if ((c == ']' || c == '}') && !depth--)
            return fail(t, t->at, "a bracket that closes nothing", "take it out");
        t->at++;
    }
    if (depth)
        return fail(t, start, "a list or table without an end", "close its bracket");
    if (t->at == start)
        return fail(t, start, "a key without a value", "write a string in quotes behind the '='");
    return 0;
}

static int end_line(struct toml *t)
{
    skip_blanks(t);
    if (!t->s[t->at] || strchr("\r\n#", t->s[t->at]))
        return 0;
    return fail(t, t->at, "more than one value in a line", "begin a new line behind the value");
}

static struct node *scalar(struct toml *t, size_t at, const char *text)
{
    struct node *node = ARENA_NEW(t->arena, struct node);

    *node = (struct node){.kind = NODE_SCALAR,
                          .place = source_place(t->s, at, &t->cursor),
                          .text = arena_string(t->arena, text),
                          .weight = 1};
    return node;
}

static int read_key(struct toml *t, struct text *key)
{
    size_t start = t->at;

    for (;;) {
        size_t bare = strcspn(t->s + t->at, "=\"'#\r\n");
        text_add_n(key, t->s + t->at, bare);
        t->at += bare;
        if (!is_quote(t->s[t->at]))
            break;
        int r = read_string(t, key);
        if (r < 0)
            return r;
    }
    while (key->length && strchr(" \t", key->data[key->length - 1]))
        text_cut(key, key->length - 1);
    if (t->s[t->at] != '=' || !key->length)
        return fail(t, start, "a line without 'key = value'", "write name = \"...\"");
    t->at++;
    return 0;
}

static int read_pair(struct toml *t)
{
    AUTO_TEXT key = {0}, value = {0};
    size_t key_at = t->at;
    int r = read_key(t, &key);

    if (r < 0)
        return r;
    skip_blanks(t);
    size_t value_at = t->at;
    bool is_text = is_quote(t->s[t->at]);
    r = is_text ? read_string(t, &value) : skip_value(t);
    if (r == 0 && is_text)
        r = end_line(t);
    if (r < 0 || !is_text)
        return r;
    if (strlen(text_get(&value)) != value.length)
        return fail(t, value_at, "text with a NUL character", "take it out");
    vector_push(&t->items, scalar(t, key_at, text_get(&key)));
    vector_push(&t->items, scalar(t, value_at, text_get(&value)));
    return 0;
}

int toml_read(const struct source *source, struct arena *a, struct node **ret_root, struct fault *f)
{
    struct toml t = {.source = source, .s = source->text, .arena = a, .fault = f};
    int r = source_check(source, NODE_BYTES_MAX, f);

    for (skip_lines(&t); r == 0 && t.s[t.at] && t.s[t.at] != '['; skip_lines(&t))
        r = read_pair(&t);
    if (r == 0) {
        struct node *root = ARENA_NEW(a, struct node);
        *root =
            (struct node){.kind = NODE_MAPPING,
                          .place = {1, 1},
                          .items = arena_copy(a, t.items.at, t.items.count * sizeof *t.items.at),
                          .count = t.items.count,
                          .weight = t.items.count + 1};
        *ret_root = root;
    }
    vector_free(&t.items);
    return r;
}
