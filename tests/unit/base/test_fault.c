/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

Test(fault, set_returns_minus_the_code)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(fault_set(&f, FAULT_PLAN, "no %s '%s'", "key", "x"), -FAULT_PLAN);
    cr_assert_eq(f.code, FAULT_PLAN);
    cr_assert_str_eq(f.message, "no key 'x'");
    cr_assert_null(f.hint);
    cr_assert_eq(f.sys_errno, 0);
}

Test(fault, system_keeps_the_number_and_says_it)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *expected = text_format("cannot open 'a': %s", strerror(ENOENT));

    cr_assert_eq(fault_system(&f, ENOENT, "cannot open '%s'", "a"), -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, ENOENT);
    cr_assert_str_eq(f.message, expected);
}

Test(fault, context_goes_in_front)
{
    AUTO_FAULT f = {0};

    (void)fault_set(&f, FAULT_GIT, "no such branch");
    cr_assert_eq(fault_wrap(&f, "merge %s", "ORG_1.2"), -FAULT_GIT);
    cr_assert_eq(fault_wrap(&f, "consolidate"), -FAULT_GIT);
    cr_assert_str_eq(f.message, "consolidate: merge ORG_1.2: no such branch");
}

Test(fault, first_hint_stays)
{
    AUTO_FAULT f = {0};

    (void)fault_set(&f, FAULT_USAGE, "x");
    fault_hint(&f, "try %d", 1);
    fault_hint(&f, "try %d", 2);
    cr_assert_str_eq(f.hint, "try 1");
}

Test(fault, text_has_the_place)
{
    static const struct {
        const char *file;
        unsigned line, column;
        const char *expected;
    } cases[] = {
        {NULL, 0, 0, "odd"},
        {NULL, 3, 4, "odd"},
        {"a.yaml", 0, 0, "a.yaml: odd"},
        {"a.yaml", 3, 0, "a.yaml:3:1: odd"},
        {"a.yaml", 3, 7, "a.yaml:3:7: odd"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        (void)fault_set(&f, FAULT_PLAN, "odd");
        fault_place(&f, "replaced", 1, 1);
        fault_place(&f, cases[i].file, cases[i].line, cases[i].column);
        AUTO_FREE char *text = fault_text(&f);
        cr_expect_str_eq(text, cases[i].expected);
    }
}

Test(fault, text_of_none)
{
    struct fault f = {0};
    AUTO_FREE char *text = fault_text(&f);

    cr_assert_str_eq(text, "no error");
}

Test(fault, moves_whole)
{
    AUTO_FAULT to = {0};
    struct fault from = {0};

    (void)fault_set(&from, FAULT_BUSY, "taken");
    fault_hint(&from, "wait");
    cr_assert_eq(fault_move(&to, &from), -FAULT_BUSY);
    cr_assert_eq(from.code, FAULT_NONE);
    cr_assert_null(from.message);
    cr_assert_str_eq(to.message, "taken");
    cr_assert_str_eq(to.hint, "wait");
}

Test(fault, cleared_can_be_filled_again)
{
    struct fault f = {0};

    (void)fault_set(&f, FAULT_BUSY, "one");
    fault_place(&f, "file", 1, 1);
    fault_clear(&f);
    cr_assert_eq(f.code, FAULT_NONE);
    (void)fault_set(&f, FAULT_LIMIT, "two");
    cr_assert_str_eq(f.message, "two");
    fault_clear(&f);
    fault_clear(&f);
}

Test(fault, numbers_and_words_are_stable)
{
    static const struct {
        enum fault_code code;
        int number;
        const char *word;
    } cases[] = {
        {FAULT_NONE, 0, "none"},
        {FAULT_USAGE, 1, "usage"},
        {FAULT_PLAN, 2, "plan"},
        {FAULT_SYSTEM, 3, "system"},
        {FAULT_ENVIRONMENT, 4, "environment"},
        {FAULT_CORRUPT, 5, "corrupt"},
        {FAULT_BUSY, 6, "busy"},
        {FAULT_NOT_FOUND, 7, "not-found"},
        {FAULT_LIMIT, 8, "limit"},
        {FAULT_REFUSED, 9, "refused"},
        {FAULT_GIT, 10, "git"},
        {FAULT_FORMAT, 11, "format"},
        {FAULT_NEWER, 12, "newer"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cr_expect_eq((int)cases[i].code, cases[i].number);
        cr_expect_str_eq(fault_code_name(cases[i].code), cases[i].word);
    }
    cr_expect_str_eq(fault_code_name((enum fault_code)99), "unknown");
}

Test(fault, filling_twice_is_a_bug, .signal = SIGABRT)
{
    struct fault f = {0};

    (void)fault_set(&f, FAULT_USAGE, "one");
    (void)fault_set(&f, FAULT_USAGE, "two");
}

Test(fault, wrapping_nothing_is_a_bug, .signal = SIGABRT)
{
    struct fault f = {0};

    (void)fault_wrap(&f, "context");
}

Test(fault, moving_onto_another_is_a_bug, .signal = SIGABRT)
{
    struct fault to = {0}, from = {0};

    (void)fault_set(&to, FAULT_USAGE, "one");
    (void)fault_set(&from, FAULT_USAGE, "two");
    (void)fault_move(&to, &from);
}
