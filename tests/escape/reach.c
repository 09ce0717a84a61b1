/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attack of the escape suite does with system calls that a shell has no words for:
 *
 *     reach HOW PID [FD]
 *     reach connect PATH     to a socket; "@NAME" is an abstract one
 *     reach flood PATH       connects as often as it can, and stays connected
 *     reach handle PATH      prints the handle of a file: its type and its bytes
 *     reach handle FOLDER TYPE BYTES   prints the file with this handle, of the same file system
 *
 * Else it says nothing; the suite looks at what became of the process.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct target {
    pid_t pid;
    int fd; /* one of its descriptors; for `signal` the number of a signal */
};

struct range {
    unsigned long start, end;
};

/* The first mapping of the process whose rights read like this ("rw-p"). */
static int find_mapping(pid_t pid, const char *rights, struct range *ret)
{
    char path[64], line[512], have[8];
    FILE *maps;
    int found = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    maps = fopen(path, "re");
    if (!maps)
        return -1;
    while (!found && fgets(line, sizeof line, maps))
        found = sscanf(line, "%lx-%lx %7s", &ret->start, &ret->end, have) == 3 &&
                strcmp(have, rights) == 0;
    (void)fclose(maps);
    return found ? 0 : -1;
}

/* Traces it with the order to kill it when the tracer ends, which is at once. */
static int by_ptrace(const struct target *t)
{
    return (int)ptrace(PTRACE_SEIZE, t->pid, 0, PTRACE_O_EXITKILL);
}

/* Fills every mapping of its code with bytes that are no instruction (0xCC is a trap). */
static int by_mem(const struct target *t)
{
    static char traps[1 << 20];
    struct range range;
    char path[64];

    memset(traps, 0xCC, sizeof traps);
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)t->pid);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || find_mapping(t->pid, "r-xp", &range) < 0)
        return -1;
    for (unsigned long at = range.start; at < range.end; at += sizeof traps) {
        size_t n = range.end - at < sizeof traps ? range.end - at : sizeof traps;
        if (pwrite(fd, traps, n, (off_t)at) < 0)
            return -1;
    }
    return close(fd);
}

/* Overwrites all that it can write, its stack too, with bytes that are no address of anything. */
static int by_vm(const struct target *t)
{
    static char junk[1 << 16];
    char path[64], line[512], rights[8];
    struct range range;
    FILE *maps;

    memset(junk, 0xEE, sizeof junk);
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)t->pid);
    maps = fopen(path, "re");
    if (!maps)
        return -1;
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx %7s", &range.start, &range.end, rights) != 3 ||
            strcmp(rights, "rw-p") != 0)
            continue;
        for (unsigned long at = range.start; at < range.end; at += sizeof junk) {
            struct iovec from = {junk, sizeof junk};
            struct iovec to = {(void *)at, sizeof junk};
            (void)process_vm_writev(t->pid, &from, 1, &to, 1, 0);
        }
    }
    return fclose(maps);
}

/* Takes a copy of a descriptor that it has open for writing. */
static int by_getfd(const struct target *t)
{
    int pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
    int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, t->fd, 0);

    return fd < 0 ? -1 : (int)write(fd, "stolen\n", 7);
}

static int by_signal(const struct target *t)
{
    int pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);

    return pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_send_signal, pidfd, t->fd, NULL, 0);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || length >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    return connect(fd, (const struct sockaddr *)&address,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

static int flood(const char *path)
{
    enum { TIMES = 1000 };

    for (int i = 0; i < TIMES; i++)
        if (connect_to(path) < 0)
            return 1;
    return pause();
}

union handle {
    struct file_handle it;
    char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static int print_handle(const char *path)
{
    union handle h = {.it.handle_bytes = MAX_HANDLE_SZ};
    int mount;

    if (name_to_handle_at(AT_FDCWD, path, &h.it, &mount, 0) < 0)
        return 1;
    printf("%d ", h.it.handle_type);
    for (unsigned i = 0; i < h.it.handle_bytes; i++)
        printf("%02x", h.it.f_handle[i]);
    return 0;
}

static int print_file(const char *folder, const char *type, const char *bytes)
{
    union handle h = {.it.handle_bytes = 0};
    char text[4096];

    h.it.handle_type = (int)strtol(type, NULL, 10);
    for (unsigned byte; sscanf(bytes, "%2x", &byte) == 1 && h.it.handle_bytes < MAX_HANDLE_SZ;
         bytes += 2)
        h.it.f_handle[h.it.handle_bytes++] = (unsigned char)byte;
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = at < 0 ? -1 : open_by_handle_at(at, &h.it, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    return n < 0 || fwrite(text, 1, (size_t)n, stdout) != (size_t)n;
}

static const struct {
    const char *name;
    int (*reach)(const struct target *t);
} ways[] = {
    {"ptrace", by_ptrace}, {"mem", by_mem},       {"vm", by_vm},
    {"getfd", by_getfd},   {"signal", by_signal},
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    if (strcmp(argv[1], "connect") == 0)
        return connect_to(argv[2]) < 0 ? 1 : 0;
    if (strcmp(argv[1], "flood") == 0)
        return flood(argv[2]);
    if (strcmp(argv[1], "handle") == 0)
        return argc < 5 ? print_handle(argv[2]) : print_file(argv[2], argv[3], argv[4]);
    struct target t = {.fd = -1};
    if (sscanf(argv[2], "%d", &t.pid) != 1 || (argc > 3 && sscanf(argv[3], "%d", &t.fd) != 1))
        return 2;
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            return ways[i].reach(&t) < 0 ? 1 : 0;
    return 2;
}
