/* SPDX-License-Identifier: Apache-2.0 */
/* How small the history of a planted bug gets. */
#include "sim/search.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *mutant;
    uint64_t seed;
    double crash_chance;
    const char *script; /* that is left: without any of it nothing breaks */
    uint32_t children, steps, agents;
    uint32_t faults; /* at most so many kinds */
    size_t events;   /* at most */
} bugs[] = {
    {"a command runs again after a crash", 1, 0.1, "crash@21", 1, 1, 1, 1, 12},
    {"jobs start while interrupted", 3, 0, "drain@34", 1, 3, 1, 1, 40},
    {"a clock jump expires everything", 7, 0, "sleep@16", 1, 2, 1, 1, 20},
    {"a slot leaks", 2, 0, "none", 1, 1, 1, 0, 10},
};

static void find(size_t i, struct search_failure *ret)
{
    const struct play_options o = {.shape = shape_mixed(bugs[i].seed),
                                   .crash_chance = bugs[i].crash_chance,
                                   .mutant = mutant_find(bugs[i].mutant)};

    cr_assert(search_play(&o, ret), "%s: seed %lu", bugs[i].mutant, (unsigned long)bugs[i].seed);
    cr_assert_str_eq(ret->broken, o.mutant->caught_by, "%s", bugs[i].mutant);
}

Test(shrink, cuts_a_history_to_what_breaks_it)
{
    for (size_t i = 0; i < COUNT_OF(bugs); i++) {
        AUTO_TEXT left = {0};
        struct search_failure found, least;
        find(i, &found);
        search_shrink(&found, &least);
        script_write(&least.script, &left);
        cr_expect_str_eq(least.broken, found.broken);
        cr_expect_eq(strncmp(text_get(&left), bugs[i].script, strlen(bugs[i].script)), 0,
                     "%s: '%s' is left", bugs[i].mutant, text_get(&left));
        cr_expect_leq(least.script.list.count, 1, "%s", bugs[i].mutant);
        cr_expect_eq(least.shape.children, bugs[i].children, "%s", bugs[i].mutant);
        cr_expect_eq(least.shape.steps, bugs[i].steps, "%s", bugs[i].mutant);
        cr_expect_eq(least.shape.agents, bugs[i].agents, "%s", bugs[i].mutant);
        cr_expect_leq((uint32_t)__builtin_popcount(least.shape.faults), bugs[i].faults, "%s",
                      bugs[i].mutant);
        cr_expect_leq(least.events, bugs[i].events, "%s", bugs[i].mutant);
        search_failure_free(&least);
        search_failure_free(&found);
    }
}

/* What is printed for a failure plays it again. */
Test(shrink, a_least_history_is_one_command)
{
    AUTO_TEXT line = {0};
    struct search_failure found, least, again;

    find(0, &found);
    search_shrink(&found, &least);
    search_arguments(&least, &line);
    cr_expect_not_null(strstr(text_get(&line), " --script crash@"));
    const struct play_options o = {
        .shape = least.shape, .script = &least.script, .mutant = least.mutant};
    cr_assert(search_play(&o, &again));
    cr_expect_str_eq(again.why, least.why);
    search_failure_free(&again);
    search_failure_free(&least);
    search_failure_free(&found);
}
