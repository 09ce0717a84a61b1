/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static volatile size_t huge = SIZE_MAX;

Test(arena, keeps_everything_until_freed)
{
    AUTO_ARENA arena = {0};
    char *strings[5000];

    for (int i = 0; i < 5000; i++)
        strings[i] = arena_format(&arena, "string %d", i);
    for (int i = 0; i < 5000; i++) {
        char expected[32];
        (void)snprintf(expected, sizeof expected, "string %d", i);
        cr_assert_str_eq(strings[i], expected);
    }
}

Test(arena, aligns_for_any_type)
{
    AUTO_ARENA arena = {0};

    for (size_t bytes = 0; bytes < 40; bytes++) {
        void *p = arena_alloc(&arena, bytes);
        cr_assert_eq((uintptr_t)p % _Alignof(max_align_t), 0, "%zu bytes", bytes);
    }
}

Test(arena, counts_what_it_hands_out)
{
    AUTO_ARENA arena = {0};
    size_t align = _Alignof(max_align_t);

    (void)arena_alloc(&arena, 1);
    cr_assert_eq(arena.bytes, align);
    (void)arena_alloc(&arena, align);
    cr_assert_eq(arena.bytes, 2 * align);
}

Test(arena, takes_more_than_a_block)
{
    AUTO_ARENA arena = {0};
    size_t bytes = 3 * 1024 * 1024;

    char *small = arena_string(&arena, "before");
    char *large = arena_alloc(&arena, bytes);
    memset(large, 'x', bytes);
    char *after = arena_string(&arena, "after");
    cr_assert_str_eq(small, "before");
    cr_assert_str_eq(after, "after");
    cr_assert_eq(large[bytes - 1], 'x');
}

Test(arena, arrays_are_zeroed)
{
    AUTO_ARENA arena = {0};

    char *dirty = arena_alloc(&arena, 4096);
    memset(dirty, 0xAA, 4096);
    arena_free(&arena);
    int *numbers = arena_array(&arena, 1000, sizeof *numbers);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(numbers[i], 0);
    struct text_like {
        char *data;
        size_t length;
    } *one = ARENA_NEW(&arena, struct text_like);
    cr_assert_null(one->data);
    cr_assert_eq(one->length, 0);
}

Test(arena, copies)
{
    AUTO_ARENA arena = {0};
    int from[3] = {1, 2, 3};

    int *copy = arena_copy(&arena, from, sizeof from);
    from[0] = 9;
    cr_assert_eq(copy[0], 1);
    cr_assert_not_null(arena_copy(&arena, NULL, 0));
    cr_assert_str_eq(arena_string_n(&arena, "kelp forest", 4), "kelp");
    cr_assert_str_eq(arena_string_n(&arena, NULL, 0), "");
}

Test(arena, can_be_used_again_after_free)
{
    struct arena arena = {0};

    (void)arena_string(&arena, "first");
    arena_free(&arena);
    cr_assert_eq(arena.bytes, 0);
    cr_assert_str_eq(arena_string(&arena, "second"), "second");
    arena_free(&arena);
    arena_free(&arena);
}

Test(arena, refuses_an_impossible_size, .signal = SIGABRT)
{
    AUTO_ARENA arena = {0};

    (void)arena_alloc(&arena, huge);
}

Test(arena, refuses_an_array_that_overflows, .signal = SIGABRT)
{
    AUTO_ARENA arena = {0};

    (void)arena_array(&arena, huge, 2);
}
