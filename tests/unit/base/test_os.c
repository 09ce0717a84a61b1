/* SPDX-License-Identifier: Apache-2.0 */
#include "base/os.h"

#include "temp_dir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static void put_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file, "cannot make '%s'", path);
    cr_assert_geq(fputs(content, file), 0);
    cr_assert_eq(fclose(file), 0);
}

static void expect_content(const char *path, const char *content)
{
    AUTO_FAULT f = {0};
    AUTO_TEXT t = {0};

    cr_assert_eq(os_read_file(path, 1000 * 1000, &t, &f), 0, "%s", f.message);
    cr_assert_str_eq(text_get(&t), content);
}

/* Permissions mean nothing to root: become somebody who owns `dir` and nothing else. */
static void drop_root(const char *dir)
{
    if (geteuid() != 0)
        return;
    cr_assert_eq(chown(dir, NOBODY, NOBODY), 0);
    cr_assert_eq(setegid(NOBODY), 0);
    cr_assert_eq(seteuid(NOBODY), 0);
}

Test(os, reads_files_of_any_bytes)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "bytes");
    AUTO_FAULT f = {0};
    AUTO_TEXT t = {0};
    size_t length = 200 * 1000;
    AUTO_FREE char *bytes = mem_alloc(length);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 7);
    cr_assert_eq(os_write_file(path, bytes, length, 0600, &f), 0);
    text_add(&t, "before ");
    cr_assert_eq(os_read_file(path, length, &t, &f), 0);
    cr_assert_eq(t.length, length + 7);
    cr_assert_arr_eq(t.data + 7, bytes, length);
}

Test(os, refuses_a_file_that_is_too_large)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "six");
    AUTO_FAULT f = {0};
    AUTO_TEXT t = {0};

    put_file(path, "123456");
    text_add(&t, "kept");
    cr_assert_eq(os_read_file(path, 5, &t, &f), -FAULT_LIMIT);
    cr_assert_str_eq(text_get(&t), "kept");
    fault_clear(&f);
    cr_assert_eq(os_read_file(path, 6, &t, &f), 0);
    cr_assert_str_eq(text_get(&t), "kept123456");
}

Test(os, reading_names_the_path_and_the_reason)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *missing = os_path(dir, "missing");
    AUTO_TEXT t = {0};
    const struct {
        const char *path;
        int error;
    } cases[] = {{missing, ENOENT}, {dir, EISDIR}, {"/proc/self/mem", EIO}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        cr_expect_eq(os_read_file(cases[i].path, 10, &t, &f), -FAULT_SYSTEM);
        cr_expect_eq(f.sys_errno, cases[i].error, "'%s': %s", cases[i].path, f.message);
        cr_expect_not_null(strstr(f.message, cases[i].path));
    }
    cr_expect_eq(t.length, 0);
}

Test(os, reading_a_pipe_without_a_writer_does_not_wait, .timeout = 20)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "fifo");
    AUTO_FAULT f = {0};
    AUTO_TEXT t = {0};

    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(os_read_file(path, 10, &t, &f), 0);
    cr_assert_eq(t.length, 0);
}

Test(os, writing_replaces_and_leaves_nothing_beside)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "file");
    AUTO_FAULT f = {0};
    struct stat st;

    put_file(path, "old");
    umask(0);
    cr_assert_eq(os_write_file(path, "new", 3, 0640, &f), 0);
    expect_content(path, "new");
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0640);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(rmdir(dir), 0, "something was left in '%s'", dir);
}

Test(os, failed_writing_leaves_the_old_file)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "file");
    AUTO_FREE char *inside = os_path(path, "x");
    AUTO_FAULT f = {0};
    struct rlimit small = {.rlim_cur = 10, .rlim_max = 10};

    put_file(path, "old");
    cr_assert_eq(os_write_file(inside, "new", 3, 0600, &f), -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, ENOTDIR);
    fault_clear(&f);
    /* A limit stands in for a full disk. */
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_assert_eq(os_write_file(path, "longer than the limit", 21, 0600, &f), -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, EFBIG);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(rmdir(dir), 0, "something was left in '%s'", dir);
}

Test(os, writing_onto_a_folder_fails)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "folder");
    AUTO_FAULT f = {0};

    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(os_write_file(path, "x", 1, 0600, &f), -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, EISDIR);
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(rmdir(dir), 0, "something was left in '%s'", dir);
}

Test(os, makes_folders_all_the_way)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *deep = os_path(dir, "a/b//c/");
    AUTO_FREE char *shown = os_path(dir, "a/b/c");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(deep, 0755, &f), 0);
    cr_assert(os_is_dir(shown));
    cr_assert_eq(os_make_dirs(deep, 0755, &f), 0);
    cr_assert_eq(os_make_dirs("/", 0755, &f), 0);
}

Test(os, cannot_make_a_folder_in_the_place_of_a_file)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *file = os_path(dir, "file");
    AUTO_FREE char *below = os_path(dir, "file/a");
    const struct {
        const char *path;
        int error;
    } cases[] = {{file, ENOTDIR}, {below, ENOTDIR}, {"", ENOENT}, {"/proc/none/x", ENOENT}};

    put_file(file, "x");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        cr_expect_eq(os_make_dirs(cases[i].path, 0755, &f), -FAULT_SYSTEM, "'%s'", cases[i].path);
        cr_expect_eq(f.sys_errno, cases[i].error, "'%s': %s", cases[i].path, f.message);
    }
}

Test(os, removes_trees_but_follows_no_link)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *tree = os_path(dir, "tree");
    AUTO_FREE char *below = os_path(dir, "tree/a/b");
    AUTO_FREE char *file = os_path(dir, "tree/a/b/file");
    AUTO_FREE char *outside = os_path(dir, "outside");
    AUTO_FREE char *kept = os_path(dir, "outside/kept");
    AUTO_FREE char *link = os_path(dir, "tree/link");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(below, 0755, &f), 0);
    cr_assert_eq(os_make_dirs(outside, 0755, &f), 0);
    put_file(file, "x");
    put_file(kept, "kept");
    cr_assert_eq(symlink(outside, link), 0);
    cr_assert_eq(os_remove_tree(tree, &f), 0);
    cr_assert_not(os_exists(tree));
    expect_content(kept, "kept");
    cr_assert_eq(os_remove_tree(tree, &f), 0, "what is not there is removed");
    cr_assert_eq(os_remove_tree(kept, &f), 0);
    cr_assert_not(os_exists(kept));
}

Test(os, removes_what_has_no_permissions)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *tree = os_path(dir, "tree");
    AUTO_FREE char *closed = os_path(dir, "tree/closed");
    AUTO_FREE char *file = os_path(dir, "tree/closed/file");
    AUTO_FAULT f = {0};

    drop_root(dir);
    cr_assert_eq(os_make_dirs(closed, 0755, &f), 0);
    put_file(file, "x");
    cr_assert_eq(chmod(closed, 0), 0);
    cr_assert_eq(chmod(tree, 0500), 0);
    cr_assert_eq(os_remove_tree(tree, &f), 0, "%s", f.message);
    cr_assert_not(os_exists(tree));
    cr_assert(geteuid() != NOBODY || seteuid(0) == 0);
}

Test(os, says_what_it_cannot_remove)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *closed = os_path(dir, "closed");
    AUTO_FREE char *file = os_path(dir, "closed/file");
    AUTO_FREE char *folder = os_path(dir, "closed/folder");
    const char *const paths[] = {file, folder};

    drop_root(dir);
    cr_assert_eq(mkdir(closed, 0755), 0);
    cr_assert_eq(mkdir(folder, 0755), 0);
    put_file(file, "x");
    cr_assert_eq(chmod(closed, 0500), 0);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO_FAULT f = {0};
        cr_expect_eq(os_remove_tree(paths[i], &f), -FAULT_SYSTEM);
        cr_expect_eq(f.sys_errno, EACCES, "%s", f.message);
        cr_expect_not_null(strstr(f.message, paths[i]));
    }
    cr_assert(geteuid() != NOBODY || seteuid(0) == 0);
}

/* Deeper than there are descriptors, and than a path may be long. */
Test(os, removes_a_very_deep_tree)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *tree = os_path(dir, "tree");
    AUTO_FAULT f = {0};

    cr_assert_eq(mkdir(tree, 0700), 0);
    int at = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 3000; i++) {
        cr_assert_eq(mkdirat(at, "a-folder", 0700), 0);
        int below = openat(at, "a-folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert_geq(below, 0);
        close(at);
        at = below;
    }
    close(at);
    struct rlimit few = {.rlim_cur = 100, .rlim_max = 100};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    cr_assert_eq(os_remove_tree(tree, &f), 0, "%s", f.message);
    cr_assert_not(os_exists(tree));
}

Test(os, tells_folders_from_the_rest)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *file = os_path(dir, "file");
    AUTO_FREE char *dangling = os_path(dir, "dangling");
    AUTO_FREE char *link = os_path(dir, "link");

    put_file(file, "x");
    cr_assert_eq(symlink("nowhere", dangling), 0);
    cr_assert_eq(symlink(dir, link), 0);
    cr_expect(os_exists(dir) && os_is_dir(dir));
    cr_expect(os_exists(file) && !os_is_dir(file));
    cr_expect(os_exists(dangling) && !os_is_dir(dangling));
    cr_expect(os_exists(link) && os_is_dir(link));
}

Test(os, writes_all_of_it_through_a_pipe)
{
    AUTO_FREE char *bytes = mem_zero(100 * 1000);
    char buffer[4096];
    size_t got = 0;
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(os_write_all(ends[1], bytes, 100 * 1000) == 0 ? 0 : 1);
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
        got += (size_t)n;
    cr_assert_eq(got, 100 * 1000);
    close(ends[0]);
}

Test(os, writing_returns_the_error)
{
    int ends[2];

    (void)signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    cr_assert_eq(os_write_all(ends[1], "x", 1), -EPIPE);
    cr_assert_eq(os_write_all(ends[1], "", 0), 0);
    close(ends[1]);
}

Test(os, closes_once_and_only_what_is_open)
{
    int copy;
    {
        AUTO_CLOSE fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        copy = fd;
    }
    cr_assert_eq(fcntl(copy, F_GETFD), -1);
    {
        AUTO_CLOSE none = -1;
        cr_assert_lt(none, 0);
    }
}

Test(os, joins_paths)
{
    static const struct {
        const char *dir, *name, *path;
    } cases[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {".", "b/c", "./b/c"}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *path = os_path(cases[i].dir, cases[i].name);
        cr_expect_str_eq(path, cases[i].path);
    }
}

Test(os, resolves_links)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *link = os_path(dir, "link");
    AUTO_FREE char *real = NULL;
    AUTO_FREE char *through = NULL;
    char *none = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(symlink(dir, link), 0);
    cr_assert_eq(os_real_path(dir, &real, &f), 0);
    cr_assert_eq(os_real_path(link, &through, &f), 0);
    cr_assert_str_eq(real, through);
    cr_assert_eq(os_real_path("/nowhere/at/all", &none, &f), -FAULT_SYSTEM);
    cr_assert_null(none);
}

Test(os, knows_its_own_folder)
{
    AUTO_FREE char *dir = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(os_program_dir(&dir, &f), 0);
    AUTO_FREE char *self = os_path(dir, "unit-base");
    cr_assert(os_exists(self));
}

Test(os, standard_streams_that_are_closed_are_held)
{
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), in = dup(STDIN_FILENO);
    char c;

    (void)close(STDIN_FILENO);
    (void)close(STDERR_FILENO);
    os_hold_standard_streams();
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ssize_t got = read(STDIN_FILENO, &c, 1), put = write(STDERR_FILENO, "x", 1);
    int why = errno;
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    cr_expect_gt(next, STDERR_FILENO);
    cr_expect_eq(got, 0);
    cr_expect_eq(put, -1);
    cr_expect_eq(why, EBADF);
    (void)close(next);
    (void)close(in);
    (void)close(out);
    (void)close(err);
}
