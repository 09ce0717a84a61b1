/* SPDX-License-Identifier: Apache-2.0 */
#include "process/ending.h"

#include "base/memory.h"

#include <sys/signalfd.h>

static const int signals[] = {SIGHUP, SIGINT, SIGTERM};

/* The kernel keeps a signal that is blocked even if it is ignored. */
static bool is_ignored(int s)
{
    struct sigaction action;

    return sigaction(s, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void ending_hold(sigset_t *ret_before)
{
    sigset_t held;

    (void)sigemptyset(&held);
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if (!is_ignored(signals[i]))
            (void)sigaddset(&held, signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &held, ret_before);
}

void ending_release(const sigset_t *before)
{
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

bool ending_is_due(void)
{
    sigset_t pending;

    if (sigpending(&pending) < 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if (sigismember(&pending, signals[i]) == 1)
            return true;
    return false;
}

int ending_descriptor(void)
{
    sigset_t mask, held;
    size_t count = 0;

    (void)sigemptyset(&held);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        if (sigismember(&mask, signals[i]) != 1)
            continue;
        (void)sigaddset(&held, signals[i]);
        count++;
    }
    return count ? signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
}
