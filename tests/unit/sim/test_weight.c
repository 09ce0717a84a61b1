/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/weight.h"

#include <criterion/criterion.h>

Test(weight, all_children_get_done)
{
    struct weight w;

    weight_measure(2000, 16, &w);
    cr_expect_eq(w.children, 2000);
    cr_expect_eq(w.running, 16);
    cr_expect_eq(w.done, 2000);
    /* Three agents each, started and ended. */
    cr_expect(w.events >= 2000 * 3 * 2);
}

/* The address sanitizer's allocator adds to each block and counts what it added. */
#ifndef __SANITIZE_ADDRESS__
Test(weight, a_waiting_child_is_under_a_kibibyte)
{
    struct weight w;

    weight_measure(20000, 64, &w);
    cr_expect_lt(w.bytes_per_child, 1024);
}
#endif
