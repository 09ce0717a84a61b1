/* SPDX-License-Identifier: Apache-2.0 */
#include "process/ending.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <unistd.h>

Test(ending, is_held_back_until_the_outermost_release, .signal = SIGTERM)
{
    sigset_t outer, inner;

    ending_hold(&outer);
    ending_hold(&inner);
    struct pollfd wait = {.fd = ending_descriptor(), .events = POLLIN};
    cr_assert_geq(wait.fd, 0);
    cr_expect_not(ending_is_due());
    cr_expect_eq(poll(&wait, 1, 0), 0);
    (void)raise(SIGTERM);
    cr_expect(ending_is_due());
    cr_expect_eq(poll(&wait, 1, 0), 1);
    ending_release(&inner);
    cr_expect(ending_is_due(), "the outer one holds it");
    (void)close(wait.fd);
    ending_release(&outer);
    _exit(0);
}

Test(ending, leaves_alone_what_is_ignored)
{
    sigset_t before;

    (void)signal(SIGHUP, SIG_IGN);
    ending_hold(&before);
    (void)raise(SIGHUP);
    cr_expect_not(ending_is_due());
    ending_release(&before);
}

Test(ending, without_a_hold_there_is_nothing_to_wait_for)
{
    cr_expect_eq(ending_descriptor(), -1);
}
