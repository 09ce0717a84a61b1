/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/spent.h"

#include <criterion/criterion.h>

Test(spent, an_unknown_price_is_said_to_be_unknown)
{
    static const struct {
        int64_t tokens;
        double usd;
        bool unknown;
        const char *text;
    } cases[] = {
        {0, 0, false, ""},
        {1, 0, false, "1 token, 0 USD"},
        {36000, 0.5, false, "36000 tokens, 0.5 USD"},
        {36000, 0.5, true, "36000 tokens, cost unknown, at least 0.5 USD"},
        {36000, 0, true, "36000 tokens, cost unknown"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT got = {0};
        struct tree *t = tree_new();
        t->tokens = cases[i].tokens;
        t->usd = cases[i].usd;
        t->usd_unknown = cases[i].unknown;
        cr_expect_eq(spent_text(t, &got), cases[i].tokens > 0);
        cr_expect_str_eq(text_get(&got), cases[i].text);
        tree_free(t);
    }
}
