/* SPDX-License-Identifier: Apache-2.0 */
/* Where this user may not make control groups the tests say so. */
#include "process/groups.h"

#include "base/os.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct groups groups;

static void setup(void)
{
    AUTO_FREE char *name = text_format("kelp-test-%d", (int)getpid());

    if (groups_open(&groups, name) < 0)
        cr_skip_test("no control groups can be made here");
}

static void teardown(void)
{
    AUTO_FREE char *path = mem_string(groups.path);

    groups_close(&groups);
    cr_expect_not(os_exists(path), "the folder is removed");
}

TestSuite(groups, .init = setup, .fini = teardown);

/* A child that joins the group and waits for its end. */
static pid_t join(const char *path)
{
    AUTO_FREE char *procs = os_path(path, "cgroup.procs");
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        for (;;)
            (void)pause();
    }
    AUTO_CLOSE fd = open(procs, O_WRONLY | O_CLOEXEC);
    AUTO_FREE char *number = text_format("%d", (int)pid);
    cr_assert_eq(os_write_all(fd, number, strlen(number)), 0);
    return pid;
}

static char *path_of(uint32_t number)
{
    return text_format("%s/a%u", groups.path, number);
}

static uint32_t take(void)
{
    uint32_t number;
    int fd;

    cr_assert_eq(groups_take(&groups, &number, &fd), 0);
    (void)close(fd);
    return number;
}

Test(groups, an_empty_one_is_used_again)
{
    uint32_t a = take(), b = take();

    cr_expect_neq(a, b);
    cr_expect_not(groups_populated(&groups, a));
    groups_give_back(&groups, a);
    cr_expect_eq(take(), a);
    groups_remove(&groups, b);
    cr_expect_neq(take(), b);
}

Test(groups, all_that_is_in_it_is_found_and_killed)
{
    uint32_t a = take();
    AUTO_FREE char *path = path_of(a);
    AUTO_FREE char *nested = os_path(path, "nested");
    struct proc_list list = {0};

    cr_assert_eq(mkdir(nested, 0755), 0);
    pid_t pids[] = {join(path), join(nested)};
    cr_expect(groups_populated(&groups, a));
    groups_processes(&groups, a, &list);
    cr_expect_eq(list.count, 2);
    groups_kill(&groups, a);
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        int status;
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        cr_expect_eq(WTERMSIG(status), SIGKILL);
    }
    cr_expect_not(groups_populated(&groups, a));
    groups_remove(&groups, a);
    cr_expect_not(os_exists(path), "what was made below it goes with it");
    vector_free(&list);
}

Test(groups, one_that_is_not_there_counts_as_populated)
{
    cr_expect(groups_populated(&groups, 4711));
}
