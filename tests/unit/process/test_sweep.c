/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper dies: what it held is found, ended and put on file, and nothing is started again. */
#include "process/keeper.h"

#include "folder.h"
#include "hold.h"

#include "base/os.h"
#include "process/ledger.h"
#include "process/proc.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIVE "echo $$ >> pids; exec sleep 1000"

static const bool without_groups[] = {false, true};

static void kill_keeper(struct hold *hold)
{
    cr_assert_eq(kill(hold->keeper_pid, SIGKILL), 0);
    hold_await_keeper_gone(hold);
    hold_drop(hold);
}

static void start_some(struct hold *hold)
{
    hold_start(hold, "done", "exit 3");
    hold_start(hold, "plain", LIVE);
    hold_start(hold, "daemon", "setsid sh -c '" LIVE "' & setsid sh -c '" LIVE "' & " LIVE);
    hold_start(hold, "clean", "env -i sh -c 'echo $$ >> pids; sleep 1000' & " LIVE);
    (void)hold_await(hold, "done", KEEPER_ENDED);
    hold_await_lines(hold, "pids", 6);
    cr_expect_eq(hold_alive(hold, "pids"), 6);
}

struct heard {
    unsigned lost;
    bool wrong;
};

static void hear(void *ctx, const struct keeper_event *event)
{
    struct heard *heard = ctx;

    heard->lost++;
    heard->wrong |= event->kind != KEEPER_ENDED || !event->lost || event->exit_code != -1 ||
                    strcmp(event->id, "done") == 0;
}

Test(sweep, ends_what_runs_and_records_what_is_lost)
{
    for (size_t i = 0; i < COUNT_OF(without_groups); i++) {
        AUTO_FAULT fault = {0};
        struct hold hold;
        struct keeper_swept swept;
        struct heard heard = {0};

        hold_open(&hold, &(struct keeper_options){.no_cgroup = without_groups[i]});
        start_some(&hold);
        kill_keeper(&hold);
        cr_expect_eq(hold_alive(&hold, "pids"), 6, "the keeper's death harms no attempt");
        int r = keeper_sweep(hold.folder, hear, &heard, &swept, &fault);
        cr_assert_eq(r, 0, "%s", fault.message);
        cr_expect_eq(hold_alive(&hold, "pids"), 0);
        cr_expect_eq(swept.lost, 3);
        cr_expect_eq(heard.lost, 3);
        cr_expect_not(heard.wrong);
        cr_expect_geq(swept.ended, 6);
        cr_expect_eq(swept.unkillable, 0);
        cr_expect_not(swept.rebooted);
        r = keeper_sweep(hold.folder, hear, &heard, &swept, &fault);
        cr_assert_eq(r, 0, "%s", fault.message);
        cr_expect_eq(swept.lost, 0, "the second finds nothing left to do");
        cr_expect_eq(swept.ended, 0);
        hold_close(&hold);
    }
}

Test(sweep, is_done_by_the_next_keeper)
{
    for (size_t i = 0; i < COUNT_OF(without_groups); i++) {
        struct hold hold;

        hold_open(&hold, &(struct keeper_options){.no_cgroup = without_groups[i]});
        start_some(&hold);
        kill_keeper(&hold);
        hold_open_again(&hold);
        cr_expect_eq(hold_alive(&hold, "pids"), 0);
        cr_expect_eq(hold_await(&hold, "done", KEEPER_ENDED).exit_code, 3);
        cr_expect_not(hold_await(&hold, "done", KEEPER_ENDED).lost);
        cr_expect(hold_await(&hold, "plain", KEEPER_ENDED).lost);
        cr_expect(hold_await(&hold, "daemon", KEEPER_ENDED).lost);
        hold_start(&hold, "plain", "echo again > again");
        hold_start(&hold, "new", "exit 0");
        cr_expect_eq(hold_await(&hold, "new", KEEPER_ENDED).exit_code, 0);
        cr_expect_not(os_exists(folder_path(hold.folder, "again")), "an identity is used once");
        hold_close(&hold);
    }
}

Test(sweep, a_living_keeper_is_left_alone)
{
    AUTO_FAULT fault = {0};
    struct hold hold;
    struct keeper_swept swept;

    hold_open(&hold, NULL);
    hold_start(&hold, "a", LIVE);
    hold_await_lines(&hold, "pids", 1);
    cr_expect_eq(keeper_sweep(hold.folder, NULL, NULL, &swept, &fault), -FAULT_BUSY);
    cr_expect_eq(hold_alive(&hold, "pids"), 1);
    hold_close(&hold);
}

/* Writes the file of a keeper that died, as one of a boot would have left it. */
static char *write_ledger(const char *boot_id, pid_t pid, uint64_t start_ticks)
{
    AUTO_FAULT fault = {0};
    char *folder = folder_make();
    struct ledger ledger;
    struct record records[] = {
        {.kind = RECORD_SESSION,
         .version = RECORD_VERSION,
         .boot_id = boot_id,
         .mark = "none",
         .groups = ""},
        {.kind = RECORD_BEGIN, .event.id = "begun"},
        {.kind = RECORD_BEGIN, .event.id = "started"},
        {.kind = RECORD_STARTED,
         .event = {.id = "started", .pid = pid, .start_ticks = start_ticks}},
        {.kind = RECORD_BEGIN, .event.id = "failed"},
        {.kind = RECORD_FAILED, .event = {.id = "failed", .error = 2}},
        {.kind = RECORD_BEGIN, .event.id = "ended"},
        {.kind = RECORD_STARTED, .event = {.id = "ended", .pid = 1}},
        {.kind = RECORD_ENDED, .event = {.id = "ended", .pid = 1}},
    };

    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    for (size_t i = 0; i < COUNT_OF(records); i++)
        ledger_add(&ledger, &records[i]);
    cr_assert_eq(ledger_flush(&ledger, &fault), 0);
    ledger_close(&ledger);
    return folder;
}

/* A start that is on file without its process is lost, not forgotten and not repeated. */
Test(sweep, a_begin_without_a_start_is_lost)
{
    AUTO_FAULT fault = {0};
    char boot_id[PROC_BOOT_ID_BYTES];
    struct keeper_swept swept;
    proc_boot_id(boot_id);
    char *folder = write_ledger(boot_id, 0x3ffffff, 1);

    cr_assert_eq(keeper_sweep(folder, NULL, NULL, &swept, &fault), 0, "%s", fault.message);
    cr_expect_eq(swept.lost, 2);
    cr_expect_eq(swept.ended, 0);
    folder_remove(folder);
}

static pid_t innocent(void)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    (void)setsid();
    for (;;)
        (void)pause();
}

/* Its number, even its start time, may be an innocent process's in another boot of the machine. */
Test(sweep, another_boot_means_that_nothing_runs)
{
    AUTO_FAULT fault = {0};
    struct keeper_swept swept;
    struct proc_stat stat;
    pid_t pid = innocent();
    cr_assert_eq(proc_stat_read(pid, &stat), 0);
    char *folder = write_ledger("00000000-0000-0000-0000-000000000000", pid, stat.start_ticks);

    cr_assert_eq(keeper_sweep(folder, NULL, NULL, &swept, &fault), 0, "%s", fault.message);
    cr_expect(swept.rebooted);
    cr_expect_eq(swept.lost, 2);
    cr_expect_eq(swept.ended, 0);
    cr_expect_eq(proc_stat_read(pid, &stat), 0);
    cr_expect_not(stat.dead);
    (void)kill(pid, SIGKILL);
    folder_remove(folder);
}

Test(sweep, a_pid_with_another_start_time_is_a_stranger)
{
    AUTO_FAULT fault = {0};
    char boot_id[PROC_BOOT_ID_BYTES];
    struct keeper_swept swept;
    struct proc_stat stat;
    pid_t pid = innocent();
    proc_boot_id(boot_id);
    cr_assert_eq(proc_stat_read(pid, &stat), 0);
    char *folder = write_ledger(boot_id, pid, stat.start_ticks + 1);

    cr_assert_eq(keeper_sweep(folder, NULL, NULL, &swept, &fault), 0, "%s", fault.message);
    cr_expect_eq(swept.ended, 0);
    cr_expect_eq(proc_stat_read(pid, &stat), 0);
    cr_expect_not(stat.dead);
    (void)kill(pid, SIGKILL);
    folder_remove(folder);
}

Test(sweep, a_folder_without_records_has_nothing_to_do)
{
    AUTO_FAULT fault = {0};
    char *folder = folder_make();
    struct keeper_swept swept;

    cr_assert_eq(keeper_sweep(folder, NULL, NULL, &swept, &fault), 0, "%s", fault.message);
    cr_expect_eq(swept.lost, 0);
    cr_expect_not(swept.rebooted);
    folder_remove(folder);
}
