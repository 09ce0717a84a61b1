/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/redact.h"

#include "base/os.h"
#include "process/output.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LETTERS_20 "abcdefghij0123456789"

static void init(struct redact *r, struct arena *a)
{
    static const char *values[] = {"hush-hush", "short", "with \"quotes\" and \\"};

    redact_init(r, &(struct strings){values, COUNT_OF(values)}, a);
}

Test(redact, what_is_secret_becomes_stars)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"", ""},
        {"nothing here", "nothing here"},
        {"hush-hush", "*********"},
        {"a hush-hush, hush-hush!", "a *********, *********!"},
        {"hush-hus", "hush-hus"},
        {"hush-hush-hush", "*********-hush"},
        {"short is no secret", "short is no secret"},
        {"{\"t\":\"with \\\"quotes\\\" and \\\\\"}", "{\"t\":\"**********************\"}"},
        {"with \"quotes\" and \\", "*******************"},
        {"sk-" LETTERS_20 LETTERS_20, "*******************************************"},
        {"key=sk-ant-" LETTERS_20 "-" LETTERS_20 ".",
         "key=************************************************."},
        {"sk-" LETTERS_20, "sk-" LETTERS_20},
        {"task-management-of-the-whole-repository-and-more",
         "task-management-of-the-whole-repository-and-more"},
        {"ghp_" LETTERS_20, "ghp_" LETTERS_20},
        {"ghp_" LETTERS_20 LETTERS_20, "********************************************"},
        {"AKIA"
         "ABCDEFGHIJKLMNOP",
         "********************"},
        {"AKIAabcdefghijklmnop", "AKIAabcdefghijklmnop"},
    };
    AUTO_ARENA a = {0};
    struct redact r;

    init(&r, &a);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = arena_string(&a, cases[i].text);
        size_t found = redact_bytes(&r, text, strlen(text));
        cr_expect_str_eq(text, cases[i].wanted, "case %zu: '%s'", i, text);
        cr_expect_eq(found > 0, strcmp(cases[i].text, cases[i].wanted) != 0, "case %zu", i);
        cr_expect_eq(redact_bytes(&r, text, strlen(text)), 0, "case %zu, again", i);
    }
}

enum { BLOCK = 256 * 1024 };

/* Wherever it lies across the border of two blocks. */
Test(redact, a_file_is_read_in_blocks_and_none_falls_between)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "out");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct redact r;
    size_t found;

    init(&r, &a);
    for (size_t before = BLOCK - 12; before <= BLOCK + 2; before += 2) {
        AUTO_TEXT text = {0}, now = {0};
        while (text.length < before)
            text_add_char(&text, '.');
        text_add(&text, "hush-hush");
        while (text.length < 2 * BLOCK + 100)
            text_add_char(&text, '.');
        text_add(&text, "sk-" LETTERS_20 LETTERS_20);
        cr_assert_eq(os_write_file(path, text_get(&text), text.length, 0600, &f), 0);
        cr_assert_eq(redact_file(&r, path, &found, &f), 0, "%s", f.message);
        cr_expect_eq(found, 2, "%zu at %zu", found, before);
        cr_assert_eq(os_read_file(path, 4 * BLOCK, &now, &f), 0);
        cr_expect_eq(now.length, text.length);
        cr_expect_null(strstr(text_get(&now), "hush"));
        cr_expect_null(strstr(text_get(&now), "sk-"));
        cr_assert_eq(redact_file(&r, path, &found, &f), 0, "%s", f.message);
        cr_expect_eq(found, 0);
    }
}

Test(redact, what_was_cut_out_stays_cut_out)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "out");
    AUTO_CLOSE fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const off_t size = (off_t)1 << 30;
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct redact r;
    struct stat st;
    char tail[10] = "";
    size_t found;

    init(&r, &a);
    cr_assert_eq(pwrite(fd, "hush-hush\n", 10, 0), 10);
    cr_assert_eq(pwrite(fd, "hush-hush\n", 10, size), 10);
    cr_assert_eq(redact_file(&r, path, &found, &f), 0, "%s", f.message);
    cr_expect_eq(found, 2);
    cr_assert_eq(pread(fd, tail, 9, size), 9);
    cr_expect_str_eq(tail, "*********");
    cr_assert_eq(fstat(fd, &st), 0);
    cr_expect_lt(st.st_blocks, 1024, "the gap was filled");
}

Test(redact, what_may_be_somebody_elses_is_left_alone)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "file"), *second = os_path(dir, "second");
    AUTO_FREE char *linked = os_path(dir, "linked"), *missing = os_path(dir, "missing");
    const char *const paths[] = {path, second, linked, missing};
    AUTO_TEXT now = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct redact r;

    init(&r, &a);
    cr_assert_eq(os_write_file(path, "hush-hush", 9, 0600, &f), 0);
    cr_assert_eq(symlink(path, linked), 0);
    cr_assert_eq(link(path, second), 0);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        size_t found = 7;
        cr_expect_eq(redact_file(&r, paths[i], &found, &f), 0, "%s: %s", paths[i], f.message);
        cr_expect_eq(found, 0);
    }
    cr_assert_eq(os_read_file(path, 100, &now, &f), 0);
    cr_expect_str_eq(text_get(&now), "hush-hush");
}
