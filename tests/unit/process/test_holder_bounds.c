/* SPDX-License-Identifier: Apache-2.0 */
/* A real keeper and real hogs, with control groups where the test's user may make them, and
 * without: then the keeper measures. */
#include "process/keeper.h"

#include "folder.h"
#include "hold.h"

#include <criterion/criterion.h>
#include <signal.h>

static const struct keeper_options ways[] = {{0}, {.no_cgroup = true}};

static struct keeper_event run_bounded(struct hold *hold, const char *id, struct bounds bounds,
                                       const char *script)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};

    hold_start_spec(
        hold, &(struct keeper_spec){
                  .id = id, .argv = argv, .envp = envp, .cwd = hold->folder, .bounds = bounds});
    return hold_await(hold, id, KEEPER_ENDED);
}

static void expect_bound(const struct keeper_event *end, enum bound bound, uint64_t most)
{
    cr_expect_eq(end->bound, bound, "%s: %d, exit status %d, signal %d", end->id, (int)end->bound,
                 end->exit_code, end->signal);
    cr_expect_eq(end->bound_most, most);
}

Test(holder_bounds, hogs_are_ended_and_others_are_not)
{
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct hold hold;
        const struct bounds little = {
            .of = {[BOUND_MEMORY] = 48 << 20, [BOUND_PROCESSES] = 20, [BOUND_FILE_SIZE] = 1 << 20}};
        hold_open(&hold, &ways[i]);
        hold_start(&hold, "other", "sleep 600");
        struct keeper_event end = run_bounded(
            &hold, "memory", little,
            "echo $$ >>pids; head -c 300000000 /dev/zero | tail -c 300000000 | sleep 600");
        expect_bound(&end, BOUND_MEMORY, 48 << 20);
        end = run_bounded(&hold, "processes", little,
                          "i=0; while [ $i -lt 60 ]; do sleep 600 & echo $! >>pids; i=$((i+1)); "
                          "done; wait");
        expect_bound(&end, BOUND_PROCESSES, 20);
        end = run_bounded(&hold, "file", little, "head -c 2000000 /dev/zero >big");
        expect_bound(&end, BOUND_FILE_SIZE, 1 << 20);
        end = run_bounded(&hold, "good", little, "sleep 0.3; echo fine >good");
        expect_bound(&end, BOUND_NONE, 0);
        cr_expect_eq(end.exit_code, 0);
        cr_expect_str_eq(folder_read(hold.folder, "good"), "fine\n");
        hold_await_none_alive(&hold, "pids");
        cr_expect_eq(hold_seen(&hold, "other", KEEPER_ENDED), 0);
        hold_close(&hold);
    }
}

Test(holder_bounds, open_files_are_refused)
{
    struct hold hold;

    hold_open(&hold, NULL);
    struct keeper_event end =
        run_bounded(&hold, "files", (struct bounds){.of = {[BOUND_OPEN_FILES] = 20}},
                    "ulimit -Sn >soft; ulimit -Hn >hard; ulimit -n 21 || exit 7");
    expect_bound(&end, BOUND_NONE, 0);
    cr_expect_neq(end.exit_code, 0);
    cr_expect_str_eq(folder_read(hold.folder, "soft"), "20\n");
    cr_expect_str_eq(folder_read(hold.folder, "hard"), "20\n");
    hold_close(&hold);
}

/* A bound that is only wished for costs nothing where no group can keep it: nobody measures. */
Test(holder_bounds, what_is_spared_is_not_measured)
{
    struct hold hold;

    hold_open(&hold, &ways[1]);
    struct keeper_event end = run_bounded(
        &hold, "spared", (struct bounds){.of = {[BOUND_PROCESSES] = 2}, .sparing = true},
        "for i in 1 2 3 4 5; do sleep 0.6 & done; wait");
    expect_bound(&end, BOUND_NONE, 0);
    cr_expect_eq(end.exit_code, 0);
    hold_close(&hold);
}
