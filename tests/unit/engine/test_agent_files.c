/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent_files.h"

#include "base/os.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir, *home, *outside;

static void setup(void)
{
    AUTO_FAULT f = {0};

    dir = temp_dir_new();
    home = os_path(dir, "home");
    outside = os_path(dir, "outside");
    cr_assert_eq(os_make_dirs(home, 0700, &f), 0);
    cr_assert_eq(os_make_dirs(outside, 0700, &f), 0);
}

static void teardown(void)
{
    free(home);
    free(outside);
    temp_dir_remove(&dir);
}

TestSuite(agent_files, .init = setup, .fini = teardown);

static int make(const char *path, const char *content, const char *target, struct fault *f)
{
    AUTO_FREE char *whole = text_format("%s%s", dir, path);

    return agent_file_make(&(struct driver_file){whole, content, target}, home, "/nowhere", f);
}

static const char *content(const char *path)
{
    AUTO_FREE char *whole = text_format("%s%s", dir, path);
    static char kept[100];
    AUTO_TEXT now = {0};
    AUTO_FAULT f = {0};

    if (os_read_file(whole, sizeof kept - 1, &now, &f) < 0)
        return "(none)";
    memcpy(kept, text_get(&now), now.length + 1);
    return kept;
}

Test(agent_files, folders_are_made_and_a_second_time_replaces)
{
    AUTO_FREE char *whole = text_format("%s/home/a/b/file", dir);
    AUTO_FAULT f = {0};
    struct stat st;

    cr_assert_eq(make("/home/a/b/file", "one", NULL, &f), 0, "%s", f.message);
    cr_assert_eq(make("/home/a//b/file", "two", NULL, &f), 0, "%s", f.message);
    cr_expect_str_eq(content("/home/a/b/file"), "two");
    cr_assert_eq(stat(whole, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(agent_files, links_point_where_they_should)
{
    AUTO_FREE char *link = text_format("%s/home/auth", dir);
    char now[100];
    AUTO_FAULT f = {0};

    cr_assert_eq(make("/home/auth", NULL, "/one", &f), 0, "%s", f.message);
    cr_assert_eq(make("/home/auth", NULL, "/one", &f), 0, "%s", f.message);
    cr_assert_eq(make("/home/auth", NULL, "/two", &f), 0, "%s", f.message);
    cr_assert_eq(readlink(link, now, sizeof now), 4);
    cr_expect_eq(memcmp(now, "/two", 4), 0);
}

/* What an earlier attempt put there leads nowhere. */
Test(agent_files, nothing_is_written_through_a_link)
{
    AUTO_FREE char *folder = text_format("%s/home/conf", dir);
    AUTO_FREE char *file = text_format("%s/home/file", dir);
    AUTO_FREE char *victim = text_format("%s/outside/victim", dir);
    AUTO_FAULT f = {0}, g = {0};

    cr_assert_eq(symlink(outside, folder), 0);
    cr_assert_eq(symlink(victim, file), 0);
    cr_expect_lt(make("/home/conf/settings", "x", NULL, &f), 0);
    cr_expect_str_eq(content("/outside/settings"), "(none)");
    cr_expect_eq(make("/home/file", "mine", NULL, &g), 0, "%s", g.message);
    cr_expect_str_eq(content("/outside/victim"), "(none)");
    cr_expect_str_eq(content("/home/file"), "mine");
}

Test(agent_files, a_path_elsewhere_is_refused)
{
    static const char *const paths[] = {"/outside/file", "/homes/file", "/home/../outside/file"};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO_FAULT f = {0};
        cr_expect_eq(make(paths[i], "x", NULL, &f), -FAULT_USAGE, "%s", paths[i]);
    }
}
