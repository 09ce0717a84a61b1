/* SPDX-License-Identifier: Apache-2.0 */
/* Folders with files stand in for control groups: what a kernel would say is written into them. */
#include "process/bound_groups.h"

#include "base/os.h"
#include "base/text.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct bounds both = {.of = {[BOUND_MEMORY] = 64 << 20, [BOUND_PROCESSES] = 30}};
static const struct bounds spared = {.of = {[BOUND_MEMORY] = 64 << 20}, .sparing = true};
static const struct bounds nothing = {{0}};

static void expect_starts(const char *folder, const char *file, const char *start)
{
    const char *text = folder_read(folder, file);

    cr_expect(text_starts(text, start), "%s: '%s'", file, text);
}

static char *make_below(const char *folder, const char *name)
{
    char *path = os_path(folder, name);

    cr_assert_eq(mkdir(path, 0700), 0);
    return path;
}

/* Groups of version 2: the attempt's own one has the files of both controllers. */
static char *version_2(const char *folder, struct groups *groups, struct bound_groups *all)
{
    const struct fence none = {{0}};
    char *own = make_below(folder, "a0");

    folder_write(folder, "cgroup.subtree_control", "");
    folder_write(own, "memory.max", "max");
    folder_write(own, "memory.oom.group", "0");
    folder_write(own, "memory.events", "low 0\noom 3\noom_kill 2\n");
    folder_write(own, "pids.max", "max");
    folder_write(own, "pids.events", "max 5\n");
    cr_assert_eq(groups_open_at(groups, folder), 0);
    bound_groups_open(all, groups, &none);
    return own;
}

Test(bound_groups, of_version_2_are_the_attempts_own)
{
    char *folder = folder_make();
    struct groups groups;
    struct bound_groups all = {0};
    struct bound_hold hold;
    AUTO_FREE char *own = version_2(folder, &groups, &all);

    bound_groups_take(&all, own, &both, &hold);
    expect_starts(own, "memory.max", "67108864");
    expect_starts(own, "memory.oom.group", "1");
    expect_starts(own, "pids.max", "30");
    cr_expect(bound_hold_keeps(&hold, BOUND_MEMORY) && bound_hold_keeps(&hold, BOUND_PROCESSES));
    cr_expect_not(hold.joined[FENCE_MEMORY] || hold.joined[FENCE_PROCESSES]);
    cr_expect_eq(bound_hold_used_up(&hold), BOUND_NONE, "what came before is not its own");
    folder_write(own, "pids.events", "max 6\n");
    cr_expect_eq(bound_hold_used_up(&hold), BOUND_PROCESSES);
    folder_write(own, "memory.events", "low 0\noom 4\noom_kill 3\n");
    cr_expect_eq(bound_hold_used_up(&hold), BOUND_MEMORY);
    bound_groups_give_back(&all, &hold, true);
    cr_expect_not(bound_hold_keeps(&hold, BOUND_MEMORY));
    bound_groups_close(&all);
    groups_close(&groups);
    folder_remove(folder);
}

Test(bound_groups, of_version_2_forget_the_bounds_of_an_earlier_attempt)
{
    char *folder = folder_make();
    struct groups groups;
    struct bound_groups all = {0};
    struct bound_hold hold;
    AUTO_FREE char *own = version_2(folder, &groups, &all);

    bound_groups_take(&all, own, &spared, &hold);
    cr_expect(bound_hold_keeps(&hold, BOUND_MEMORY), "it costs nothing");
    cr_expect_not(bound_hold_keeps(&hold, BOUND_PROCESSES));
    bound_groups_give_back(&all, &hold, false);
    folder_write(own, "memory.max", "");
    bound_groups_take(&all, own, &nothing, &hold);
    expect_starts(own, "memory.max", "max");
    cr_expect_not(bound_hold_keeps(&hold, BOUND_MEMORY));
    bound_groups_give_back(&all, &hold, false);
    bound_groups_close(&all);
    groups_close(&groups);
    folder_remove(folder);
}

/* Without the controllers, and without groups of version 1. */
Test(bound_groups, where_there_are_none_nothing_is_held)
{
    static const struct groups no_groups = {.base_fd = -1};
    static const struct fence no_fence = {{0}};
    struct bound_groups all = {0};
    struct bound_hold hold;

    bound_groups_open(&all, &no_groups, &no_fence);
    bound_groups_take(&all, NULL, &both, &hold);
    cr_expect_not(bound_hold_keeps(&hold, BOUND_MEMORY));
    cr_expect_eq(bound_hold_used_up(&hold), BOUND_NONE);
    bound_groups_give_back(&all, &hold, false);
    bound_groups_close(&all);
}

/* Real ones, of version 1, where the test's user may make them. */
Test(bound_groups, of_version_1_lie_below_the_fence)
{
    static const struct groups no_groups = {.base_fd = -1};
    AUTO_FREE char *name = text_format("kelp-test-%d", (int)getpid());
    struct fence_limits limits = {.of = {[FENCE_MEMORY] = 1 << 30, [FENCE_PROCESSES] = 1000}};
    struct fence fence = {0};
    struct bound_groups all = {0};
    struct bound_hold hold, again;

    fence_open(&fence, &no_groups, name, strlen(name), &limits);
    if (!fence.entered[FENCE_MEMORY] || !fence.entered[FENCE_PROCESSES])
        cr_skip_test("no control groups of version 1 can be made here");
    bound_groups_open(&all, &no_groups, &fence);
    bound_groups_take(&all, NULL, &both, &hold);
    cr_assert(hold.joined[FENCE_MEMORY] && hold.joined[FENCE_PROCESSES]);
    expect_starts(hold.path[FENCE_MEMORY], "memory.limit_in_bytes", "67108864");
    expect_starts(hold.path[FENCE_PROCESSES], "pids.max", "30");
    cr_expect_eq(bound_hold_used_up(&hold), BOUND_NONE);
    AUTO_FREE char *path = mem_string(hold.path[FENCE_MEMORY]);
    bound_groups_give_back(&all, &hold, false);
    bound_groups_take(&all, NULL, &spared, &again);
    cr_expect_not(bound_hold_keeps(&again, BOUND_MEMORY), "to enter it costs time");
    bound_groups_take(&all, NULL, &both, &again);
    cr_expect_str_eq(again.path[FENCE_MEMORY], path, "it is used again");
    bound_groups_give_back(&all, &again, true);
    cr_expect_not(os_exists(path), "one that was used up is not");
    bound_groups_close(&all);
    fence_close(&fence);
}
