/* SPDX-License-Identifier: Apache-2.0 */
#include "core/intern.h"

#include "base/text.h"

#include <criterion/criterion.h>

Test(intern, numbers_are_given_once_and_in_order)
{
    AUTO_INTERN in = {0};

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 1000; i++) {
            AUTO_FREE char *name = text_format("role %zu", i);
            cr_expect_eq(intern_add(&in, name), i);
        }
    cr_expect_eq(in.names.count, 1000);
    cr_expect_str_eq(in.names.at[7], "role 7");
    cr_expect_eq(intern_add(&in, ""), 1000, "an empty name is a name");
}
