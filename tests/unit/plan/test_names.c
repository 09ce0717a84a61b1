/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/names.h"

#include "base/arena.h"

#include <criterion/criterion.h>

Test(names, the_first_to_take_a_word_keeps_it)
{
    AUTO_NAMES names = {0};
    size_t position = 99;

    cr_expect_not(names_find(&names, "a", &position));
    cr_expect(names_add(&names, "a", 1, NULL));
    cr_expect_not(names_add(&names, "a", 2, NULL));
    cr_expect_not(names_add(&names, "a", 2, &position));
    cr_expect_eq(position, 1);
    cr_expect_not(names_find(&names, "b", &position));
    cr_expect(names_add(&names, "", 3, NULL));
    cr_expect(names_find(&names, "", &position));
    cr_expect_eq(position, 3);
}

Test(names, many)
{
    AUTO_NAMES names = {0};
    AUTO_ARENA a = {0};
    size_t position;

    for (size_t i = 0; i < 10000; i++)
        cr_assert(names_add(&names, arena_format(&a, "name-%zu", i), i, NULL));
    for (size_t i = 0; i < 10000; i++) {
        cr_assert(names_find(&names, arena_format(&a, "name-%zu", i), &position));
        cr_assert_eq(position, i);
    }
}
