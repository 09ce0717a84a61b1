/* SPDX-License-Identifier: Apache-2.0 */
/* What is the user's and no business of an attempt, where it gets a mount namespace. */
#include "process/sandbox.h"
#include "process/sandbox_space.h"

#include "folder.h"
#include "hold.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hold hold;

static void setup(void)
{
    if (sandbox_landlock_version() == 0)
        cr_skip_test("this kernel has no Landlock");
    if (geteuid() != 0 && !sandbox_space_works())
        cr_skip_test("this user gets no namespaces");
    hold_open(&hold, NULL);
}

static void teardown(void)
{
    hold_close(&hold);
}

TestSuite(sandbox_outside, .init = setup, .fini = teardown);

/* Runs a script in FOLDER/in, where it can write; its output is returned. */
static const char *inside(const char *script)
{
    AUTO_FAULT fault = {0};
    const char *in = folder_path(hold.folder, "in");
    const char *const writable[] = {in, folder_path(hold.folder, "one"), "/no/such/path"};
    const struct sandbox_view view = {folder_path(hold.folder, "hidden"), false};
    struct sandbox sandbox = {writable, COUNT_OF(writable), SANDBOX_NETWORK_ALL, &view, 1};
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};
    struct keeper_spec spec = {
        .id = "a",
        .argv = argv,
        .envp = envp,
        .cwd = in,
        .stdout_path = folder_path(hold.folder, "out"),
        .stderr_path = folder_path(hold.folder, "err"),
        .sandbox = &sandbox,
    };

    cr_assert_eq(os_make_dirs(in, 0700, &fault), 0);
    hold_start_spec(&hold, &spec);
    (void)hold_await(&hold, "a", KEEPER_ENDED);
    return folder_read(hold.folder, "out");
}

/* Each line is tried; what it should say is behind it. */
static void expect_each(const char *const (*cases)[2], size_t count)
{
    AUTO_TEXT script = {0};
    AUTO_TEXT expected = {0};

    for (size_t i = 0; i < count; i++) {
        text_printf(&script, "if (%s) 2>/dev/null; then echo '%zu yes'; else echo '%zu no'; fi\n",
                    cases[i][0], i, i);
        text_printf(&expected, "%zu %s\n", i, cases[i][1]);
    }
    cr_expect_str_eq(inside(script.data), expected.data);
}

Test(sandbox_outside, modes_and_times_stay)
{
    static const char *const cases[][2] = {
        {"chmod 000 ../kept", "no"},
        {"touch -t 200001010000 ../kept", "no"},
        {"chmod 777 ..", "no"},
        {"chown $(id -u) ../kept", "no"},
        {"chmod 666 /dev/null", "no"},
        {"echo x >file && chmod 600 file && touch -t 200001010000 file", "yes"},
        {"mkdir d && mv file d && ln d/file e && chmod 700 .", "yes"},
        {"echo x >../one && chmod 600 ../one", "yes"},
        {"echo x >/dev/null && cat ../kept /etc/passwd >/dev/null", "yes"},
    };
    struct stat st;

    folder_write(hold.folder, "kept", "kept\n");
    folder_write(hold.folder, "one", "");
    cr_assert_eq(chmod(folder_path(hold.folder, "kept"), 0640), 0);
    expect_each(cases, COUNT_OF(cases));
    cr_assert_eq(stat(folder_path(hold.folder, "kept"), &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0640);
    cr_expect_str_eq(folder_read(hold.folder, "one"), "x\n");
}

Test(sandbox_outside, terminals_and_shared_memory_are_its_own)
{
    static const char *const cases[][2] = {
        {"test $(ls /dev/pts) = ptmx", "yes"},
        {": <>/dev/ptmx", "yes"},
        {"echo x >/dev/shm/kelp-test && chmod 600 /dev/shm/kelp-test", "yes"},
    };

    expect_each(cases, COUNT_OF(cases));
    cr_expect_not(os_exists("/dev/shm/kelp-test"));
}

Test(sandbox_outside, objects_of_system_v_are_its_own)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);

    cr_assert_geq(id, 0, "%m");
    AUTO_FREE char *script = text_format("ipcrm -m %d 2>/dev/null || echo kept", id);
    cr_expect_str_eq(inside(script), "kept\n");
    cr_expect_eq(shmctl(id, IPC_RMID, NULL), 0, "%m");
}
