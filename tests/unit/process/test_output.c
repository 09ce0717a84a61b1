/* SPDX-License-Identifier: Apache-2.0 */
#include "process/output.h"

#include "folder.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KIB = 1024, BOUND = 64 * KIB };

static char *folder;
static struct output output;

static void setup(void)
{
    folder = folder_make();
    output = (struct output){.path = mem_string(folder_path(folder, "out"))};
}

static void teardown(void)
{
    free(output.path);
    folder_remove(folder);
}

TestSuite(output, .init = setup, .fini = teardown);

/* Each block of the file begins with its number. */
static void append(size_t blocks)
{
    int fd = open(output.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat st;
    char block[KIB] = {0};

    cr_assert_geq(fd, 0);
    cr_assert_eq(fstat(fd, &st), 0);
    for (size_t i = 0; i < blocks; i++) {
        (void)snprintf(block, sizeof block, "%zu", (size_t)st.st_size / KIB + i);
        cr_assert_eq(os_write_all(fd, block, sizeof block), 0);
    }
    (void)close(fd);
}

static size_t number_at(uint64_t offset)
{
    char text[32] = "";
    AUTO_CLOSE fd = open(output.path, O_RDONLY | O_CLOEXEC);

    cr_assert_gt(pread(fd, text, sizeof text - 1, (off_t)offset), 0);
    return strtoul(text, NULL, 10);
}

static uint64_t on_disk(void)
{
    struct stat st;

    cr_assert_eq(stat(output.path, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

Test(output, a_short_file_is_left_alone)
{
    append(BOUND / KIB);
    cr_expect_eq(output_keep_bound(&output, BOUND), 0);
    cr_expect_eq(output.gap_end, output.gap_start);
    cr_expect_eq(on_disk(), BOUND);
}

Test(output, the_middle_goes_and_head_and_tail_stay)
{
    uint64_t start = 0, end = 0;

    append(300);
    cr_expect_eq(output_keep_bound(&output, BOUND), 0);
    cr_expect_eq(output.gap_start, 32 * KIB);
    cr_expect_eq(output.gap_end, 268 * KIB);
    cr_expect_leq(on_disk(), BOUND + 8 * KIB);
    cr_expect_eq(number_at(31 * KIB), 31);
    cr_expect_eq(number_at(268 * KIB), 268);
    cr_expect_eq(number_at(299 * KIB), 299);

    AUTO_CLOSE fd = open(output.path, O_RDONLY | O_CLOEXEC);
    cr_expect(output_gap(fd, 0, &start, &end));
    cr_expect_eq(start, output.gap_start);
    cr_expect_eq(end, output.gap_end);
    cr_expect_not(output_gap(fd, output.gap_end, &start, &end));
}

/* However often it is cut while it grows, the head stays and the gap has no island in it. */
Test(output, it_is_kept_while_the_file_grows)
{
    for (int round = 0; round < 20; round++) {
        append(50);
        cr_expect_eq(output_keep_bound(&output, BOUND), 0);
        cr_expect_leq(on_disk(), BOUND + 8 * KIB, "round %d: %ju", round, (uintmax_t)on_disk());
    }
    cr_expect_eq(output.gap_start, 32 * KIB);
    cr_expect_eq(number_at(31 * KIB), 31);
    cr_expect_eq(number_at(999 * KIB), 999);
}

Test(output, a_file_that_was_emptied_begins_anew)
{
    append(300);
    cr_assert_eq(output_keep_bound(&output, BOUND), 0);
    cr_assert_eq(truncate(output.path, 0), 0);
    append(10);
    cr_expect_eq(output_keep_bound(&output, BOUND), 0);
    cr_expect_eq(output.gap_end, 0);
    cr_expect_eq(number_at(9 * KIB), 9);
}

Test(output, no_path_is_nothing_to_do)
{
    struct output none = {0};

    cr_expect_eq(output_keep_bound(&none, 1), 0);
}
