/* SPDX-License-Identifier: Apache-2.0 */
/* The disk is full. Needs a file system of the test's own, which only root may mount; others are
 * told that it was not tried. */
#include "folder.h"
#include "hold.h"

#include "process/spawn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

/* In a mount namespace of this test alone, over the folder for temporary files. */
static void mount_small_disk(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/mnt", "tmpfs", 0, "size=4m") < 0)
        cr_skip_test("no file system can be mounted");
    cr_assert_eq(setenv("TMPDIR", "/mnt", 1), 0);
}

static void fill_disk(const char *folder)
{
    static const char block[4096] = "x";
    int fd = open(folder_path(folder, "filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    cr_assert_geq(fd, 0);
    while (write(fd, block, sizeof block) > 0)
        ;
    cr_assert_eq(errno, ENOSPC);
    (void)close(fd);
}

/* What was started can still be put on file, because its space was taken before; what cannot be put
 * on file is not started. */
Test(full, what_runs_ends_on_file_and_nothing_new_starts)
{
    struct hold hold;
    char id[300];

    mount_small_disk();
    hold_open(&hold, NULL);
    hold_start(&hold, "runs", "exec sleep 1000");
    (void)hold_await(&hold, "runs", KEEPER_STARTED);
    fill_disk(hold.folder);

    const char *const argv[] = {"/bin/true", NULL};
    struct keeper_event failed = {0};
    for (int i = 0; i < 100000 && !failed.error; i++) {
        (void)snprintf(id, sizeof id, "%d", i);
        struct keeper_spec spec = {.id = id, .argv = argv};
        hold_start_spec(&hold, &spec);
        failed = hold_await_over(&hold, id);
    }
    cr_expect_eq(failed.error, ENOSPC);
    cr_expect_str_eq(failed.error_step, spawn_step_words(SPAWN_STEP_RECORD));
    hold_stop(&hold, "runs", 1000);
    cr_expect_eq(hold_await(&hold, "runs", KEEPER_ENDED).signal, SIGTERM);

    (void)unlink(folder_path(hold.folder, "filler"));
    hold_start(&hold, "later", "exit 3");
    cr_expect_eq(hold_await(&hold, "later", KEEPER_ENDED).exit_code, 3);
    hold_close(&hold);
}
