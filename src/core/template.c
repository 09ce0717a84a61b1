/* SPDX-License-Identifier: Apache-2.0 */
#include "core/template.h"

#include "core/shell_scan.h"

#include <string.h>

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_ESCAPE, PIECE_VARIABLE };

struct piece {
    enum piece_kind kind;
    size_t offset, length; /* of all of it */
    char *name;            /* of a variable; owned */
};

static void piece_free(struct piece *piece)
{
    free(piece->name);
    piece->name = NULL;
}

static void place_fault(const char *text, size_t offset, struct fault *f)
{
    unsigned line = 1;
    unsigned column = 1;

    for (size_t i = 0; i < offset; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    fault_place(f, NULL, line, column);
}

static int unclosed(const char *text, size_t offset, struct fault *f)
{
    int code = fault_set(f, FAULT_PLAN, "'{{' is not closed");

    fault_hint(f, "write {{{{ for a plain {{");
    place_fault(text, offset, f);
    return code;
}

static int no_name(const char *text, size_t offset, struct fault *f)
{
    int code = fault_set(f, FAULT_PLAN, "'{{}}' names no variable");

    place_fault(text, offset, f);
    return code;
}

static int read_variable(const char *text, size_t offset, struct piece *ret, struct fault *f)
{
    const char *name = text + offset + 2;
    const char *end = strstr(name, "}}");
    const char *stop = name + strcspn(name, "\n{");

    if (!end || stop < end)
        return unclosed(text, offset, f);
    ret->kind = PIECE_VARIABLE;
    ret->length = (size_t)(end + 2 - text) - offset;
    while (name < end && strchr(" \t", *name))
        name++;
    while (end > name && strchr(" \t", end[-1]))
        end--;
    if (name == end)
        return no_name(text, offset, f);
    ret->name = mem_string_n(name, (size_t)(end - name));
    return 0;
}

/* Replaces `piece` by the one that follows it; a zeroed one stands before the first. */
static int next_piece(const char *text, struct piece *piece, struct fault *f)
{
    struct piece next = {.offset = piece->offset + piece->length};
    const char *at = text + next.offset;
    const char *open = strstr(at, "{{");

    piece_free(piece);
    *piece = next;
    if (!*at)
        return 0;
    if (open != at) {
        piece->kind = PIECE_TEXT;
        piece->length = open ? (size_t)(open - at) : strlen(at);
        return 0;
    }
    if (text_starts(at, "{{{{")) {
        piece->kind = PIECE_ESCAPE;
        piece->length = 4;
        return 0;
    }
    return read_variable(text, next.offset, piece, f);
}

/* A segment `*` of the pattern stands for any one. */
static bool name_matches(const char *pattern, const char *name)
{
    for (;;) {
        size_t pattern_length = strcspn(pattern, ".");
        size_t length = strcspn(name, ".");
        bool any = pattern_length == 1 && *pattern == '*' && length > 0;
        if (!any && (pattern_length != length || memcmp(pattern, name, length) != 0))
            return false;
        if (pattern[pattern_length] != name[length])
            return false;
        if (!name[length])
            return true;
        pattern += pattern_length + 1;
        name += length + 1;
    }
}

static bool is_allowed(const struct template_scope *scope, const char *name)
{
    for (size_t i = 0; i < scope->count; i++)
        if (name_matches(scope->names[i], name))
            return true;
    return scope->allows && scope->allows(scope->context, name);
}

static int unknown(const char *text, const struct piece *piece, const char *const *names,
                   size_t count, struct fault *f)
{
    int code = fault_set(f, FAULT_PLAN, "unknown variable '{{%s}}'", piece->name);
    const char *nearest = names ? text_nearest(piece->name, names, count) : NULL;

    if (nearest)
        fault_hint(f, "did you mean {{%s}}?", nearest);
    else
        fault_hint(f, "write {{{{ for a plain {{");
    place_fault(text, piece->offset, f);
    return code;
}

/* How a value has to be written where the piece stands. */
static int find_place(struct shell_scan *scan, const struct piece *piece, enum shell_kind *ret,
                      struct fault *f)
{
    shell_scan_to(scan, piece->offset);
    *ret = shell_scan_kind(scan);
    if (*ret == SHELL_UNSAFE) {
        int code = fault_set(f, FAULT_PLAN, "'{{%s}}' can't be quoted safely %s", piece->name,
                             shell_scan_why(scan));
        fault_hint(f, "put it into a shell variable first: x={{%s}}", piece->name);
        place_fault(scan->text, piece->offset, f);
        return code;
    }
    shell_scan_skip(scan, piece->offset + piece->length);
    return 0;
}

static int check_piece(const char *text, const struct template_scope *scope,
                       struct shell_scan *scan, const struct piece *piece, struct fault *f)
{
    enum shell_kind kind;

    if (piece->kind != PIECE_VARIABLE)
        return 0;
    if (!is_allowed(scope, piece->name))
        return unknown(text, piece, scope->names, scope->count, f);
    return scope->command ? find_place(scan, piece, &kind, f) : 0;
}

int template_check(const char *text, const struct template_scope *scope, struct fault *f)
{
    __attribute__((cleanup(piece_free))) struct piece piece = {0};
    AUTO_SHELL_SCAN scan = {.text = text};
    int r;

    do {
        r = next_piece(text, &piece, f);
        if (r == 0)
            r = check_piece(text, scope, &scan, &piece, f);
    } while (r == 0 && piece.kind != PIECE_END);
    return r;
}

/* Always in quotes: a bare 2 in front of `>`, a bare `if` or `a=b` would be no word to the shell.
 */
static void add_word(struct text *out, enum shell_kind kind, const char *value)
{
    const char *around = kind == SHELL_SINGLE ? "''" : kind == SHELL_DOUBLE ? "\"'" : "'";

    text_add(out, around);
    for (; *value; value++) {
        if (*value == '\'')
            text_add(out, "'\\''");
        else
            text_add_char(out, *value);
    }
    text_add_char(out, '\'');
    text_add_n(out, around, strlen(around) - 1);
}

struct expansion {
    const char *text;
    const struct template_values *values;
    struct shell_scan *scan;
    struct text *out;
};

static int expand_variable(struct expansion *e, const struct piece *piece, struct fault *f)
{
    const struct template_values *values = e->values;
    const char *value = values->lookup(values->context, piece->name);
    enum shell_kind kind;

    if (!value)
        return unknown(e->text, piece, values->names, values->count, f);
    if (!values->command) {
        text_add(e->out, value);
        return 0;
    }
    int r = find_place(e->scan, piece, &kind, f);
    if (r < 0)
        return r;
    /* A value with a newline would end the comment. */
    if (kind == SHELL_COMMENT)
        text_add_n(e->out, e->text + piece->offset, piece->length);
    else
        add_word(e->out, kind, value);
    return 0;
}

static int expand_piece(struct expansion *e, const struct piece *piece, struct fault *f)
{
    if (piece->kind == PIECE_VARIABLE)
        return expand_variable(e, piece, f);
    if (piece->kind == PIECE_ESCAPE)
        text_add(e->out, "{{");
    else
        text_add_n(e->out, e->text + piece->offset, piece->length);
    return 0;
}

int template_expand(const char *text, const struct template_values *values, struct text *out,
                    struct fault *f)
{
    __attribute__((cleanup(piece_free))) struct piece piece = {0};
    AUTO_SHELL_SCAN scan = {.text = text};
    AUTO_TEXT whole = {0};
    struct expansion e = {.text = text, .values = values, .scan = &scan, .out = &whole};
    int r;

    do {
        r = next_piece(text, &piece, f);
        if (r == 0)
            r = expand_piece(&e, &piece, f);
    } while (r == 0 && piece.kind != PIECE_END);
    if (r == 0)
        text_add_n(out, text_get(&whole), whole.length);
    return r;
}

bool template_uses(const char *text, const char *name)
{
    __attribute__((cleanup(piece_free))) struct piece piece = {0};
    AUTO_FAULT f = {0};

    do {
        if (next_piece(text, &piece, &f) < 0)
            return false;
        if (piece.kind == PIECE_VARIABLE && (!name || strcmp(piece.name, name) == 0))
            return true;
    } while (piece.kind != PIECE_END);
    return false;
}
