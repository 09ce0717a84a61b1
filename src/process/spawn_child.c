/* SPDX-License-Identifier: Apache-2.0 */
#include "process/spawn_child.h"

#include "base/call_numbers.h"
#include "process/own_stack.h"
#include "process/sandbox.h"
#include "process/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

/* Newer than some systems' headers. */
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

static int failure(long result)
{
    return result < 0 ? errno : 0;
}

/* Unsharing by close_range copies only the descriptors that stay, so that ten thousand open ones
 * of the caller cost nothing. */
ON_OWN_STACK static int close_descriptors(const struct spawn_child *c)
{
    unsigned first = (unsigned)c->keep_fd + 1;

    if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_UNSHARE) == 0 || !c->shares_files)
        return 0; /* an unshared table closes itself: all descriptors are made close-on-exec */
    return failure(unshare(CLONE_FILES));
}

ON_OWN_STACK static int reset_signals(const struct spawn_child *c)
{
    if (c->spawn->signals_plain)
        return 0;
    for (int s = 1; s < NSIG; s++)
        signal_reset(s);
    return 0;
}

ON_OWN_STACK static int start_session(const struct spawn_child *c UNUSED)
{
    return failure(setsid());
}

ON_OWN_STACK static int join_group(const struct spawn_child *c)
{
    if (!c->joins_group || !c->spawn->group_fd)
        return 0;
    int fd = openat(c->spawn->group_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    return fd < 0 ? errno : failure(write(fd, "0", 1));
}

ON_OWN_STACK static int enter_bounds(const struct spawn_child *c)
{
    for (size_t i = 0; i < SPAWN_JOINS_MAX; i++) {
        if (!c->spawn->joins[i])
            continue;
        int fd = open(c->spawn->joins[i], O_WRONLY | O_CLOEXEC);
        int error = fd < 0 ? errno : failure(write(fd, "0", 1));
        if (fd >= 0)
            (void)close(fd);
        if (error)
            return error;
    }
    return 0;
}

ON_OWN_STACK static int set_stream(const struct spawn_child *c, int number)
{
    const struct spawn_stream *stream = &c->spawn->streams[number];
    int fd = stream->path ? open(stream->path, stream->flags, 0600) : stream->fd;

    if (fd < 0)
        return errno;
    if (fd == number)
        return failure(fcntl(fd, F_SETFD, 0));
    if (dup2(fd, number) < 0)
        return errno;
    return stream->path ? failure(close(fd)) : 0;
}

ON_OWN_STACK static int set_stdin(const struct spawn_child *c)
{
    return set_stream(c, 0);
}

ON_OWN_STACK static int set_stdout(const struct spawn_child *c)
{
    return set_stream(c, 1);
}

ON_OWN_STACK static int set_stderr(const struct spawn_child *c)
{
    return set_stream(c, 2);
}

ON_OWN_STACK static int enter_folder(const struct spawn_child *c)
{
    return c->spawn->cwd ? failure(chdir(c->spawn->cwd)) : 0;
}

/* More may be had without any right; where it may not, nothing is worse than before. */
ON_OWN_STACK static void go_first(void)
{
    static const char score[] = "500"; /* of 1000 */
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)!write(fd, score, sizeof score - 1);
    (void)close(fd);
}

ON_OWN_STACK static int restore_limits(const struct spawn_child *c)
{
    static const struct rlimit no_core = {0, 0};

    if (c->spawn->files && setrlimit(RLIMIT_NOFILE, c->spawn->files) < 0)
        return errno;
    const struct rlimit size = {c->spawn->file_bytes, c->spawn->file_bytes};
    if (size.rlim_cur && setrlimit(RLIMIT_FSIZE, &size) < 0)
        return errno;
    if (!c->spawn->expendable)
        return 0;
    go_first();
    return failure(setrlimit(RLIMIT_CORE, &no_core));
}

ON_OWN_STACK static int restrict_self(const struct spawn_child *c)
{
    return c->spawn->jail ? sandbox_enter(c->spawn->jail) : 0;
}

/* Of those that had to stay so far; all but a library's own are close-on-exec anyway. */
ON_OWN_STACK static void close_at_exec(const struct spawn_child *c)
{
    if (c->keep_fd > 2)
        (void)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
}

ON_OWN_STACK static int execute(const struct spawn_child *c)
{
    sigset_t none;

    close_at_exec(c);
    (void)sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        return errno;
    return failure(
        execve(c->spawn->program, (char *const *)c->spawn->argv, (char *const *)c->spawn->envp));
}

static const struct {
    enum spawn_step step;
    int (*run)(const struct spawn_child *c); /* 0 or errno */
} steps[] = {
    {SPAWN_STEP_DESCRIPTORS, close_descriptors},
    {SPAWN_STEP_SIGNALS, reset_signals},
    {SPAWN_STEP_SESSION, start_session},
    {SPAWN_STEP_JOIN, join_group},
    {SPAWN_STEP_BOUND, enter_bounds},
    {SPAWN_STEP_STDIN, set_stdin},
    {SPAWN_STEP_STDOUT, set_stdout},
    {SPAWN_STEP_STDERR, set_stderr},
    {SPAWN_STEP_CWD, enter_folder},
    {SPAWN_STEP_LIMITS, restore_limits},
    {SPAWN_STEP_RESTRICT, restrict_self},
    {SPAWN_STEP_EXEC, execute},
};

ON_OWN_STACK int spawn_child_main(void *child)
{
    struct spawn_child *c = child;

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        int error = steps[i].run(c);
        if (!error)
            continue;
        struct spawn_report report = {steps[i].step, error};
        c->report = report;
        if (c->report_fd >= 0)
            (void)!write(c->report_fd, &report, sizeof report); /* nobody else to tell */
        break;
    }
    _exit(127);
}
