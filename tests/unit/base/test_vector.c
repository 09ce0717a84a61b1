/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vector.h"

#include <criterion/criterion.h>

struct point {
    int x, y;
};

Test(vector, grows_and_keeps_order)
{
    VECTOR(int) numbers = {0};

    for (int i = 0; i < 1000; i++)
        vector_push(&numbers, i * i);
    cr_assert_eq(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(numbers.at[i], i * i);
    vector_free(&numbers);
    cr_assert_null(numbers.at);
    cr_assert_eq(numbers.count, 0);
    cr_assert_eq(numbers.capacity, 0);
}

Test(vector, takes_structs)
{
    VECTOR(struct point) points = {0};

    vector_push(&points, (struct point){.x = 1, .y = 2});
    vector_push(&points, (struct point){3, 4});
    cr_assert_eq(points.at[0].y, 2);
    cr_assert_eq(points.at[1].x, 3);
    vector_free(&points);
}

Test(vector, reserving_makes_room_at_once)
{
    VECTOR(char) bytes = {0};

    vector_reserve(&bytes, 100);
    cr_assert_geq(bytes.capacity, 100);
    cr_assert_eq(bytes.count, 0);
    char *before = bytes.at;
    for (int i = 0; i < 100; i++)
        vector_push(&bytes, 'x');
    cr_assert_eq(bytes.at, before);
    vector_reserve(&bytes, 10);
    cr_assert_geq(bytes.capacity, 100);
    vector_free(&bytes);
}
