/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"

#include <criterion/criterion.h>
#include <string.h>

Test(status, each_end_status_has_a_name)
{
    for (int i = END_NONE + 1; i < END_STATUS_COUNT; i++)
        cr_expect_gt(strlen(end_status_name((enum end_status)i)), 0);
    cr_expect_str_eq(end_status_name(END_UNVERIFIED), "unverified");
}

Test(status, each_attempt_error_is_read_back)
{
    for (int i = 0; i < ATTEMPT_ERROR_COUNT; i++) {
        enum attempt_error error = ATTEMPT_ERROR_COUNT;

        cr_expect(attempt_error_parse(attempt_error_name((enum attempt_error)i), &error));
        cr_expect_eq((int)error, i);
    }
    cr_expect_str_eq(attempt_error_name(ERROR_RATE_LIMIT), "rate_limit");
}

Test(status, foreign_words_change_nothing)
{
    enum attempt_error error = ERROR_CRASH;

    cr_assert_not(attempt_error_parse("boom", &error));
    cr_assert_eq(error, ERROR_CRASH);
}
