/* SPDX-License-Identifier: Apache-2.0 */
/* Each system call of base/os.h fails once: what was done must be said, and nothing be left over.
 */
#include "base/json.h"
#include "base/os.h"

#include "fail_calls.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEP = 70 }; /* more than are kept open at once */

static void make_tree(const char *dir)
{
    AUTO_FAULT f = {0};
    AUTO_TEXT path = {0};

    text_add(&path, dir);
    for (int i = 0; i < DEEP; i++)
        text_add(&path, "/d");
    cr_assert_eq(os_make_dirs(text_get(&path), 0700, &f), 0);
    text_add(&path, "/file");
    cr_assert_eq(os_write_file(text_get(&path), "x", 1, 0600, &f), 0);
}

static size_t count_entries(const char *dir)
{
    DIR *entries = opendir(dir);
    size_t count = 0;

    cr_assert_not_null(entries);
    while (readdir(entries))
        count++;
    closedir(entries);
    return count - 2;
}

static size_t count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

static int write_one(const char *dir, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, "file");

    return os_write_file(path, "content", 7, 0600, f);
}

static int read_one(const char *dir, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, "old");
    AUTO_TEXT t = {0};

    return os_read_file(path, 100, &t, f);
}

static int read_json(const char *dir, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, "old");
    json_auto_t *value = NULL;

    return json_read_file(path, 100, &value, f);
}

static int make_some(const char *dir, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, "a/b/c");

    return os_make_dirs(path, 0700, f);
}

static int remove_some(const char *dir, struct fault *f)
{
    AUTO_FREE char *path = os_path(dir, "tree");

    return os_remove_tree(path, f);
}

static int find_program(const char *dir UNUSED, struct fault *f)
{
    char *path = NULL;

    int r = os_program_dir(&path, f);
    cr_assert_eq(r < 0, path == NULL);
    free(path);
    return r;
}

/* Fails call 1, 2, ... until there is none left to fail; returns how many there were. A fault is
 * the injected one, and no descriptor stays open. `tolerated` failures may change nothing. */
static unsigned fail_each(int (*function)(const char *, struct fault *), bool tolerated)
{
    for (unsigned n = 1;; n++) {
        AUTO_TEMP_DIR char *dir = temp_dir_new();
        AUTO_FREE char *tree = os_path(dir, "tree");
        AUTO_FREE char *old = os_path(dir, "old");
        AUTO_FAULT f = {0};
        AUTO_FAULT unused = {0};
        make_tree(tree);
        cr_assert_eq(os_write_file(old, "{}", 2, 0600, &unused), 0);
        size_t open_before = count_descriptors();
        fail_call(n, EIO);
        int r = function(dir, &f);
        bool made = fail_call_made();
        cr_assert_eq(count_descriptors(), open_before, "call %u", n);
        if (!made) {
            cr_assert_eq(r, 0, "%s", f.message);
            return n - 1;
        }
        cr_assert(r == -FAULT_SYSTEM || (r == 0 && tolerated), "call %u", n);
        if (r < 0)
            cr_assert_eq(f.sys_errno, EIO, "call %u: %s", n, f.message);
    }
}

Test(os_faults, writing)
{
    cr_assert_geq(fail_each(write_one, false), 4); /* open, write, fsync, rename */
}

Test(os_faults, failed_writing_leaves_nothing)
{
    for (unsigned n = 1; n <= 4; n++) {
        AUTO_TEMP_DIR char *dir = temp_dir_new();
        AUTO_FAULT f = {0};
        fail_call(n, ENOSPC);
        cr_assert_eq(write_one(dir, &f), -FAULT_SYSTEM);
        cr_assert(fail_call_made());
        cr_assert_eq(count_entries(dir), 0);
    }
}

Test(os_faults, reading)
{
    cr_assert_geq(fail_each(read_one, false), 3);
    cr_assert_geq(fail_each(read_json, false), 3);
}

Test(os_faults, making_folders)
{
    cr_assert_geq(fail_each(make_some, false), 3);
}

/* A folder whose permissions cannot be changed may still be removable. */
Test(os_faults, removing)
{
    cr_assert_geq(fail_each(remove_some, true), 3 * DEEP);
}

Test(os_faults, finding_the_program)
{
    cr_assert_eq(fail_each(find_program, false), 1);
}

/* What can't be looked at is not taken for nothing. */
Test(os_faults, looking)
{
    AUTO_FAULT f = {0};
    struct stat st;

    fail_call(1, EIO);
    cr_assert_eq(os_look("/nowhere", &st, &f), -FAULT_SYSTEM);
    cr_assert_str_eq(f.message, "cannot look at '/nowhere': Input/output error");
    fail_call(1, EIO);
    cr_assert_not(os_exists("/nowhere"));
    fail_call(1, EACCES);
    cr_assert_not(os_exists("/nowhere"));
    cr_assert_not(os_exists("/nowhere"));
    cr_assert(os_exists("/"));
}

Test(os_faults, listing)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FAULT f = {0};
    const struct dirent *entry;

    cr_assert_eq(write_one(dir, &f), 0);
    DIR *entries = opendir(dir);
    cr_assert_eq(os_next_entry(entries, dir, &entry, &f), 1);
    cr_assert_str_eq(entry->d_name, "file");
    fail_call(1, EIO);
    cr_assert_eq(os_next_entry(entries, dir, &entry, &f), -FAULT_SYSTEM);
    cr_assert_eq(os_next_entry(entries, dir, &entry, &f), 0);
    closedir(entries);
}

Test(os_faults, interrupted_calls_go_on)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "file");
    AUTO_TEXT t = {0};
    AUTO_FAULT f = {0};

    fail_call(2, EINTR);
    cr_assert_eq(os_write_file(path, "whole", 5, 0600, &f), 0);
    cr_assert(fail_call_made());
    fail_call(2, EINTR);
    cr_assert_eq(os_read_file(path, 100, &t, &f), 0);
    cr_assert(fail_call_made());
    cr_assert_str_eq(text_get(&t), "whole");
}

/* Somebody else removes the same tree at the same time. */
Test(os_faults, what_is_gone_is_removed)
{
    for (unsigned n = 1; n < 40; n++) {
        AUTO_TEMP_DIR char *dir = temp_dir_new();
        AUTO_FREE char *tree = os_path(dir, "tree");
        AUTO_FAULT f = {0};
        make_tree(tree);
        fail_call(n, ENOENT);
        int r = os_remove_tree(tree, &f);
        (void)fail_call_made();
        cr_assert(r == 0 || f.sys_errno == ENOENT || f.sys_errno == ENOTEMPTY, "%s", f.message);
    }
}

/* Names that an agent took on purpose do not stop the moving up of deep folders. */
Test(os_faults, moving_up_finds_a_free_name)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *tree = os_path(dir, "tree");
    AUTO_FREE char *taken = os_path(dir, "tree/.kelp-removed-0/x");
    AUTO_FAULT f = {0};

    make_tree(tree);
    cr_assert_eq(os_make_dirs(taken, 0700, &f), 0);
    cr_assert_eq(os_remove_tree(tree, &f), 0, "%s", f.message);
    cr_assert_not(os_exists(tree));
}
