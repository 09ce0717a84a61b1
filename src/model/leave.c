/* SPDX-License-Identifier: Apache-2.0 */
#include "model/leave.h"

#include "base/memory.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* "12 34 ": each a child, and the leader of its group. */
static void kill_groups(const char *pids, ssize_t length)
{
    pid_t pid = 0;

    for (ssize_t i = 0; i < length; i++) {
        if (pids[i] >= '0' && pids[i] <= '9') {
            pid = 10 * pid + (pids[i] - '0');
            continue;
        }
        if (pid > 1)
            (void)kill(-pid, SIGKILL); /* it may be gone */
        pid = 0;
    }
}

/* Only calls that are safe in a handler. */
static void leave(int number)
{
    char pids[1024] = {0};
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);

    if (fd >= 0)
        kill_groups(pids, read(fd, pids, sizeof pids));
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void leave_with_children(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = leave};

    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        (void)sigaction(numbers[i], &action, NULL); /* they are good numbers */
}
