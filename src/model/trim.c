/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trim.h"

#include <string.h>

enum {
    OLD_RESULT_BYTES = 300, /* what is left of an old result */
    LAST_RESULT_BYTES = 2000,
    SLACK_BYTES = 100, /* a result so little longer stays: shortening it gains nothing */
};

static const char left_out[] = "\n\n[Earlier steps of this work were left out for want of room.]";

void trim_middle(struct text *t, size_t bytes)
{
    if (t->length <= bytes + SLACK_BYTES)
        return;
    AUTO_TEXT whole = {0};
    const char *s = text_get(t);
    size_t head = text_utf8_valid(s, bytes / 2);
    size_t tail = t->length - bytes / 2;

    if (head < bytes / 2 - 4) /* no UTF-8: cut anywhere */
        head = bytes / 2;
    while (tail < t->length && ((unsigned char)s[tail] & 0xC0) == 0x80)
        tail++;
    text_add_n(&whole, s, head);
    text_printf(&whole, "\n[... %zu bytes left out ...]\n", tail - head);
    text_add_n(&whole, s + tail, t->length - tail);
    text_clear(t);
    text_add_n(t, text_get(&whole), whole.length);
}

/* A conversation that has to shrink. */
struct trim {
    struct conversation *c;
    size_t size, most;
    bool changed;
};

static bool fits(const struct trim *t)
{
    return t->size <= t->most;
}

/* From here on the messages are the last turn. */
static size_t last_turn(const struct conversation *c)
{
    size_t i = c->messages.count;

    while (i > 0 && c->messages.at[i - 1].role != MESSAGE_MODEL)
        i--;
    return i > 0 ? i - 1 : c->messages.count;
}

static size_t last_of_user(const struct conversation *c)
{
    size_t i = c->messages.count;

    while (i > 1 && c->messages.at[i - 1].role != MESSAGE_USER)
        i--;
    return i > 0 ? i - 1 : 0;
}

static void shorten(struct trim *t, size_t from, size_t to, size_t bytes)
{
    for (size_t i = from; i < to && !fits(t); i++) {
        struct message *m = &t->c->messages.at[i];
        size_t before = strlen(m->text);
        if (m->role != MESSAGE_TOOL || before <= bytes + SLACK_BYTES)
            continue;
        AUTO_TEXT text = {0};
        text_add(&text, m->text);
        trim_middle(&text, bytes);
        free(m->text);
        m->text = text_take(&text);
        t->size -= before - strlen(m->text);
        t->changed = true;
    }
}

static void drop(struct trim *t, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        t->size -= message_bytes(&t->c->messages.at[i]);
    conversation_drop(t->c, first, count);
    t->changed = true;
}

static void say_left_out(struct trim *t)
{
    struct message *first = &t->c->messages.at[0];

    if (text_ends(first->text, left_out))
        return;
    char *longer = text_format("%s%s", first->text, left_out);
    t->size += strlen(left_out);
    free(first->text);
    first->text = longer;
}

/* A turn goes whole: a call without its result, or a result without its call, is refused. */
static void drop_turns(struct trim *t)
{
    size_t i = 1;

    while (!fits(t) && i < last_turn(t->c)) {
        size_t end = i + 1;
        if (t->c->messages.at[i].role != MESSAGE_MODEL) {
            i++;
            continue;
        }
        while (t->c->messages.at[end].role == MESSAGE_TOOL)
            end++;
        drop(t, i, end - i);
        say_left_out(t);
    }
}

static void drop_users(struct trim *t)
{
    size_t i = 1;

    while (!fits(t) && i < last_of_user(t->c)) {
        if (t->c->messages.at[i].role == MESSAGE_USER)
            drop(t, i, 1);
        else
            i++;
    }
}

bool trim_to(struct conversation *c, size_t bytes)
{
    struct trim t = {.c = c, .size = conversation_bytes(c), .most = bytes};

    if (c->messages.count == 0)
        return false;
    shorten(&t, 0, last_turn(c), OLD_RESULT_BYTES);
    drop_turns(&t);
    drop_users(&t);
    shorten(&t, 0, c->messages.count, LAST_RESULT_BYTES);
    return t.changed;
}
