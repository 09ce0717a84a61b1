/* SPDX-License-Identifier: Apache-2.0 */
#include "process/proc.h"

#include "base/call_numbers.h"
#include "base/os.h"
#include "base/text.h"
#include "base/vector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ENVIRON_MAX_BYTES = 4 << 20, STATUS_MAX_BYTES = 4 << 20 };

/* Reads what fits; /proc gives these small files in one piece. */
static ssize_t read_small(const char *path, char *buffer, size_t bytes)
{
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, buffer, bytes - 1);
    if (n < 0)
        return -errno;
    buffer[n] = '\0';
    return n;
}

/* What follows the name in /proc/PID/stat; proc(5) counts three more. */
enum {
    STAT_STATE,
    STAT_PARENT,
    STAT_GROUP,
    STAT_SESSION,
    STAT_USER = 11,
    STAT_SYSTEM,
    STAT_CHILDREN_USER,
    STAT_CHILDREN_SYSTEM,
    STAT_THREADS = 17,
    STAT_START = 19,
    STAT_COUNT
};

/* The state is a letter, all others are numbers. False if there are too few. */
static bool split_stat(char *line, int64_t ret[STAT_COUNT])
{
    for (size_t i = 0; i < STAT_COUNT; i++) {
        const char *field = strsep(&line, " ");
        if (i == STAT_STATE && field)
            ret[i] = (unsigned char)field[0];
        else if (!field || !text_to_int64(field, INT64_MIN, INT64_MAX, &ret[i]))
            return false;
    }
    return true;
}

int proc_stat_parse(char *buffer, struct proc_stat *ret)
{
    int64_t stat[STAT_COUNT];

    /* The name in parentheses may itself hold parentheses and spaces: the last one ends it. */
    char *end = strrchr(buffer, ')');
    if (!end || end[1] != ' ' || !split_stat(end + 2, stat))
        return -EIO;
    ret->state = (char)stat[STAT_STATE];
    ret->parent = (pid_t)stat[STAT_PARENT];
    ret->group = (pid_t)stat[STAT_GROUP];
    ret->session = (pid_t)stat[STAT_SESSION];
    /* The first thread may be gone while others run. */
    ret->dead = ret->state == 'X' || (ret->state == 'Z' && stat[STAT_THREADS] <= 1);
    ret->start_ticks = (uint64_t)stat[STAT_START];
    ret->own_ticks = (uint64_t)stat[STAT_USER] + (uint64_t)stat[STAT_SYSTEM];
    ret->cpu_ticks =
        ret->own_ticks + (uint64_t)stat[STAT_CHILDREN_USER] + (uint64_t)stat[STAT_CHILDREN_SYSTEM];
    return 0;
}

int proc_stat_read(pid_t pid, struct proc_stat *ret)
{
    char path[64], buffer[1024];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    ssize_t n = read_small(path, buffer, sizeof buffer);
    return n < 0 ? (int)n : proc_stat_parse(buffer, ret);
}

bool proc_alive(struct proc_id id)
{
    struct proc_stat stat;

    return proc_stat_read(id.pid, &stat) == 0 && stat.start_ticks == id.start_ticks && !stat.dead;
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t); /* fails only for an unknown clock */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t proc_now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t proc_cpu_us(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t proc_ticks_now(void)
{
    struct timespec now;
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);

    (void)clock_gettime(CLOCK_BOOTTIME, &now); /* fails only for an unknown clock */
    return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec / (1000000000ULL / per_second);
}

static int children_of_thread(pid_t pid, const char *thread, struct proc_list *list)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = text_format("/proc/%d/task/%s/children", (int)pid, thread);

    if (os_read_file(path, ENVIRON_MAX_BYTES, &text, &fault) < 0)
        return fault.sys_errno ? -fault.sys_errno : -EIO;
    char *at = text.data;
    for (;;) {
        char *end;
        long child = at ? strtoll(at, &end, 10) : 0;
        if (child <= 0)
            return 0;
        vector_push(list, (struct proc_id){.pid = (pid_t)child});
        at = end;
    }
}

/* Calls `visit` for each entry of a folder of /proc that is a number. */
static int each_number(const char *folder, int (*visit)(void *ctx, const char *name), void *ctx)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    int r = 0;

    if (!entries)
        return -errno;
    for (errno = 0; r == 0 && (entry = readdir(entries)) != NULL; errno = 0)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            r = visit(ctx, entry->d_name);
    if (r == 0)
        r = -errno; /* readdir tells an error half-way like the end */
    (void)closedir(entries);
    return r;
}

struct threads {
    pid_t pid;
    struct proc_list *list;
};

static int visit_thread(void *ctx, const char *name)
{
    struct threads *threads = ctx;
    int r = children_of_thread(threads->pid, name, threads->list);

    return r == -ENOENT || r == -ESRCH ? 0 : r; /* a thread may end while it is looked at */
}

int proc_children(pid_t pid, struct proc_list *list)
{
    struct threads threads = {pid, list};
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    return each_number(path, visit_thread, &threads);
}

/* Gives those from `from` on their start times and drops the dead. */
static void identify(struct proc_list *list, size_t from)
{
    size_t kept = from;

    for (size_t i = from; i < list->count; i++) {
        struct proc_stat stat;
        if (proc_stat_read(list->at[i].pid, &stat) < 0 || stat.dead)
            continue;
        list->at[kept++] = (struct proc_id){list->at[i].pid, stat.start_ticks};
    }
    list->count = kept;
}

void proc_descendants(pid_t pid, struct proc_list *list)
{
    size_t from = list->count;

    (void)proc_children(pid, list); /* gone meanwhile: it has no children any more */
    for (size_t i = from; i < list->count; i++)
        (void)proc_children(list->at[i].pid, list);
    identify(list, from);
}

static int visit_process(void *ctx, const char *name)
{
    int64_t pid;

    if (text_to_int64(name, 1, INT32_MAX, &pid)) {
        struct proc_list *list = ctx;
        vector_push(list, (struct proc_id){.pid = (pid_t)pid});
    }
    return 0;
}

int proc_all(struct proc_list *list)
{
    size_t from = list->count;
    int r = each_number("/proc", visit_process, list);

    identify(list, from);
    return r;
}

int proc_signal(struct proc_id id, int signal_number)
{
    AUTO_CLOSE pidfd = (int)syscall(SYS_pidfd_open, id.pid, 0);

    if (pidfd < 0 && errno != ENOSYS)
        return -errno;
    /* The descriptor holds the pid, so what is seen now is what the signal goes to. */
    if (!proc_alive(id))
        return -ESRCH;
    long r = pidfd < 0 ? kill(id.pid, signal_number)
                       : syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
    return r < 0 ? -errno : 0;
}

char *proc_environ(pid_t pid, const char *name)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = text_format("/proc/%d/environ", (int)pid);
    size_t length = strlen(name);

    if (os_read_file(path, ENVIRON_MAX_BYTES, &text, &fault) < 0)
        return NULL;
    for (size_t at = 0; at < text.length; at += strlen(text.data + at) + 1) {
        const char *entry = text.data + at;
        if (strncmp(entry, name, length) == 0 && entry[length] == '=')
            return mem_string(entry + length + 1);
    }
    return NULL;
}

/* The number in a line of /proc/PID/status; -1 if there is no such line. A process chooses its
 * name, in which the kernel writes a line feed as a backslash and an n. */
static int64_t status_number(const char *status, const char *line)
{
    const char *at = strstr(status, line);

    return at ? strtoll(at + strlen(line), NULL, 10) : -1;
}

int proc_bonds_read(pid_t pid, struct proc_bonds *ret)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = text_format("/proc/%d/status", (int)pid);

    if (os_read_file(path, STATUS_MAX_BYTES, &text, &fault) < 0)
        return fault.sys_errno ? -fault.sys_errno : -EIO;
    int64_t given_up = status_number(text_get(&text), "\nNoNewPrivs:\t");
    int64_t filters = status_number(text_get(&text), "\nSeccomp_filters:\t");
    if (given_up < 0)
        return -EIO;
    *ret = (struct proc_bonds){given_up > 0, filters < 0 ? 0 : filters};
    return 0;
}

void proc_boot_id(char ret_id[PROC_BOOT_ID_BYTES])
{
    if (read_small("/proc/sys/kernel/random/boot_id", ret_id, PROC_BOOT_ID_BYTES) < 0)
        ret_id[0] = '\0';
}

bool proc_list_has(const struct proc_list *list, struct proc_id id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].pid == id.pid && list->at[i].start_ticks == id.start_ticks)
            return true;
    }
    return false;
}
