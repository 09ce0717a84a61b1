/* SPDX-License-Identifier: Apache-2.0 */
#include "process/usage.h"

#include "folder.h"
#include "hold.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

static struct usage wait_for(pid_t pid, unsigned processes, uint64_t cpu_ms, uint64_t written_bytes)
{
    struct usage usage = {0};

    for (int i = 0; i < 6000; i++) {
        cr_assert_eq(usage_read(pid, &usage), 0);
        if (usage.processes >= processes && usage.cpu_ms >= cpu_ms &&
            usage.written_bytes >= written_bytes)
            return usage;
        (void)poll(NULL, 0, 10);
    }
    cr_assert_fail("%u processes, %ju ms, %ju bytes", usage.processes, (uintmax_t)usage.cpu_ms,
                   (uintmax_t)usage.written_bytes);
    return usage;
}

/* An agent sits still while the shell of its tool works, in a session of its own. */
Test(usage, the_work_of_a_descendant_is_life)
{
    struct hold hold;

    hold_open(&hold, NULL);
    hold_start(&hold, "a",
               "setsid sh -c 'head -c 1000000 /dev/zero > file; while :; do :; done' & wait");
    struct keeper_event started = hold_await(&hold, "a", KEEPER_STARTED);
    struct usage first = wait_for(started.pid, 2, 20, 1000000);
    (void)wait_for(started.pid, 2, first.cpu_ms + 20, first.written_bytes);
    hold_close(&hold);
}

Test(usage, a_process_that_is_gone_is_said)
{
    struct usage usage;

    cr_expect_eq(usage_read(0x3fffffff, &usage), -ENOENT);
}

Test(usage, room_counts_threads_and_what_is_in_no_file)
{
    enum { MUCH = 64 << 20, PAGE = 4096 };
    struct usage_room before = {0}, after = {0}, both = {0}, gone = {0};

    usage_room_add(getpid(), &before);
    volatile char *much = mem_alloc(MUCH);
    for (size_t i = 0; i < MUCH; i += PAGE)
        much[i] = 1;
    usage_room_add(getpid(), &after);
    free((void *)much);
    cr_expect_gt(before.memory_bytes, 0);
    cr_expect_geq(after.memory_bytes, before.memory_bytes + MUCH / 2);
    cr_expect_geq(before.threads, 1);
    usage_room_add(getpid(), &both);
    usage_room_add(getppid(), &both);
    cr_expect_gt(both.threads, before.threads);
    usage_room_add(0x3fffffff, &gone);
    cr_expect_eq(gone.memory_bytes + gone.threads, 0);
}
