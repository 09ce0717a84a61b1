/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A planted leak, loaded into kelp to prove that the soak can fail. Each time the engine has waited
 * for something it loses what KELP_LEAK says: "memory" (64 KiB), "descriptors" (one), "processes"
 * (one that sleeps) or "disk" (64 KiB at the end of the file KELP_LEAK_FILE). Other programs that
 * the library is loaded into are left as they are.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { LOST_BYTES = 64 * 1024 };

/* Written through a pointer that the compiler cannot know: untouched pages weigh nothing, and what
 * nobody reads need not be written. */
static void lose_memory(void)
{
    char *volatile lost = malloc(LOST_BYTES);

    if (lost)
        memset(lost, 1, LOST_BYTES);
}

static void lose_descriptor(void)
{
    (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void lose_process(void)
{
    if (fork() == 0) {
        (void)close_range(0, ~0U, 0); /* nobody waits for the end of what it could write to */
        (void)execl("/bin/sleep", "sleep", "600", (char *)NULL);
        _exit(127);
    }
}

static void lose_disk(void)
{
    static const char lost[LOST_BYTES];
    const char *path = getenv("KELP_LEAK_FILE");
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (fd < 0)
        return;
    (void)!write(fd, lost, sizeof lost);
    (void)close(fd);
}

static const struct {
    const char *what;
    void (*lose)(void);
} leaks[] = {
    {"memory", lose_memory},
    {"descriptors", lose_descriptor},
    {"processes", lose_process},
    {"disk", lose_disk},
};

static void lose(void)
{
    const char *what = getenv("KELP_LEAK");
    int before = errno;

    if (strcmp(program_invocation_short_name, "kelp") != 0)
        return;
    for (size_t i = 0; what && i < sizeof leaks / sizeof leaks[0]; i++)
        if (strcmp(leaks[i].what, what) == 0)
            leaks[i].lose();
    errno = before;
}

/* libuv waits in one of the two, by its version. */
int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    int (*next)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");

    lose();
    return next(fd, events, count, timeout);
}

int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
    int (*next)(int, struct epoll_event *, int, int, const sigset_t *) =
        dlsym(RTLD_NEXT, "epoll_pwait");

    lose();
    return next(fd, events, count, timeout, mask);
}
