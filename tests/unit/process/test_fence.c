/* SPDX-License-Identifier: Apache-2.0 */
/* Where this user may not make control groups the tests say so. */
#include "process/fence.h"

#include "base/os.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct groups none;

static char *name_of_test(void)
{
    return text_format("kelp-test-%d", (int)getpid());
}

/* Puts the test itself behind a fence. */
static void stand_behind(struct fence *fence, enum fence_part part, uint64_t limit)
{
    AUTO_FREE char *name = name_of_test();
    struct fence_limits limits = {{0}};

    limits.of[part] = limit;
    *fence = (struct fence){0};
    fence_open(fence, &none, name, strlen(name), &limits);
    if (!fence->holds[part])
        cr_skip_test("no control groups with '%s' can be made here", fence_part_name(part));
}

static void leave(struct fence *fence, enum fence_part part)
{
    AUTO_FREE char *folder = mem_string(fence->entered[part]);

    fence_close(fence);
    cr_expect_not(os_exists(folder), "the group is removed");
}

Test(fence, processes_without_end_come_to_an_end)
{
    enum { LIMIT = 10, MANY = 40 };
    struct fence fence;
    pid_t pids[MANY];
    int made = 0;

    stand_behind(&fence, FENCE_PROCESSES, LIMIT);
    for (int i = 0; i < MANY; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (;;)
                (void)pause();
        }
        if (pid > 0)
            pids[made++] = pid;
    }
    for (int i = 0; i < made; i++) {
        (void)kill(pids[i], SIGKILL);
        (void)waitpid(pids[i], NULL, 0);
    }
    cr_expect(made > 0 && made < LIMIT, "%d, and the test itself with its threads", made);
    leave(&fence, FENCE_PROCESSES);
}

Test(fence, memory_without_end_comes_to_an_end)
{
    enum { MIB = 1 << 20, LIMIT = 64 * MIB, MUCH = 256 * MIB };
    struct fence fence;
    int status;

    stand_behind(&fence, FENCE_MEMORY, LIMIT);
    pid_t pid = fork();
    if (pid == 0) {
        char *much = malloc(MUCH);
        for (size_t i = 0; much && i < MUCH; i += 4096)
            ((volatile char *)much)[i] = 1;
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%d", status);
    leave(&fence, FENCE_MEMORY);
}

/* A keeper that was killed leaves its group behind. */
Test(fence, an_earlier_group_of_the_run_goes)
{
    AUTO_FREE char *home = NULL;
    AUTO_FREE char *name = name_of_test();
    AUTO_FREE char *earlier = text_format("%s-earlier", name);
    struct fence fence;

    if (groups_home_of("pids", &home) < 0)
        cr_skip_test("no control groups with 'pids' here");
    AUTO_FREE char *path = os_path(home, earlier);
    if (mkdir(path, 0755) < 0)
        cr_skip_test("no control groups with 'pids' can be made here");
    stand_behind(&fence, FENCE_PROCESSES, 1000);
    cr_expect_not(os_exists(path));
    leave(&fence, FENCE_PROCESSES);
}

Test(fence, the_machine_is_left_enough)
{
    struct fence_limits limits;
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    fence_limits_of_machine(&limits);
    cr_expect_gt(limits.of[FENCE_PROCESSES], 0);
    cr_expect_lt(limits.of[FENCE_MEMORY], all);
    cr_expect_gt(limits.of[FENCE_MEMORY], all / 2);
}

Test(fence, without_limits_there_is_none)
{
    struct fence fence = {0};

    fence_open(&fence, &none, "kelp-test", 9, &(struct fence_limits){{0}});
    for (size_t i = 0; i < FENCE_PART_COUNT; i++)
        cr_expect_not(fence.holds[i]);
    fence_close(&fence);
}
