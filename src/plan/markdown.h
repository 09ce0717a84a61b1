/* SPDX-License-Identifier: Apache-2.0 */
/* The headings and list entries of a Markdown text, each with its range in the source. */
#ifndef KELP_PLAN_MARKDOWN_H
#define KELP_PLAN_MARKDOWN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct markdown_heading {
    unsigned level;    /* 1..6 */
    size_t start, end; /* of its lines */
    const char *text;  /* without marks */
};

/* An entry of an outermost list; nested lists belong to it. */
struct markdown_item {
    bool ordered;
    size_t start, end; /* of its lines, mark included; equal if it is empty */
    const char *text;  /* without marks; code spans without their backquotes */
    const char *code;  /* where the entry is one code span, or ends in ": `code`"; else NULL */
};

/* Lists live in the arena of markdown_outline. */
struct markdown {
    struct markdown_heading *headings;
    struct markdown_item *items;
    size_t heading_count, item_count;
};

/* CommonMark; any text is valid, it ends with NUL at text[length]. Both lists are in the order of
 * the text. */
void markdown_outline(const char *text, size_t length, struct arena *a, struct markdown *ret);

#endif
