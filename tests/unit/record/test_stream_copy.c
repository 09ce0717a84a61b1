/* SPDX-License-Identifier: Apache-2.0 */
#include "record/stream_copy.h"

#include "temp_dir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(stream_copy);

static const struct {
    const char *file;
    size_t most;
    const char *kept;
    bool cut;
} rows[] = {
    {"", 10, "", false},
    {"one\ntwo\n", 100, "one\ntwo\n", false},
    {"one\ntwo\n", 8, "one\ntwo\n", false},
    {"11\n22\n33\n44\n55\n", 8, "11\n55\n", true},
    {"11\n22\n33\n44\n55", 8, "11\n55", true},
    {"a line that has no end at all", 8, "", true},
};

Test(stream_copy, whole_lines_of_both_ends_stay)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "stdout");

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO_TEXT out = {0};
        AUTO_FAULT f = {0};
        bool cut = false;
        cr_assert_eq(os_write_file(path, rows[i].file, strlen(rows[i].file), 0600, &f), 0);
        cr_assert(stream_copy(path, rows[i].most, &out, &cut));
        cr_expect_str_eq(text_get(&out), rows[i].kept, "row %zu", i);
        cr_expect_eq(cut, rows[i].cut, "row %zu", i);
    }
}

/* As process/output.h leaves it: the middle was punched out, and the file is longer than what it
 * holds. */
Test(stream_copy, a_hole_ends_a_line)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "stdout");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    AUTO_TEXT out = {0};
    bool cut = false;
    char block[4096];

    memset(block, 'x', sizeof block);
    cr_assert_eq(pwrite(fd, block, sizeof block, 0), (ssize_t)sizeof block);
    cr_assert_eq(pwrite(fd, "\nend\n", 5, 1 << 20), 5);
    close(fd);
    cr_assert(stream_copy(path, 1 << 22, &out, &cut));
    if (!cut)
        cr_skip("this file system keeps no holes");
    cr_expect_eq(out.length, sizeof block + 1 + 5);
    cr_expect_str_eq(text_get(&out) + sizeof block, "\n\nend\n");
}

Test(stream_copy, only_regular_files_are_read)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *link = os_path(dir, "link");
    AUTO_FREE char *fifo = os_path(dir, "fifo");
    AUTO_FREE char *none = os_path(dir, "none");
    const char *const paths[] = {link, fifo, none, dir};

    cr_assert_eq(symlink("/etc/passwd", link), 0);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO_TEXT out = {0};
        bool cut = false;
        cr_expect_not(stream_copy(paths[i], 1 << 20, &out, &cut), "%s", paths[i]);
        cr_expect_eq(out.length, 0);
    }
}
