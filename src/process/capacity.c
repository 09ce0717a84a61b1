/* SPDX-License-Identifier: Apache-2.0 */
#include "process/capacity.h"

#include "base/os.h"
#include "base/vector.h"
#include "process/groups.h"
#include "process/proc.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 64 * 1024, KIB = 1024 };
/* What a keeper has open without any agent, with room to spare. */
enum { KEEPER_OWN_FILES = 32 };

uint32_t capacity_parse_stall(const char *text)
{
    static const char start[] = "some avg10=";
    const char *some = strstr(text, start);
    AUTO_FREE char *word =
        some ? mem_string_n(some + strlen(start), strcspn(some + strlen(start), " \n")) : NULL;
    double percent;

    if (!word || !text_to_double(word, &percent) || percent < 0 || percent > 100)
        return 0;
    return (uint32_t)(percent * 10);
}

static bool leading_number(const char *s, uint64_t *ret)
{
    static const char spaces[] = " \t";
    const char *start = s + strspn(s, spaces);
    AUTO_FREE char *word = mem_string_n(start, strcspn(start, " \t\n"));
    int64_t value;

    if (!text_to_int64(word, 0, INT64_MAX, &value))
        return false;
    *ret = (uint64_t)value;
    return true;
}

uint64_t capacity_parse_field(const char *text, const char *word)
{
    size_t length = strlen(word);
    uint64_t value = 0;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, length) == 0 && strchr(" \t", line[length]) && line[length])
            return leading_number(line + length, &value) ? value : 0;
    }
    return 0;
}

/* Empty where there is no such file. */
static void read_text(const char *path, struct text *ret)
{
    AUTO_FAULT ignored = {0};

    (void)!os_read_file(path, FILE_MAX_BYTES, ret, &ignored);
}

/* False where there is none, and for "max". */
static bool read_number(const char *dir, const char *name, uint64_t *ret)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_TEXT text = {0};

    read_text(path, &text);
    return leading_number(text_get(&text), ret);
}

/* The part that has less left of those that are known. */
static void tighten(struct machine_part *part, uint64_t used, uint64_t total)
{
    uint64_t left = total > used ? total - used : 0;

    if (!part->total || left < part->left)
        *part = (struct machine_part){.left = left, .total = total};
}

static void read_memory(struct machine_reading *ret)
{
    AUTO_TEXT info = {0};
    AUTO_TEXT stall = {0};

    read_text("/proc/meminfo", &info);
    read_text("/proc/pressure/memory", &stall);
    uint64_t total = capacity_parse_field(text_get(&info), "MemTotal:") * KIB;
    uint64_t left = capacity_parse_field(text_get(&info), "MemAvailable:") * KIB;
    if (total)
        ret->of[ADMISSION_MEMORY] = (struct machine_part){.left = left, .total = total};
    ret->stalled_permille = capacity_parse_stall(text_get(&stall));
}

/* Since Linux 6.2 the size of the folder is how many descriptors are open; before, it is 0. */
static uint64_t open_files(const char *dir)
{
    struct stat st;
    uint64_t count = 0;

    if (stat(dir, &st) == 0 && st.st_size > 0)
        return (uint64_t)st.st_size;
    DIR *list = opendir(dir);
    while (list && readdir(list))
        count++;
    if (list)
        (void)closedir(list);
    return count;
}

/* A keeper raises its limit to the hard one, which it has from the engine. */
static void read_descriptors(pid_t keeper, struct machine_reading *ret)
{
    AUTO_FREE char *dir = text_format("/proc/%d/fd", (int)keeper);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max == RLIM_INFINITY)
        return;
    tighten(&ret->of[ADMISSION_DESCRIPTORS], keeper ? open_files(dir) : KEEPER_OWN_FILES,
            limit.rlim_max);
}

/* "0.50 0.40 0.30 2/345 6789": all threads of the machine are behind the slash (proc(5)). */
static uint64_t threads_of_all(void)
{
    AUTO_TEXT text = {0};
    uint64_t count = 0;

    read_text("/proc/loadavg", &text);
    const char *slash = strchr(text_get(&text), '/');
    return slash && leading_number(slash + 1, &count) ? count : 0;
}

/* Threads are the links of the folder `task`, but two. */
static uint64_t threads_of_user(uid_t user)
{
    struct proc_list all = {0};
    uint64_t count = 0;

    (void)proc_all(&all); /* an incomplete list counts too few, as none does */
    for (size_t i = 0; i < all.count; i++) {
        AUTO_FREE char *path = text_format("/proc/%d/task", (int)all.at[i].pid);
        struct stat st;
        if (stat(path, &st) == 0 && st.st_uid == user && st.st_nlink > 2)
            count += st.st_nlink - 2;
    }
    vector_free(&all);
    return count;
}

/* All processes are looked through only where those of everybody come near the user's limit. The
 * limit does not hold for root (setrlimit(2)). */
static void read_user_limit(uint64_t threads, struct machine_part *part)
{
    struct rlimit limit;

    if (geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    bool near = threads > limit.rlim_cur / 2;
    tighten(part, near ? threads_of_user(getuid()) : threads, limit.rlim_cur);
}

static void read_processes(struct machine_reading *ret)
{
    struct machine_part *part = &ret->of[ADMISSION_PROCESSES];
    uint64_t threads = threads_of_all(), most;

    if (read_number("/proc/sys/kernel", "pid_max", &most))
        tighten(part, threads, most);
    if (read_number("/proc/sys/kernel", "threads-max", &most))
        tighten(part, threads, most);
    read_user_limit(threads, part);
}

/* How a version of the control groups names what is bounded. */
struct group_files {
    enum admission_cause part;
    const char *controller; /* version 1 has a hierarchy for each; NULL: version 2 */
    const char *most, *used, *detail, *reclaimable;
};

static const struct group_files group_files[] = {
    {ADMISSION_PROCESSES, NULL, "pids.max", "pids.current", NULL, NULL},
    {ADMISSION_PROCESSES, "pids", "pids.max", "pids.current", NULL, NULL},
    {ADMISSION_MEMORY, NULL, "memory.max", "memory.current", "memory.stat", "inactive_file"},
    {ADMISSION_MEMORY, "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat",
     "total_inactive_file"},
};

/* A page that is only cached is given back before anybody has to wait. */
static uint64_t reclaimable(const char *dir, const struct group_files *files)
{
    AUTO_FREE char *path = files->detail ? os_path(dir, files->detail) : NULL;
    AUTO_TEXT text = {0};

    if (!path)
        return 0;
    read_text(path, &text);
    return capacity_parse_field(text_get(&text), files->reclaimable);
}

static void read_group(const char *dir, const struct group_files *files,
                       struct machine_reading *ret)
{
    struct machine_part *part = &ret->of[files->part];
    uint64_t most, used;

    if (!read_number(dir, files->most, &most) || !read_number(dir, files->used, &used))
        return;
    if (files->part == ADMISSION_MEMORY && most >= part->total)
        return; /* version 1 says "no limit" as a number beyond all memory */
    uint64_t free = reclaimable(dir, files);
    tighten(part, used > free ? used - free : 0, most);
}

static bool is_group(const char *dir)
{
    AUTO_FREE char *procs = os_path(dir, "cgroup.procs");

    return *dir && os_exists(procs);
}

static bool same_hierarchy(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A limit may stand at the group or at any above it, up to the folder that is none any more. */
void capacity_read_groups(const char *folder, const char *controller, struct machine_reading *ret)
{
    AUTO_FREE char *dir = mem_string(folder);

    while (is_group(dir)) {
        for (size_t i = 0; i < COUNT_OF(group_files); i++)
            if (same_hierarchy(group_files[i].controller, controller))
                read_group(dir, &group_files[i], ret);
        *strrchr(dir, '/') = '\0';
    }
}

static void read_own_groups(struct machine_reading *ret)
{
    static const char *const hierarchies[] = {NULL, "pids", "memory"};

    for (size_t i = 0; i < COUNT_OF(hierarchies); i++) {
        AUTO_FREE char *home = NULL;
        if (groups_home_of(hierarchies[i], &home) == 0)
            capacity_read_groups(home, hierarchies[i], ret);
    }
}

static void read_disk(const char *dir, struct machine_reading *ret)
{
    struct statvfs fs;

    if (!dir || statvfs(dir, &fs) < 0)
        return;
    uint64_t total = (uint64_t)fs.f_blocks * fs.f_frsize;
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    ret->of[ADMISSION_DISK] = (struct machine_part){.left = left, .total = total};
}

void capacity_read(const struct capacity_whose *whose, struct machine_reading *ret)
{
    *ret = (struct machine_reading){0};
    read_memory(ret);
    read_descriptors(whose->keeper, ret);
    read_processes(ret);
    read_own_groups(ret);
    read_disk(whose->dir, ret);
}
