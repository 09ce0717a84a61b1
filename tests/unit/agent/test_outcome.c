/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reading.h"

#include <criterion/criterion.h>

static const struct session_use new_session;

static struct reading reading_of(struct token_counts used, double usd)
{
    return (struct reading){.used = used, .usd = usd};
}

Test(outcome, tokens_of_a_resumed_session_are_counted_once)
{
    static const struct {
        bool cumulative;
        struct token_counts used, before, expected;
    } cases[] = {
        {false, {100, 20, 5, 1}, {80, 10, 4, 1}, {100, 20, 5, 1}},
        {true, {100, 20, 5, 1}, {0}, {100, 20, 5, 1}},
        {true, {100, 20, 5, 1}, {80, 10, 4, 1}, {20, 10, 1, 0}},
        {true, {100, 20, 5, 1}, {100, 20, 5, 1}, {0}},
        /* The program began to count anew. */
        {true, {30, 20, 5, 1}, {80, 10, 4, 1}, {30, 20, 5, 1}},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct outcome o = {0};
        struct reading r = reading_of(cases[i].used, -1);
        struct session_use before = {.tokens = cases[i].before};
        r.cumulative = cases[i].cumulative;
        reading_outcome(&r, &before, &a, &o);
        cr_expect_eq(o.counts.input, cases[i].expected.input, "case %zu", i);
        cr_expect_eq(o.counts.cached, cases[i].expected.cached, "case %zu", i);
        cr_expect_eq(o.counts.output, cases[i].expected.output, "case %zu", i);
        cr_expect_eq(o.counts.reasoning, cases[i].expected.reasoning, "case %zu", i);
        cr_expect_eq(o.tokens, o.counts.input + o.counts.cached + o.counts.output);
    }
}

Test(outcome, money_that_is_not_known_stays_unknown)
{
    static const struct {
        bool cumulative;
        double usd, before, expected;
    } cases[] = {
        {false, -1, 0, -1},  {false, 0.5, 0.2, 0.5}, {true, 0.5, 0, 0.5},   {true, 0.5, 0.2, 0.3},
        {true, 0.5, -1, -1}, {true, -1, 0.2, -1},    {true, 0.1, 0.2, 0.1}, {false, 0.5, -1, 0.5},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct outcome o = {0};
        struct reading r = reading_of((struct token_counts){0}, cases[i].usd);
        struct session_use before = {.usd = cases[i].before};
        r.cumulative_usd = cases[i].cumulative;
        reading_outcome(&r, &before, &a, &o);
        cr_expect_float_eq(o.usd, cases[i].expected, 1e-9, "case %zu: %g", i, o.usd);
    }
}

Test(outcome, what_was_there_before_stays)
{
    AUTO_ARENA a = {0};
    AUTO_READING r = reading_of((struct token_counts){0}, -1);
    struct outcome o = {.error = ERROR_TIMEOUT, .message = "its time is over", .summary = "mine"};

    reading_say(&r, "its last words");
    reading_fails(&r, ERROR_CRASH, "it was ended by signal 15");
    reading_outcome(&r, &new_session, &a, &o);
    cr_expect_eq(o.error, ERROR_TIMEOUT);
    cr_expect_str_eq(o.message, "its time is over");
    cr_expect_str_eq(o.summary, "mine");
    cr_expect(o.worked);
}

Test(outcome, refused_tools_are_told_and_are_no_work)
{
    AUTO_ARENA a = {0};
    struct reading r = reading_of((struct token_counts){0}, -1);
    struct outcome o = {0};

    r.denied = 2;
    reading_outcome(&r, &new_session, &a, &o);
    cr_expect_str_eq(o.message, "2 tool calls were refused for want of permission");
    cr_expect_eq(o.tool_calls, 0);
    cr_expect_not(o.worked);
}

Test(outcome, a_long_summary_is_cut_between_characters)
{
    AUTO_ARENA a = {0};
    AUTO_READING r = reading_of((struct token_counts){0}, -1);
    AUTO_TEXT text = {0};
    struct outcome o = {0};

    text_add(&text, "x");
    while (text.length < 9000)
        text_add(&text, "\xC3\xA9");
    reading_say(&r, text.data);
    reading_outcome(&r, &new_session, &a, &o);
    size_t length = strlen(o.summary);
    cr_expect_leq(length, 4000);
    cr_expect_eq(text_utf8_valid(o.summary, length), length);
}
