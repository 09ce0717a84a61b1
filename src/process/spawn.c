/* SPDX-License-Identifier: Apache-2.0 */
#include "process/spawn.h"

#include "base/call_numbers.h"
#include "base/os.h"
#include "base/text.h"
#include "process/proc.h"
#include "process/sandbox.h"
#include "process/spawn_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Newer than some systems' headers. */
#define CLEAR_HANDLERS 0x100000000ULL /* CLONE_CLEAR_SIGHAND, Linux 5.5 */
#define INTO_GROUP 0x200000000ULL     /* CLONE_INTO_CGROUP, Linux 5.7 */
#define SHARED_FLAGS (CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD)

/* struct clone_args of <linux/sched.h>, as of Linux 5.7. */
struct clone3_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_bytes, tls;
    uint64_t set_tid, set_tid_count, group_fd;
};

/* What the child's calls need, with room for the C library. It lies in the caller's frame, which
 * sleeps until exec. */
enum { CHILD_STACK_BYTES = 64 * 1024 };

const char *spawn_step_words(unsigned step)
{
    static const char *const words[] = {
#define SPAWN_STEP_WORDS(name, text) [SPAWN_STEP_##name] = text,
        SPAWN_STEPS(SPAWN_STEP_WORDS)
#undef SPAWN_STEP_WORDS
    };

    return step < COUNT_OF(words) ? words[step] : "start it";
}

/* The C library has no clone3 whose child may use another stack and return nowhere. */
static long clone3_call(struct clone3_args *args UNUSED, struct spawn_child *child UNUSED)
{
#ifdef __x86_64__
    long result;
    register int (*function)(void *) __asm__("r8") = spawn_child_main;
    register struct spawn_child *argument __asm__("r9") = child;

    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t" /* the outermost frame, for debuggers */
                     "mov %%r9, %%rdi\n\t"
                     "call *%%r8\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(result)
                     : "a"(SYS_clone3), "D"(args), "S"(sizeof *args), "r"(function), "r"(argument)
                     : "rcx", "r11", "memory");
    return result < 0 ? result : (pid_t)result;
#else
    return -ENOSYS;
#endif
}

static int by_clone3(struct spawn_child *child, struct spawned *ret)
{
    char stack[CHILD_STACK_BYTES] __attribute__((aligned(16)));
    int pidfd = -1;
    struct clone3_args args = {
        .flags = SHARED_FLAGS | CLEAR_HANDLERS,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_bytes = sizeof stack,
    };

    child->shares_files = true;
    if (child->spawn->group_fd) {
        args.flags |= INTO_GROUP;
        args.group_fd = (uint64_t)child->spawn->group_fd;
    }
    long pid = clone3_call(&args, child);
    if (pid < 0)
        return (int)pid;
    ret->pid = (pid_t)pid;
    ret->pidfd = pidfd;
    return 0;
}

/* The child is born outside and needs the descriptor of the group to join it. */
static void join_later(struct spawn_child *child)
{
    child->joins_group = true;
    if (child->keep_fd < child->spawn->group_fd)
        child->keep_fd = child->spawn->group_fd;
}

static int by_clone(struct spawn_child *child, struct spawned *ret)
{
    char stack[CHILD_STACK_BYTES] __attribute__((aligned(16)));
    int pidfd = -1;

    child->shares_files = true;
    join_later(child);
    int pid = clone(spawn_child_main, stack + sizeof stack, SHARED_FLAGS | SIGCHLD, child, &pidfd);
    if (pid < 0)
        return -errno;
    ret->pid = pid;
    ret->pidfd = pidfd;
    return 0;
}

/* A copied child can't write into the caller's memory; it reports through a pipe, which exec
 * closes, so its end also says that the program runs. */
static int by_fork_plain(struct spawn_child *child, struct spawned *ret)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    join_later(child);
    child->report_fd = ends[1];
    if (child->keep_fd < ends[1])
        child->keep_fd = ends[1];
    pid_t pid = fork();
    if (pid == 0)
        (void)spawn_child_main(child);
    int error = errno;
    (void)close(ends[1]);
    if (pid > 0 && TEMP_FAILURE_RETRY(read(ends[0], &child->report, sizeof child->report)) < 0)
        child->report = (struct spawn_report){SPAWN_STEP_PROCESS, errno};
    (void)close(ends[0]);
    ret->pid = pid;
    ret->pidfd = -1;
    return pid < 0 ? -error : 0;
}

static int by_fork(struct spawn_child *child, struct spawned *ret)
{
    int r = by_fork_plain(child, ret);

    /* The child is not reaped yet, so the pid is still its own. */
    if (r == 0)
        ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
    return r;
}

static const struct {
    int (*make)(struct spawn_child *child, struct spawned *ret);
} methods[SPAWN_METHOD_COUNT] = {
    [SPAWN_CLONE3] = {by_clone3},
    [SPAWN_CLONE] = {by_clone},
    [SPAWN_FORK] = {by_fork},
    [SPAWN_FORK_PLAIN] = {by_fork_plain},
};

/* The machine is out of something; another method would not find it either. */
static bool exhausted(int r)
{
    return r == -EAGAIN || r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -ENOSPC;
}

static int make(struct spawn_child *child, struct spawned *ret)
{
    enum spawn_method method = child->spawn->method;
    bool any = method == SPAWN_AUTO;
    const struct spawn_child fresh = *child;
    int r = 0;

    for (method = any ? SPAWN_CLONE3 : method; method < SPAWN_METHOD_COUNT; method++) {
        *child = fresh;
        ret->method = method;
        r = methods[method].make(child, ret);
        if (r == 0 || !any || exhausted(r))
            break;
    }
    return r;
}

static int highest_needed(const struct spawn *spawn)
{
    int highest = 2;

    for (size_t i = 0; i < COUNT_OF(spawn->streams); i++) {
        if (!spawn->streams[i].path && spawn->streams[i].fd > highest)
            highest = spawn->streams[i].fd;
    }
    if (spawn->jail && spawn->jail->ruleset_fd > highest)
        highest = spawn->jail->ruleset_fd;
    return highest;
}

/* The start time is that of the clock if no tick passed meanwhile; else the child says it. */
static uint64_t start_ticks(pid_t pid, uint64_t before)
{
    struct proc_stat stat;

    if (proc_ticks_now() == before)
        return before;
    return proc_stat_read(pid, &stat) == 0 ? stat.start_ticks : before;
}

int spawn_process(const struct spawn *spawn, struct spawned *ret)
{
    struct spawn_child child = {.spawn = spawn, .keep_fd = highest_needed(spawn), .report_fd = -1};
    sigset_t all, old;

    *ret = (struct spawned){.pidfd = -1, .step = SPAWN_STEP_PROCESS};
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    uint64_t before = proc_ticks_now();
    int r = make(&child, ret);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r < 0)
        return r;
    if (child.report.step == SPAWN_STEP_NONE) {
        ret->start_ticks = start_ticks(ret->pid, before);
        return 0;
    }
    (void)TEMP_FAILURE_RETRY(waitpid(ret->pid, NULL, 0)); /* it is at its _exit */
    os_close_pointer(&ret->pidfd);
    *ret = (struct spawned){.pidfd = -1, .method = ret->method, .step = child.report.step};
    return -child.report.error;
}

const char *spawn_environment_get(const char *const *envp, const char *name)
{
    size_t length = strlen(name);

    for (; envp && *envp; envp++) {
        if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=')
            return *envp + length + 1;
    }
    return NULL;
}

static int executable(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return -ENOENT;
    return access(path, X_OK) < 0 ? -EACCES : 0;
}

int spawn_find_program(const char *name, const char *const *envp, char **ret_path)
{
    const char *path = spawn_environment_get(envp, "PATH");
    int r = -ENOENT;

    if (strchr(name, '/')) {
        *ret_path = mem_string(name);
        return 0;
    }
    for (path = path ? path : "/usr/local/bin:/usr/bin:/bin"; *name; path++) {
        size_t length = strcspn(path, ":");
        AUTO_FREE char *dir = length ? mem_string_n(path, length) : mem_string(".");
        char *candidate = os_path(dir, name);
        int found = executable(candidate);
        if (found == 0) {
            *ret_path = candidate;
            return 0;
        }
        free(candidate);
        r = found == -EACCES ? found : r; /* a file that may not be run says more than none */
        path += length;
        if (!*path)
            break;
    }
    return r;
}

bool spawn_try(bool (*try)(void))
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(!try());
    return pid > 0 && TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) == pid && status == 0;
}

pid_t spawn_detach(void)
{
    pid_t pid = fork();

    if (pid < 0)
        return -errno;
    if (pid == 0)
        (void)setsid(); /* a new process leads no group, so it cannot fail */
    return pid;
}
