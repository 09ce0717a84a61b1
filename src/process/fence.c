/* SPDX-License-Identifier: Apache-2.0 */
#include "process/fence.h"

#include "base/os.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *controller, *v2, *v1;
} parts[] = {
#define FENCE_ROW(name, controller, v2, v1) [FENCE_##name] = {controller, v2, v1},
    FENCE_PARTS(FENCE_ROW)
#undef FENCE_ROW
};

const char *fence_part_name(enum fence_part part)
{
    return parts[part].controller;
}

static uint64_t memory_of_machine(void)
{
    enum { LEAST_LEFT = 256 << 20, SHARE_LEFT = 20 };
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    if (pages <= 0 || page <= 0)
        return 0;
    uint64_t all = (uint64_t)pages * (uint64_t)page;
    uint64_t left = all / SHARE_LEFT > LEAST_LEFT ? all / SHARE_LEFT : LEAST_LEFT;
    return all > left ? all - left : 0;
}

static uint64_t number_in(const char *path)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT ignored = {0};
    int64_t value = 0;

    if (os_read_file(path, 64, &text, &ignored) < 0)
        return 0;
    text_cut(&text, strcspn(text_get(&text), "\n"));
    return text_to_int64(text_get(&text), 1, INT64_MAX, &value) ? (uint64_t)value : 0;
}

void fence_limits_of_machine(struct fence_limits *ret)
{
    uint64_t pids = number_in("/proc/sys/kernel/pid_max");
    uint64_t threads = number_in("/proc/sys/kernel/threads-max");

    if (threads && (!pids || threads < pids))
        pids = threads;
    ret->of[FENCE_MEMORY] = memory_of_machine();
    ret->of[FENCE_PROCESSES] = pids / 4 * 3;
}

static bool set_limit(const char *folder, const char *file, uint64_t limit)
{
    AUTO_FREE char *value = text_format("%" PRIu64 "\n", limit);

    return groups_write(folder, file, value) == 0;
}

/* A keeper that was killed could not; a group that is in use stays. */
static void remove_earlier(const char *home, const char *name, size_t same)
{
    DIR *entries = opendir(home);
    struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, name, same) != 0)
            continue;
        AUTO_FREE char *path = os_path(home, entry->d_name);
        groups_remove_below(path);
    }
    if (entries)
        (void)closedir(entries);
}

/* Its folder, or NULL. */
static char *enter(enum fence_part part, const char *name, size_t same, uint64_t limit)
{
    AUTO_FREE char *home = NULL;

    if (groups_home_of(parts[part].controller, &home) < 0)
        return NULL;
    remove_earlier(home, name, same);
    char *path = os_path(home, name);
    bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
    /* Else, before Linux 5.11, what is used in groups below it would not count. */
    if (made && part == FENCE_MEMORY)
        (void)!groups_write(path, "memory.use_hierarchy", "1");
    if (made && set_limit(path, parts[part].v1, limit) &&
        groups_write(path, "cgroup.procs", "0") == 0)
        return path;
    (void)rmdir(path); /* if it was made */
    free(path);
    return NULL;
}

void fence_open(struct fence *fence, const struct groups *groups, const char *name, size_t same,
                const struct fence_limits *limits)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        uint64_t limit = limits->of[i];
        if (!limit)
            continue;
        fence->holds[i] = groups->path && set_limit(groups->path, parts[i].v2, limit);
        if (!fence->holds[i])
            fence->entered[i] = enter((enum fence_part)i, name, same, limit);
        fence->holds[i] = fence->holds[i] || fence->entered[i];
    }
}

static char *folder_above(const char *path)
{
    return mem_string_n(path, (size_t)(strrchr(path, '/') - path));
}

void fence_close(struct fence *fence)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        if (!fence->entered[i])
            continue;
        AUTO_FREE char *home = folder_above(fence->entered[i]);
        (void)!groups_write(home, "cgroup.procs", "0"); /* else the group is in use, and stays */
        (void)rmdir(fence->entered[i]);
        free(fence->entered[i]);
    }
    *fence = (struct fence){0};
}
