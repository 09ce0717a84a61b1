/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/accident.h"

#include <criterion/criterion.h>

Test(accident, a_script_is_read_as_it_was_written)
{
    static const char *const lists[] = {"none", "crash@57",
                                        "crash@57,leap@1:-2894815,trouble@18410032657952875563",
                                        "sleep@3:1,drain@4,retry@0:7"};

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        AUTO_TEXT out = {0};
        struct script script;
        cr_assert(script_parse(lists[i], &script), "%s", lists[i]);
        script_write(&script, &out);
        cr_expect_str_eq(text_get(&out), lists[i]);
        script_free(&script);
    }
}

Test(accident, what_is_no_script_is_refused)
{
    static const char *const lists[] = {"",         "crash",     "crash@",   "crush@1",
                                        "crash@1:", "crash@1;2", "crash@1,", "crash@-1"};

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct script script;
        cr_expect_not(script_parse(lists[i], &script), "'%s'", lists[i]);
        script_free(&script);
    }
}

Test(accident, a_script_is_sorted_and_has_no_place_twice)
{
    AUTO_TEXT out = {0};
    struct script script;

    cr_assert(script_parse("drain@9,crash@8,crash@3,crash@8", &script));
    script_write(&script, &out);
    cr_expect_str_eq(text_get(&out), "crash@3,crash@8,drain@9");
    script_free(&script);
}

Test(accident, happens_as_the_script_says_or_as_it_was_rolled)
{
    const struct accident forced = {.kind = ACCIDENT_CRASH, .at = 2};
    struct accident a = {.kind = ACCIDENT_LEAP, .at = 4, .amount = 9};
    struct accidents diced = {.forced = &forced}, scripted = {0};
    struct script script;

    cr_assert(script_parse("leap@4:-5", &script));
    scripted.script = &script;
    cr_expect(accident_happens(&diced, true, &a));
    cr_expect_eq(a.amount, 9);
    cr_expect_not(accident_happens(&diced, false, &a));
    cr_expect(accident_happens(&scripted, false, &a));
    cr_expect_eq(a.amount, -5, "the script's");
    a.at = 5;
    cr_expect_not(accident_happens(&scripted, true, &a), "the dice have no say");
    a = forced;
    cr_expect(accident_happens(&diced, false, &a));
    cr_expect_eq(diced.happened.list.count, 2, "it is written down");
    cr_expect_eq(scripted.happened.list.count, 1);
    script_free(&diced.happened);
    script_free(&scripted.happened);
    script_free(&script);
}

Test(accident, the_next_place_of_a_kind)
{
    struct accidents all = {0};
    struct accident a = {.kind = ACCIDENT_STRIKE, .at = 70};
    struct script script;

    cr_expect(accident_next(&all, true, 5, &a));
    cr_expect_eq(a.at, 70, "as rolled");
    cr_assert(script_parse("strike@3:1,strike@9:2", &script));
    all.script = &script;
    cr_expect(accident_next(&all, true, 4, &a));
    cr_expect_eq(a.at, 9);
    cr_expect_eq(a.amount, 2);
    cr_expect_not(accident_next(&all, true, 10, &a));
    script_free(&script);
}
