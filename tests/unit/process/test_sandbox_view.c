/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_view.h"

#include "folder.h"

#include "base/os.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static void setup(void)
{
    folder = folder_make();
}

static void teardown(void)
{
    folder_remove(folder);
}

TestSuite(sandbox_view, .init = setup, .fini = teardown);

static char *in_folder(const char *name)
{
    return os_path(folder, name);
}

static void put(const char *name)
{
    AUTO_FREE char *path = in_folder(name);
    AUTO_FREE char *above = mem_string_n(path, (size_t)(strrchr(path, '/') - path));
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(above, 0755, &f), 0, "%s", f.message);
    cr_assert_eq(os_write_file(path, "x", 1, 0644, &f), 0, "%s", f.message);
}

static bool is_seen(const char *name)
{
    AUTO_FREE char *path = in_folder(name);

    return os_exists(path);
}

enum { SEEN = 1, WRITTEN = 2, FOLDER = 4, NO_NAMESPACE = 77, FAILED = 99 };

/* What the child sees of the files, as exit status. */
static int look(bool hides_all)
{
    AUTO_FREE char *runs = in_folder("runs");
    AUTO_FREE char *own_run = in_folder("runs/2");
    AUTO_FREE char *attempts = in_folder("runs/2/attempts");
    AUTO_FREE char *own = in_folder("runs/2/attempts/a/b");
    AUTO_FREE char *homes = in_folder("runs/2/homes");
    const struct sandbox_view views[] = {
        {runs, false}, {own_run, true}, {attempts, false}, {own, true}, {homes, false}};
    bool made = false;

    if (chdir(own) < 0 ||
        sandbox_view_enter(views, hides_all ? COUNT_OF(views) : 0, false, &made) != 0)
        return FAILED;
    if (hides_all && !made)
        return NO_NAMESPACE;
    int seen = is_seen("runs/1/file") || is_seen("runs/2/attempts/c/file") ? SEEN : 0;
    seen |= access("../../c/file", F_OK) == 0 ? SEEN : 0;
    bool whole = is_seen("runs/2/journal") && is_seen("runs/2/attempts/a/b/file") &&
                 access("file", F_OK) == 0;
    put("runs/2/attempts/a/b/new");
    return seen | (whole ? WRITTEN : 0) | (is_seen("runs/2/homes") ? 0 : FOLDER);
}

static int look_as(uid_t user, bool hides_all)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (user != geteuid() && (setgid(user) < 0 || setuid(user) < 0))
            _exit(FAILED);
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as after an exec */
        _exit(look(hides_all));
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "%x", (unsigned)status);
    return WEXITSTATUS(status);
}

static void fill(uid_t user)
{
    static const char *const files[] = {"runs/1/file", "runs/2/journal", "runs/2/attempts/a/b/file",
                                        "runs/2/attempts/c/file", "runs/2/homes/h/file"};

    for (size_t i = 0; i < COUNT_OF(files); i++)
        put(files[i]);
    AUTO_FREE char *own = in_folder("runs/2/attempts/a/b");
    cr_assert_eq(chmod(folder, 0755), 0);
    if (user != geteuid())
        cr_assert_eq(chown(own, user, user), 0);
}

static void expect_hidden(uid_t user)
{
    fill(user);
    cr_expect_eq(look_as(user, false) & SEEN, SEEN, "nothing is hidden where nothing is asked");
    int seen = look_as(user, true);
    if (seen == NO_NAMESPACE)
        cr_skip_test("this user gets no namespaces");
    cr_expect_eq(seen, WRITTEN, "%d", seen);
    cr_expect(is_seen("runs/2/attempts/a/b/new"), "it is the same folder outside");
    cr_expect(is_seen("runs/1/file"), "outside nothing is hidden");
}

Test(sandbox_view, others_are_hidden)
{
    expect_hidden(geteuid());
}

Test(sandbox_view, others_are_hidden_from_an_ordinary_user)
{
    enum { NOBODY = 65534 };

    if (geteuid() != 0)
        cr_skip_test("the test before is of an ordinary user");
    expect_hidden(NOBODY);
}

Test(sandbox_view, what_is_not_there_is_passed_over)
{
    AUTO_FREE char *nowhere = in_folder("nowhere");
    const struct sandbox_view views[] = {{nowhere, true}, {nowhere, false}};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        bool made;
        _exit(sandbox_view_enter(views, COUNT_OF(views), false, &made));
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect_not(os_exists(nowhere));
}
