/* SPDX-License-Identifier: Apache-2.0 */
#include "process/usage.h"

#include "base/os.h"
#include "base/text.h"
#include "base/vector.h"
#include "process/proc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IO_MAX_BYTES = 4096 };

static uint64_t written_by(pid_t pid)
{
    static const char field[] = "wchar: ";
    AUTO_FREE char *path = text_format("/proc/%d/io", (int)pid);
    AUTO_TEXT text = {0};
    AUTO_FAULT fault = {0};

    if (os_read_file(path, IO_MAX_BYTES, &text, &fault) < 0)
        return 0;
    const char *at = strstr(text_get(&text), field);
    return at ? strtoull(at + strlen(field), NULL, 10) : 0;
}

static int add_one(pid_t pid, struct usage *usage)
{
    uint64_t tick_ms = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    struct proc_stat stat;

    int r = proc_stat_read(pid, &stat);
    if (r < 0)
        return r;
    usage->cpu_ms += stat.cpu_ticks * tick_ms;
    usage->written_bytes += written_by(pid);
    usage->processes += !stat.dead;
    return 0;
}

int usage_read(pid_t pid, struct usage *ret)
{
    struct usage usage = {0};
    struct proc_list below = {0};

    int r = add_one(pid, &usage);
    if (r < 0)
        return r;
    proc_descendants(pid, &below);
    for (size_t i = 0; i < below.count; i++)
        (void)!add_one(below.at[i].pid, &usage); /* it may end while it is looked at */
    vector_free(&below);
    *ret = usage;
    return 0;
}

/* The second and third number of statm, in pages: resident, and of these of files or shared. */
static uint64_t own_pages(const char *statm)
{
    char *end;

    (void)strtoull(statm, &end, 10);
    unsigned long long resident = strtoull(end, &end, 10);
    unsigned long long shared = strtoull(end, &end, 10);
    return resident > shared ? resident - shared : 0;
}

/* Threads are the links of the folder `task`, but two. */
static uint64_t threads_of(pid_t pid)
{
    AUTO_FREE char *path = text_format("/proc/%d/task", (int)pid);
    struct stat st;

    return stat(path, &st) == 0 && st.st_nlink > 2 ? st.st_nlink - 2 : 0;
}

void usage_room_add(pid_t pid, struct usage_room *room)
{
    AUTO_FREE char *path = text_format("/proc/%d/statm", (int)pid);
    AUTO_TEXT text = {0};
    AUTO_FAULT ignored = {0};

    if (os_read_file(path, IO_MAX_BYTES, &text, &ignored) < 0)
        return;
    room->memory_bytes += own_pages(text_get(&text)) * (uint64_t)sysconf(_SC_PAGESIZE);
    room->threads += threads_of(pid);
}
