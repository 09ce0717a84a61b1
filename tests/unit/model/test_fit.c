/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fit.h"
#include "model/turns.h"

#include <criterion/criterion.h>
#include <string.h>

static void fill(struct conversation *c, unsigned turns)
{
    AUTO_FREE char *result = mem_zero(4001);

    memset(result, 'x', 4000);
    conversation_add_user(c, "the task");
    for (unsigned i = 0; i < turns; i++) {
        struct message m = {.role = MESSAGE_MODEL, .text = mem_string("")};
        vector_push(&m.calls,
                    (struct call){mem_string("c"), mem_string("read"), json_object(), NULL});
        conversation_add(c, &m);
        conversation_add_result(c, "c", result, false);
    }
}

Test(fit, window)
{
    static const struct turns_options options = {.instructions = "", .window = 8000};
    json_auto_t *tools = json_array();
    struct conversation c = {0};
    struct fit fit;

    fit_init(&fit, &options, tools);
    cr_assert_eq(fit.reserve, 2000);
    fill(&c, 20);
    fit_before(&fit, &c);
    /* 95 % of the window, without what the answer needs, at 3.5 bytes a token. */
    cr_assert_leq(conversation_bytes(&c), 19600);
    cr_assert_gt(conversation_bytes(&c), 10000);
    /* The endpoint counts a token for each byte: much less fits. */
    fit_asked(&fit, &c);
    fit_answered(&fit, (int64_t)fit.asked);
    fit_before(&fit, &c);
    cr_assert_leq(conversation_bytes(&c), 5600);
    cr_assert_eq(fit_guess(&fit), (int64_t)fit.asked);
    conversation_free(&c);
}

Test(fit, unknown_window)
{
    static const struct turns_options options = {.instructions = ""};
    json_auto_t *tools = json_array();
    struct conversation c = {0};
    struct fit fit;
    unsigned overflows = 0;

    fit_init(&fit, &options, tools);
    fill(&c, 20);
    size_t bytes = conversation_bytes(&c);
    fit_before(&fit, &c);
    cr_assert_eq(conversation_bytes(&c), bytes);
    for (; fit_overflowed(&fit, &c, "too long"); overflows++) {
        cr_assert_lt(conversation_bytes(&c), bytes);
        bytes = conversation_bytes(&c);
    }
    cr_assert_gt(overflows, 2);
    /* Nonsense about tokens teaches nothing. */
    fit_asked(&fit, &c);
    fit_answered(&fit, 0);
    fit_answered(&fit, 1);
    cr_assert_float_eq(fit.bytes_per_token, 3.5, 1e-9);
    conversation_free(&c);
}

Test(fit, window_is_told)
{
    static const struct {
        const char *message;
        int64_t window;
    } cases[] = {
        {"HTTP 400: This model's maximum context length is 8192 tokens. However, ...", 8192},
        {"request (5000 tokens) exceeds the available context size (4096 tokens)", 4096},
        {"prompt is too long: 210000 tokens > 200000 maximum", 200000},
        {"maximum context length is about 12", 0},
        {"maximum context length is 99999999999999999999", 0},
        {"too long", 0},
    };
    static const struct turns_options options = {.instructions = ""};
    json_auto_t *tools = json_array();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conversation c = {0};
        struct fit fit;
        fit_init(&fit, &options, tools);
        fill(&c, 5);
        cr_expect(fit_overflowed(&fit, &c, cases[i].message));
        cr_expect_eq(fit.window, cases[i].window, "%s", cases[i].message);
        conversation_free(&c);
    }
}
