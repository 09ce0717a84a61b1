/* SPDX-License-Identifier: Apache-2.0 */
/* An agent that lives until it is told to end, which is then a success: the smallest that can be.
 */
#include <signal.h>
#include <stddef.h>

int main(void)
{
    sigset_t ends;
    int number;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    return sigwait(&ends, &number);
}
