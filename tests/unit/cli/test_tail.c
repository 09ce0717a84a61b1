/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include "temp_dir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char *path;
static struct tail t;

static void setup(void)
{
    dir = temp_dir_new();
    path = os_path(dir, "stdout");
    t = (struct tail){0};
}

static void teardown(void)
{
    free(path);
    temp_dir_remove(&dir);
}

TestSuite(tail, .init = setup, .fini = teardown);

static void append(const char *content, size_t length)
{
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    cr_assert_eq(os_write_all(fd, content, length), 0);
}

/* All that there is by now. */
static void expect_next(const char *wanted, bool over)
{
    AUTO_TEXT shown = {0};

    while (tail_next(&t, path, over, &shown))
        cr_assert_lt(shown.length, 1u << 22, "it has no end");
    cr_expect_str_eq(text_get(&shown), wanted);
}

Test(tail, what_is_not_there_has_nothing)
{
    expect_next("", true);
    append("", 0);
    expect_next("", true);
}

Test(tail, a_growing_file_is_shown_by_whole_lines)
{
    append("one\nha", 6);
    expect_next("one\n", false);
    expect_next("", false);
    append("lf\nrest", 7);
    expect_next("half\n", false);
    expect_next("rest", true);
    expect_next("", true);
}

Test(tail, what_could_move_a_cursor_is_escaped)
{
    append("a\033[2Jb\0c\xff\n", 10);
    expect_next("a\\x1b[2Jb\\x00c\\xff\n", true);
}

Test(tail, a_line_longer_than_a_piece_is_shown_in_pieces)
{
    enum { LONG = 300 * 1024 };
    AUTO_FREE char *line = mem_alloc(LONG + 1);
    AUTO_TEXT shown = {0};

    memset(line, 'x', LONG);
    line[LONG] = '\0';
    append(line, LONG);
    cr_expect(tail_next(&t, path, false, &shown));
    cr_expect_not(tail_next(&t, path, false, &shown));
    cr_expect_lt(shown.length, LONG);
    cr_expect(tail_next(&t, path, true, &shown));
    cr_expect_eq(shown.length, LONG);
}

Test(tail, what_was_cut_out_is_told)
{
    enum { BLOCK = 64 * 1024 };
    AUTO_FREE char *block = mem_alloc(BLOCK);
    AUTO_TEXT shown = {0};

    memset(block, 'x', BLOCK);
    for (int i = 0; i < 3; i++)
        append(block, BLOCK);
    append("end\n", 4);
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, BLOCK, BLOCK) < 0)
        cr_skip_test("this file system can't cut a file's middle");
    while (tail_next(&t, path, true, &shown))
        ;
    cr_expect_not_null(strstr(text_get(&shown), "x\n[65536 bytes are not kept]\nx"));
    cr_expect(text_ends(text_get(&shown), "xend\n"));
    cr_expect_eq(strlen(text_get(&shown)), shown.length, "the zeros of the gap came through");
}

Test(tail, only_a_file_is_read)
{
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_next("", true);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    expect_next("", true);
}
