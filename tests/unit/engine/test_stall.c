/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine_priv.h"

#include <criterion/criterion.h>

static const struct {
    const char *what;
    struct usage used;
    int64_t output;
    bool alive;
} looks[] = {
    {"nothing new", {100, 1000, 2}, 50, false},
    {"CPU time", {101, 1000, 2}, 50, true},
    {"writes", {100, 1001, 2}, 50, true},
    {"output", {100, 1000, 2}, 51, true},
    {"a process that ended takes its share away", {90, 1000, 1}, 50, true},
    {"output that was cut", {100, 1000, 2}, 40, true},
    {"another process that does nothing", {100, 1000, 3}, 50, false},
};

Test(stall, what_counts_as_life)
{
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        struct watched w = {
            .limit_ms = 1000, .life_ms = 5000, .used = {100, 1000, 2}, .output = 50};
        bool silent = stall_judge(&w, &looks[i].used, looks[i].output, 6001);
        cr_expect_eq(silent, !looks[i].alive, "%s", looks[i].what);
        cr_expect_eq(w.life_ms, 6001, "%s", looks[i].what);
    }
}

/* A program that waits for its model is never quite still. */
Test(stall, what_counts_as_life_of_a_program_that_idles)
{
    static const struct {
        const char *what;
        struct usage used;
        bool alive;
    } idle[] = {
        {"its timers and its log", {100 + 40, 1000 + 1800, 2}, false},
        {"work of a tool", {100 + 200, 1000, 3}, true},
        {"a file that is written", {100, 1000 + 64 * 1024, 3}, true},
        {"a process that ended takes its share away", {90, 1000, 1}, true},
    };

    for (size_t i = 0; i < COUNT_OF(idle); i++) {
        struct watched w = {.idles = true,
                            .limit_ms = 1000,
                            .life_ms = 5000,
                            .look_ms = 4001,
                            .used = {100, 1000, 2}};
        cr_expect_eq(stall_judge(&w, &idle[i].used, 0, 6001), !idle[i].alive, "%s", idle[i].what);
    }
}

Test(stall, silence_is_told_once_a_limit)
{
    struct usage same = {100, 1000, 2};
    struct watched w = {.limit_ms = 1000, .life_ms = 5000, .used = same, .output = 50};

    cr_expect_not(stall_judge(&w, &same, 50, 6000), "exactly the limit is not over it");
    cr_expect(stall_judge(&w, &same, 50, 6001));
    cr_expect_not(stall_judge(&w, &same, 50, 6002));
    cr_expect(stall_judge(&w, &same, 50, 7002));
}

Test(stall, life_is_remembered_from_one_look_to_the_next)
{
    struct usage first = {1, 0, 1}, then = {2, 0, 1};
    struct watched w = {.limit_ms = 1000};

    cr_expect_not(stall_judge(&w, &first, 0, 900));
    cr_expect_not(stall_judge(&w, &then, 0, 1800));
    cr_expect_not(stall_judge(&w, &then, 0, 2700));
    cr_expect(stall_judge(&w, &then, 0, 2801));
}

Test(stall, short_limits_are_looked_at_more_often)
{
    cr_expect_eq(stall_interval_ms(5 * 60 * 1000), 5000);
    cr_expect_eq(stall_interval_ms(2000), 500);
    cr_expect_eq(stall_interval_ms(1), 100);
}
