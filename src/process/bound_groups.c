/* SPDX-License-Identifier: Apache-2.0 */
#include "process/bound_groups.h"

#include "base/os.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_MAX_BYTES = 4096 };

/* How a version of the control groups bounds something and says that it had to. */
struct way {
    const char *most, *and_swap, *events, *word;
};

static const struct {
    enum bound bound;
    struct way v2, v1;
} parts[FENCE_PART_COUNT] = {
    [FENCE_MEMORY] = {BOUND_MEMORY,
                      {"memory.max", NULL, "memory.events", "oom_kill "},
                      {"memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control",
                       "oom_kill "}},
    [FENCE_PROCESSES] = {BOUND_PROCESSES,
                         {"pids.max", NULL, "pids.events", "max "},
                         {"pids.max", NULL, "pids.events", "max "}},
};

void bound_groups_open(struct bound_groups *all, const struct groups *groups,
                       const struct fence *fence)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        AUTO_FREE char *enable = text_format("+%s", fence_part_name((enum fence_part)i));
        all->v1[i].base_fd = -1;
        all->v2[i] =
            groups->path && groups_write(groups->path, "cgroup.subtree_control", enable) == 0;
        if (!all->v2[i] && fence->entered[i])
            (void)groups_open_at(&all->v1[i], fence->entered[i]); /* without it the keeper looks */
    }
}

void bound_groups_close(struct bound_groups *all)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        if (all->v1[i].path)
            groups_close(&all->v1[i]);
    *all = (struct bound_groups){0};
}

/* Memory that is swapped out is used all the same; not every kernel can bound it. A bound on both
 * can't be below that on memory, so it is lifted before that is set. */
static int set_most(const char *folder, const struct way *way, uint64_t most)
{
    AUTO_FREE char *value = text_format("%" PRIu64, most);

    if (way->and_swap)
        (void)!groups_write(folder, way->and_swap, "-1");
    int r = groups_write(folder, way->most, most ? value : "max");
    if (r == 0 && way->and_swap)
        (void)!groups_write(folder, way->and_swap, value);
    return r;
}

/* 0 where it does not say. */
static uint64_t times_used_up(const char *folder, const struct way *way)
{
    AUTO_FREE char *path = os_path(folder, way->events);
    AUTO_TEXT text = {0};
    AUTO_FAULT ignored = {0};
    int64_t times = 0;

    if (os_read_file(path, EVENTS_MAX_BYTES, &text, &ignored) < 0)
        return 0;
    const char *at = text_get(&text);
    while (at && !text_starts(at, way->word)) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return 0;
    at += strlen(way->word);
    AUTO_FREE char *number = mem_string_n(at, strcspn(at, "\n"));
    return text_to_int64(number, 0, INT64_MAX, &times) ? (uint64_t)times : 0;
}

/* A whole group goes where one of its processes had to: what is left would be of no use. */
static bool take_own(const char *own, size_t part, uint64_t most, struct bound_hold *ret)
{
    const struct way *way = &parts[part].v2;

    if (set_most(own, way, most) < 0 || !most)
        return false;
    if (part == FENCE_MEMORY) {
        (void)!groups_write(own, "memory.swap.max", "0"); /* not every kernel has these two */
        (void)!groups_write(own, "memory.oom.group", "1");
    }
    ret->path[part] = mem_string(own);
    ret->before[part] = times_used_up(own, way);
    return true;
}

static void take_v1(struct groups *groups, size_t part, uint64_t most, struct bound_hold *ret)
{
    int fd;

    if (groups_take(groups, &ret->number[part], &fd) < 0)
        return;
    (void)close(fd); /* the attempt enters it by its path */
    char *path = groups_folder(groups, ret->number[part]);
    if (set_most(path, &parts[part].v1, most) == 0) {
        ret->path[part] = path;
        ret->joined[part] = true;
        return;
    }
    groups_give_back(groups, ret->number[part]);
    free(path);
}

void bound_groups_take(struct bound_groups *all, const char *own, const struct bounds *bounds,
                       struct bound_hold *ret)
{
    *ret = (struct bound_hold){{NULL}};
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        uint64_t most = bounds->of[parts[i].bound];
        bool done = own && all->v2[i] && take_own(own, i, most, ret);
        if (!done && most && !bounds->sparing && all->v1[i].path && !all->v1_refused)
            take_v1(&all->v1[i], i, most, ret);
    }
}

void bound_groups_give_back(struct bound_groups *all, struct bound_hold *hold, bool used_up)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        if (hold->joined[i] && used_up)
            groups_remove(&all->v1[i], hold->number[i]);
        else if (hold->joined[i])
            groups_give_back(&all->v1[i], hold->number[i]);
        free(hold->path[i]);
    }
    *hold = (struct bound_hold){{NULL}};
}

void bound_groups_leave_own(struct bound_hold *hold)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        if (hold->joined[i])
            continue;
        free(hold->path[i]);
        hold->path[i] = NULL;
    }
}

enum bound bound_hold_used_up(const struct bound_hold *hold)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++) {
        const struct way *way = hold->joined[i] ? &parts[i].v1 : &parts[i].v2;
        if (hold->path[i] && times_used_up(hold->path[i], way) > hold->before[i])
            return parts[i].bound;
    }
    return BOUND_NONE;
}

bool bound_hold_keeps(const struct bound_hold *hold, enum bound bound)
{
    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        if (parts[i].bound == bound)
            return hold->path[i] != NULL;
    return false;
}
