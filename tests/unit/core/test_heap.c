/* SPDX-License-Identifier: Apache-2.0 */
#include "core/heap.h"

#include "make.h"

#include <criterion/criterion.h>

static bool higher(const void *context UNUSED, size_t a, size_t b)
{
    return a > b;
}

Test(heap, gives_back_in_order)
{
    struct random r = {.state = 5};

    for (size_t n = 0; n < 40; n++) {
        AUTO_HEAP h = {.before = higher};
        size_t last = SIZE_MAX;
        for (size_t i = 0; i < n; i++)
            heap_push(&h, random_below(&r, 20));
        for (size_t i = 0; i < n; i++) {
            size_t top = heap_top(&h);
            cr_expect_eq(heap_pop(&h), top);
            cr_expect_leq(top, last);
            last = top;
        }
        cr_expect(heap_empty(&h));
    }
}
