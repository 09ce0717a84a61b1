/* SPDX-License-Identifier: Apache-2.0 */
#include "core/shell_scan.h"

#include "base/text.h"

#include <string.h>

enum context {
    PLAIN,        /* the outermost; never in `nest` */
    PARENTHESES,  /* (...) */
    SUBSTITUTION, /* $(...) */
    ARITHMETIC,   /* $((...)), with PARENTHESES inside */
    SINGLE,
    DOLLAR_SINGLE,
    DOUBLE,
    BACKQUOTES,
    PARAMETER,
    COMMENT,
    DOCUMENT,
    CONTEXT_COUNT
};

struct shell_document {
    char *delimiter; /* owned */
    bool tabs;       /* `<<-`: tabs before the delimiter do not count */
    bool quoted;     /* nothing is expanded in it */
};

static enum context innermost(const struct shell_scan *s)
{
    return s->nest.count ? (enum context)s->nest.at[s->nest.count - 1] : PLAIN;
}

static bool is_inside(const struct shell_scan *s, enum context context)
{
    for (size_t i = 0; i < s->nest.count; i++)
        if (s->nest.at[i] == context)
            return true;
    return false;
}

/* The character `n` further; 0 where the reading has to stop. */
static char peek(const struct shell_scan *s, size_t n)
{
    return s->pos + n < s->end ? s->text[s->pos + n] : '\0';
}

static void enter(struct shell_scan *s, enum context context, size_t length)
{
    vector_push(&s->nest, (unsigned char)context);
    s->pos += length;
    s->in_word = context != PARENTHESES && context != SUBSTITUTION;
}

static void leave(struct shell_scan *s)
{
    s->in_word = innermost(s) != PARENTHESES;
    s->nest.count--;
    s->pos++;
}

/* The delimiter of a here-document without its quotes, or NULL if it can't be read whole. */
static char *read_delimiter(struct shell_scan *s, bool *ret_quoted)
{
    AUTO_TEXT word = {0};
    char quote = '\0';

    while (peek(s, 0) == ' ' || peek(s, 0) == '\t')
        s->pos++;
    for (; peek(s, 0); s->pos++) {
        char c = peek(s, 0);
        if (quote) {
            if (c == quote)
                quote = '\0';
            else
                text_add_char(&word, c);
        } else if (c == '\'' || c == '"') {
            quote = c;
            *ret_quoted = true;
        } else if (c == '\\') {
            *ret_quoted = true;
        } else if (strchr(" \t\n;&|()<>", c)) {
            break;
        } else {
            text_add_char(&word, c);
        }
    }
    return peek(s, 0) && word.length ? text_take(&word) : NULL;
}

static void read_document_operator(struct shell_scan *s)
{
    struct shell_document document = {0};

    s->pos += 2;
    if (peek(s, 0) == '<') {
        s->pos++;
        return;
    }
    document.tabs = peek(s, 0) == '-';
    s->pos += document.tabs;
    document.delimiter = read_delimiter(s, &document.quoted);
    if (document.delimiter)
        vector_push(&s->due, document);
    else
        s->unsure = "beside a here-document";
}

/* An expansion that goes on in the next line takes the delimiter with it, in some shells. */
static bool may_go_on(const char *line, const char *newline)
{
    for (const char *p = line; p < newline; p++) {
        if (*p == '\\') {
            if (++p == newline)
                return true;
        } else if (*p == '`' || (p[0] == '$' && p[1] == '(')) {
            return true;
        } else if (p[0] == '$' && p[1] == '{') {
            p += strcspn(p, "}\\`'\"\n");
            if (*p != '}')
                return true;
        }
    }
    return false;
}

/* Reads a line of a here-document. An unfinished one is left where it is: it can't be asked about
 * what follows. */
static void read_document(struct shell_scan *s)
{
    const char *line = s->text + s->pos;
    const char *newline = memchr(line, '\n', s->end - s->pos);
    const struct shell_document *document = &s->due.at[0];

    if (!newline) {
        s->pos = s->end;
        return;
    }
    s->pos += (size_t)(newline - line) + 1;
    if (!document->quoted && may_go_on(line, newline))
        s->unsure = "behind a here-document with expansions";
    while (document->tabs && *line == '\t')
        line++;
    if ((size_t)(newline - line) != strlen(document->delimiter) ||
        memcmp(line, document->delimiter, (size_t)(newline - line)) != 0)
        return;
    free(document->delimiter);
    s->due.count--;
    memmove(s->due.at, s->due.at + 1, s->due.count * sizeof *s->due.at);
    if (!s->due.count)
        s->nest.count--;
    s->in_word = false;
}

/* `$` and backquotes, which mean the same outside and inside double quotes. */
static void read_expansion(struct shell_scan *s)
{
    if (peek(s, 0) == '`') {
        enter(s, BACKQUOTES, 1);
    } else if (peek(s, 1) == '{') {
        enter(s, PARAMETER, 2);
    } else if (peek(s, 1) == '(' && peek(s, 2) == '(') {
        /* Two of them, since it takes two to close. */
        enter(s, ARITHMETIC, 2);
        enter(s, PARENTHESES, 1);
    } else if (peek(s, 1) == '(') {
        enter(s, SUBSTITUTION, 2);
    } else if (peek(s, 1) == '[') {
        s->unsure = "behind $[";
        s->pos += 2;
    } else if (peek(s, 1) == '$') {
        /* The number of the process: what follows is not behind a `$`. */
        s->pos += 2;
        s->in_word = true;
    } else {
        s->dollar = ++s->pos;
        s->in_word = true;
    }
}

static void read_newline(struct shell_scan *s)
{
    s->pos++;
    s->in_word = false;
    if (s->due.count)
        enter(s, DOCUMENT, 0);
}

/* A pattern of `case` closes a parenthesis that nobody opened. */
static bool is_nested_case(const struct shell_scan *s)
{
    return s->nest.count && !s->in_word && s->end - s->pos > 4 &&
           memcmp(s->text + s->pos, "case", 4) == 0 && strchr(" \t\n\\", s->text[s->pos + 4]);
}

static void read_plain_character(struct shell_scan *s, char c)
{
    if (is_nested_case(s))
        s->unsure = "behind a `case` in parentheses";
    s->in_word = !strchr(" \t;&|<>)", c);
    s->pos++;
}

static void read_plain(struct shell_scan *s)
{
    char c = peek(s, 0);

    if (c == '\n')
        read_newline(s);
    else if (c == '\'')
        enter(s, SINGLE, 1);
    else if (c == '"')
        enter(s, DOUBLE, 1);
    else if (c == '$' && peek(s, 1) == '\'')
        enter(s, DOLLAR_SINGLE, 2);
    else if (c == '$' || c == '`')
        read_expansion(s);
    else if (c == '(')
        enter(s, PARENTHESES, 1);
    else if (c == ')' && s->nest.count)
        leave(s);
    else if (c == '#' && !s->in_word)
        enter(s, COMMENT, 1);
    else if (c == '<' && peek(s, 1) == '<' && !is_inside(s, ARITHMETIC))
        read_document_operator(s);
    else
        read_plain_character(s, c);
}

static void read_single(struct shell_scan *s)
{
    if (peek(s, 0) == '\'')
        leave(s);
    else
        s->pos++;
}

static void read_double(struct shell_scan *s)
{
    char c = peek(s, 0);

    if (c == '"')
        leave(s);
    else if (c == '$' || c == '`')
        read_expansion(s);
    else
        s->pos++;
}

/* Shells disagree about quotes in "${x:-...}". */
static bool is_quoted_parameter(const struct shell_scan *s)
{
    size_t i = s->nest.count;

    while (i > 0 && s->nest.at[i - 1] == PARAMETER)
        i--;
    return i > 0 && s->nest.at[i - 1] == DOUBLE;
}

static void read_parameter(struct shell_scan *s)
{
    char c = peek(s, 0);

    if ((c == '"' || c == '\'') && is_quoted_parameter(s))
        s->unsure = "behind quotes in \"${...}\"";
    if (c == '}')
        leave(s);
    else if (c == '"')
        enter(s, DOUBLE, 1);
    else if (c == '\'')
        enter(s, SINGLE, 1);
    else if (c == '$' || c == '`')
        read_expansion(s);
    else
        s->pos++;
}

static void read_backquotes(struct shell_scan *s)
{
    if (peek(s, 0) == '`')
        leave(s);
    else
        s->pos++;
}

static void read_comment(struct shell_scan *s)
{
    if (peek(s, 0) != '\n') {
        s->pos++;
        return;
    }
    s->nest.count--;
    read_newline(s);
}

static const struct {
    void (*read)(struct shell_scan *s);
    bool escapes; /* a backslash takes the next character with it */
    enum shell_kind kind;
    const char *unsafe; /* why */
} contexts[CONTEXT_COUNT] = {
    [PLAIN] = {read_plain, true, SHELL_PLAIN, NULL},
    [PARENTHESES] = {read_plain, true, SHELL_PLAIN, NULL},
    [SUBSTITUTION] = {read_plain, true, SHELL_PLAIN, NULL},
    [ARITHMETIC] = {read_plain, true, SHELL_UNSAFE, "inside $((...))"},
    [SINGLE] = {read_single, false, SHELL_SINGLE, NULL},
    [DOLLAR_SINGLE] = {read_single, true, SHELL_UNSAFE, "inside $'...'"},
    [DOUBLE] = {read_double, true, SHELL_DOUBLE, NULL},
    [BACKQUOTES] = {read_backquotes, true, SHELL_UNSAFE, "inside backquotes"},
    [PARAMETER] = {read_parameter, true, SHELL_UNSAFE, "inside ${...}"},
    [COMMENT] = {read_comment, false, SHELL_COMMENT, NULL},
    [DOCUMENT] = {read_document, false, SHELL_UNSAFE, "inside a here-document"},
};

static void read_escape(struct shell_scan *s)
{
    /* Shells disagree about whether this ends the quotes. */
    if (innermost(s) == DOLLAR_SINGLE && peek(s, 1) == '\'')
        s->unsure = "behind $'...' with a quote in it";
    /* A line that goes on is no character. */
    s->in_word = s->in_word || peek(s, 1) != '\n';
    s->pos += 2;
}

void shell_scan_to(struct shell_scan *s, size_t offset)
{
    s->end = offset;
    while (s->pos < offset) {
        enum context context = innermost(s);
        if (peek(s, 0) == '\\' && contexts[context].escapes)
            read_escape(s);
        else
            contexts[context].read(s);
    }
}

const char *shell_scan_why(const struct shell_scan *s)
{
    bool plain = contexts[innermost(s)].kind == SHELL_PLAIN;

    if (s->unsure)
        return s->unsure;
    for (size_t i = 0; i < s->nest.count; i++)
        if (contexts[s->nest.at[i]].unsafe)
            return contexts[s->nest.at[i]].unsafe;
    if (s->pos > s->end)
        return "behind a backslash";
    if (plain && s->end && s->dollar == s->end)
        return "behind a `$`";
    return NULL;
}

enum shell_kind shell_scan_kind(const struct shell_scan *s)
{
    return shell_scan_why(s) ? SHELL_UNSAFE : contexts[innermost(s)].kind;
}

void shell_scan_skip(struct shell_scan *s, size_t offset)
{
    s->pos = offset;
    s->in_word = true;
}

void shell_scan_free(struct shell_scan *s)
{
    for (size_t i = 0; i < s->due.count; i++)
        free(s->due.at[i].delimiter);
    vector_free(&s->due);
    vector_free(&s->nest);
}
