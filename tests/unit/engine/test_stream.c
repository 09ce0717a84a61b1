/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stream.h"

#include "agent/kelp_stream.h"
#include "base/os.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define START "{\"type\":\"start\",\"version\":1,\"session\":\"s\",\"model\":\"m\"}\n"
#define END "{\"type\":\"end\",\"status\":\"ok\",\"text\":\"fine\"}\n"

Test(stream, pieces_follow_each_other)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "stdout");
    AUTO_FAULT f = {0};
    AUTO_READING r;
    uint64_t at = 0, steps = 0;

    cr_assert_eq(os_write_file(path, START END, sizeof START END - 1, 0600, &f), 0);
    reading_begin(&r, &kelp_reader, NULL);
    for (uint64_t next; (next = stream_feed(&r, path, at, 7)) != at; at = next)
        steps++;
    cr_expect_eq(at, sizeof START END - 1);
    cr_expect_geq(steps, at / 7);
    cr_expect(r.final);
    cr_expect_str_eq(text_get(&r.text), "fine");
}

Test(stream, behind_a_gap_it_goes_on_with_a_line_of_its_own)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "stdout");
    AUTO_CLOSE fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const off_t tail = (off_t)1 << 30;
    AUTO_READING r;

    cr_assert_eq(pwrite(fd, START "{\"type\":\"en", sizeof START + 10, 0), sizeof START + 10);
    cr_assert_eq(pwrite(fd, END, sizeof END - 1, tail), sizeof END - 1);
    reading_begin(&r, &kelp_reader, NULL);
    cr_expect_eq(stream_feed(&r, path, 0, UINT64_MAX), (uint64_t)tail + sizeof END - 1);
    cr_expect_str_eq(r.session, "s");
    cr_expect(r.final, "the zeros of the gap were read");
}

Test(stream, what_is_not_there_has_nothing)
{
    AUTO_READING r;

    reading_begin(&r, &kelp_reader, NULL);
    cr_expect_eq(stream_feed(&r, "/nowhere/stdout", 5, UINT64_MAX), 5);
}
