/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bisect.h"

#include "base/memory.h"
#include "make.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

enum { MOST = 40 };

/* What breaks the check: any of these sets of branches, if all of it is in. */
struct world {
    size_t n, causes;
    uint64_t cause[4];
};

static bool passes(const struct world *w, const bool *in)
{
    uint64_t set = 0;

    for (size_t i = 0; i < w->n; i++)
        set |= (uint64_t)in[i] << i;
    for (size_t i = 0; i < w->causes; i++)
        if ((set & w->cause[i]) == w->cause[i])
            return false;
    return true;
}

/* The branches that are left out, as bits. */
static uint64_t run(const struct world *w, size_t *ret_tests)
{
    struct bisect *b = bisect_new(w->n);
    bool in[MOST];
    uint64_t out = 0;

    while (bisect_state(b) == BISECT_TEST) {
        bisect_subset(b, in);
        bisect_answer(b, passes(w, in));
    }
    bisect_subset(b, in);
    if (bisect_state(b) == BISECT_DONE)
        cr_expect(passes(w, in), "what stays passes");
    else
        cr_expect_eq(b != NULL && bisect_tests(b), 1, "the base is tested first");
    for (size_t i = 0; i < w->n; i++)
        out |= (uint64_t)!in[i] << i;
    *ret_tests = bisect_tests(b);
    bisect_free(b);
    return out;
}

static const struct {
    const char *name;
    struct world world;
    uint64_t out;
} cases[] = {
    {"one branch", {1, 1, {1}}, 1},
    {"the first of seven", {7, 1, {1}}, 1},
    {"the third of seven", {7, 1, {4}}, 4},
    {"the last of seven", {7, 1, {64}}, 64},
    {"two culprits", {7, 2, {4, 32}}, 36},
    {"all of them", {3, 3, {1, 2, 4}}, 7},
    {"two that only fail together: the later one", {7, 1, {1 | 16}}, 16},
    {"three that only fail together", {7, 1, {1 | 4 | 16}}, 16},
    {"a pair and a single one", {7, 2, {1 | 16, 2}}, 18},
    {"it was broken before", {7, 1, {0}}, 0},
    {"nothing to leave out", {0, 1, {0}}, 0},
};

Test(bisect, finds_who_breaks_it)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t tests;
        uint64_t out = run(&cases[i].world, &tests);
        cr_expect_eq(out, cases[i].out, "%s: %llx", cases[i].name, (unsigned long long)out);
    }
}

Test(bisect, a_check_that_passes_after_all_blames_nobody)
{
    struct bisect *b = bisect_new(0);
    bool in[1];

    bisect_answer(b, true);
    cr_assert_eq(bisect_state(b), BISECT_DONE);
    bisect_subset(b, in);
    bisect_free(b);
    bisect_free(NULL);
}

static size_t log2_up(size_t n)
{
    size_t log = 0;

    while ((size_t)1 << log < n)
        log++;
    return log;
}

Test(bisect, tests_are_bounded_and_what_goes_is_to_blame)
{
    struct random r = {.state = 6};

    for (int i = 0; i < 500; i++) {
        struct world w = {.n = 1 + random_below(&r, MOST), .causes = 1 + random_below(&r, 4)};
        uint64_t to_blame = 0;
        size_t tests;
        for (size_t k = 0; k < w.causes; k++) {
            for (size_t of = 1 + random_below(&r, 2); of > 0; of--)
                w.cause[k] |= UINT64_C(1) << random_below(&r, w.n);
            to_blame |= w.cause[k];
        }
        uint64_t out = run(&w, &tests);
        size_t left_out = (size_t)__builtin_popcountll(out);
        cr_expect_eq(out & ~to_blame, 0, "run %d: an innocent branch is left out", i);
        cr_expect_leq(left_out, w.causes);
        cr_expect_leq(tests, 1 + left_out * (log2_up(w.n) + 1), "run %d: %zu tests", i, tests);
    }
}

Test(bisect, a_moody_check_ends_it_too)
{
    struct random r = {.state = 7};

    for (int i = 0; i < 200; i++) {
        struct bisect *b = bisect_new(MOST);
        bool in[MOST];
        while (bisect_state(b) == BISECT_TEST)
            bisect_answer(b, bisect_tests(b) == 0 || random_below(&r, 2));
        bisect_subset(b, in);
        cr_expect_leq(bisect_tests(b), 1 + MOST * (log2_up(MOST) + 1));
        bisect_free(b);
    }
}

Test(bisect, an_answer_too_many_is_a_bug, .signal = SIGABRT)
{
    struct bisect *b = bisect_new(1);

    bisect_answer(b, true);
    bisect_answer(b, true);
}
