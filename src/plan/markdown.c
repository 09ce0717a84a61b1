/* SPDX-License-Identifier: Apache-2.0 */
/*
 * md4c tells no positions, but what it hands out are pieces of the source: their addresses say
 * where they stand. What it makes up itself (line breaks, U+FFFD) lies elsewhere.
 */
#include "plan/markdown.h"

#include "base/text.h"
#include "base/vector.h"

#include <md4c.h>
#include <stdint.h>
#include <string.h>

struct outline {
    const char *base;
    size_t length;
    struct arena *arena;
    VECTOR(struct markdown_heading) headings;
    VECTOR(struct markdown_item) items;
    unsigned lists, other; /* open lists; open blocks that hide lists (quotes) */
    bool ordered;          /* the outermost open list */
    bool heading, item;    /* text is collected for one */
    bool span;             /* inside a code span */
    unsigned spans;
    bool after_span;    /* text behind the code span */
    size_t first, last; /* of the text in the source; first > last: none yet */
    struct text words, code;
};

static size_t line_start(const struct outline *o, size_t at)
{
    while (at && o->base[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct outline *o, size_t at)
{
    const char *end = memchr(o->base + at, '\n', o->length - at);

    return end ? (size_t)(end - o->base) : o->length;
}

static void begin(struct outline *o)
{
    text_clear(&o->words);
    text_clear(&o->code);
    o->spans = 0;
    o->after_span = false;
    o->first = o->length + 1;
    o->last = 0;
}

/* The lines that the collected text came from. */
static void range(const struct outline *o, size_t *ret_start, size_t *ret_end)
{
    if (o->first > o->last) {
        *ret_start = *ret_end = o->last;
        return;
    }
    *ret_start = line_start(o, o->first);
    *ret_end = line_end(o, o->last);
}

/* A heading of two lines has its second one made of = or -. */
static size_t underline_end(const struct outline *o, size_t end)
{
    if (end >= o->length)
        return end;
    const char *next = o->base + end + 1;
    size_t marks = strspn(next, "=- \t\r");
    return marks && strcspn(next, "=-") < marks && (!next[marks] || next[marks] == '\n')
               ? end + 1 + marks
               : end;
}

static void end_heading(struct outline *o, unsigned level)
{
    struct markdown_heading heading = {.level = level};

    o->heading = false;
    range(o, &heading.start, &heading.end);
    if (heading.start == heading.end)
        return;
    if (o->base[heading.start + strspn(o->base + heading.start, " ")] != '#')
        heading.end = underline_end(o, heading.end);
    heading.text = arena_string(o->arena, text_get(&o->words));
    vector_push(&o->headings, heading);
}

static const char *command_of(const struct outline *o)
{
    const char *words = text_get(&o->words);
    size_t n = strlen(words), code = o->code.length;

    if (o->spans != 1 || o->after_span || n < code || !code ||
        strspn(o->code.data, " \t\n") == code)
        return NULL;
    n -= code;
    while (n && words[n - 1] == ' ')
        n--;
    return !n || words[n - 1] == ':' ? arena_string(o->arena, text_get(&o->code)) : NULL;
}

static void end_item(struct outline *o)
{
    struct markdown_item item = {.ordered = o->ordered};

    o->item = false;
    range(o, &item.start, &item.end);
    item.code = command_of(o);
    item.text = arena_string(o->arena, text_get(&o->words));
    vector_push(&o->items, item);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct outline *o = context;

    (void)detail;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        if (!o->lists++)
            o->ordered = type == MD_BLOCK_OL;
    } else if (type == MD_BLOCK_QUOTE) {
        o->other++;
    } else if (type == MD_BLOCK_LI && o->lists == 1 && !o->other) {
        o->item = true;
        begin(o);
    } else if (type == MD_BLOCK_H && !o->lists && !o->other) {
        o->heading = true;
        begin(o);
    } else if (o->item && o->words.length) {
        text_add_char(&o->words, '\n');
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct outline *o = context;

    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        o->lists--;
    else if (type == MD_BLOCK_QUOTE)
        o->other--;
    else if (type == MD_BLOCK_LI && o->lists == 1 && !o->other)
        end_item(o);
    else if (type == MD_BLOCK_H && o->heading)
        end_heading(o, ((const MD_BLOCK_H_DETAIL *)detail)->level);
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct outline *o = context;

    (void)detail;
    if (type == MD_SPAN_CODE) {
        o->span = true;
        o->spans++;
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct outline *o = context;

    (void)detail;
    if (type == MD_SPAN_CODE)
        o->span = false;
    return 0;
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct outline *o = context;
    /* As numbers: the text may lie anywhere, and then pointers do not compare. */
    uintptr_t at = (uintptr_t)text, base = (uintptr_t)o->base;

    if (!o->heading && !o->item)
        return 0;
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        text_add_char(&o->words, o->heading ? ' ' : '\n');
        return 0;
    }
    if (size && at >= base && at + size <= base + o->length) {
        size_t start = at - base;
        o->first = start < o->first ? start : o->first;
        o->last = start + size > o->last ? start + size : o->last;
    }
    text_add_n(&o->words, text, size);
    if (o->span)
        text_add_n(&o->code, text, size);
    else if (o->spans && size)
        o->after_span = true;
    return 0;
}

void markdown_outline(const char *text, size_t length, struct arena *a, struct markdown *ret)
{
    struct outline o = {.base = text, .length = length, .arena = a};
    const MD_PARSER parser = {.flags = MD_DIALECT_COMMONMARK,
                              .enter_block = enter_block,
                              .leave_block = leave_block,
                              .enter_span = enter_span,
                              .leave_span = leave_span,
                              .text = add_text};

    if (md_parse(text, (MD_SIZE)length, &parser, &o) != 0)
        bug("md4c failed, out of memory");
    *ret = (struct markdown){
        .headings = arena_copy(a, o.headings.at, o.headings.count * sizeof *o.headings.at),
        .items = arena_copy(a, o.items.at, o.items.count * sizeof *o.items.at),
        .heading_count = o.headings.count,
        .item_count = o.items.count,
    };
    vector_free(&o.headings);
    vector_free(&o.items);
    text_free(&o.words);
    text_free(&o.code);
}
