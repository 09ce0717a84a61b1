/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trim.h"

#include <criterion/criterion.h>
#include <string.h>

static void add_turn(struct conversation *c, unsigned n, size_t result_bytes)
{
    AUTO_FREE char *id = text_format("call%u", n);
    AUTO_FREE char *result = mem_zero(result_bytes + 1);
    struct message m = {.role = MESSAGE_MODEL, .text = text_format("turn %u", n)};

    memset(result, 'x', result_bytes);
    vector_push(&m.calls, (struct call){mem_string(id), mem_string("read"), json_object(), NULL});
    conversation_add(c, &m);
    conversation_add_result(c, id, result, false);
}

static void fill(struct conversation *c)
{
    conversation_add_user(c, "the task");
    for (unsigned i = 1; i <= 4; i++)
        add_turn(c, i, 5000);
    conversation_add_user(c, "more");
    for (unsigned i = 5; i <= 8; i++)
        add_turn(c, i, 5000);
}

/* What a session file takes back is a conversation that no endpoint refuses. */
static void check_whole(const struct conversation *c)
{
    json_auto_t *list = conversation_json(c);
    struct conversation again = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(conversation_read(list, &again, &f), 0, "%s", f.message);
    conversation_free(&again);
}

Test(trim, fits_already)
{
    struct conversation c = {0};

    fill(&c);
    size_t bytes = conversation_bytes(&c);
    cr_assert_not(trim_to(&c, bytes));
    cr_assert_eq(conversation_bytes(&c), bytes);
    conversation_free(&c);
}

Test(trim, oldest_results_first)
{
    struct conversation c = {0};

    fill(&c);
    cr_assert(trim_to(&c, conversation_bytes(&c) - 1000));
    cr_assert_lt(strlen(c.messages.at[2].text), 400);
    cr_assert_eq(strlen(c.messages.at[4].text), 5000);
    cr_assert_eq(c.messages.count, 18);
    conversation_free(&c);
}

/* At every size: it fits or nothing more can go, it stays whole, and the first message, the user's
 * last one and the last turn are there. */
Test(trim, every_size)
{
    for (size_t bytes = 0; bytes < 42000; bytes += 250) {
        struct conversation c = {0};
        fill(&c);
        bool changed = trim_to(&c, bytes);
        bool fits = conversation_bytes(&c) <= bytes;
        cr_assert(fits || !trim_to(&c, bytes), "at %zu", bytes);
        cr_assert(changed || fits);
        check_whole(&c);
        size_t last = c.messages.count - 1;
        cr_assert(text_starts(c.messages.at[0].text, "the task"));
        cr_assert_str_eq(c.messages.at[last].call_id, "call8");
        bool more = false;
        for (size_t i = 0; i <= last; i++)
            more = more || strcmp(c.messages.at[i].text, "more") == 0;
        cr_assert(more, "at %zu", bytes);
        conversation_free(&c);
    }
}

Test(trim, nothing_can_go)
{
    struct conversation c = {0};

    cr_assert_not(trim_to(&c, 0));
    conversation_add_user(&c, "the task");
    cr_assert_not(trim_to(&c, 0));
    conversation_free(&c);
}

Test(trim, middle)
{
    AUTO_TEXT t = {0};

    for (int i = 0; i < 1000; i++)
        text_add(&t, "\xC3\xA4");
    for (size_t bytes = 10; bytes < 60; bytes++) {
        AUTO_TEXT cut = {0};
        text_add(&cut, text_get(&t));
        trim_middle(&cut, bytes);
        cr_assert_lt(cut.length, bytes + 60);
        cr_assert_eq(text_utf8_valid(text_get(&cut), cut.length), cut.length, "at %zu", bytes);
        cr_assert_not_null(strstr(text_get(&cut), "bytes left out"));
    }
    text_clear(&t);
    text_add(&t, "short");
    trim_middle(&t, 1);
    cr_assert_str_eq(text_get(&t), "short");
}
