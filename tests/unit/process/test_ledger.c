/* SPDX-License-Identifier: Apache-2.0 */
#include "process/ledger.h"

#include "base/os.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen {
    size_t count;
    struct text ids;
};

static void see(void *ctx, const struct record *record)
{
    struct seen *seen = ctx;

    seen->count++;
    text_printf(&seen->ids, "%s ", record->event.id);
}

static char *folder;

static void setup(void)
{
    folder = folder_make();
}

static void teardown(void)
{
    folder_remove(folder);
}

TestSuite(ledger, .init = setup, .fini = teardown);

static void add(struct ledger *ledger, const char *id)
{
    struct record record = {.kind = RECORD_BEGIN, .event = {.id = id, .at_ms = 1}};

    ledger_add(ledger, &record);
}

static void expect_ids(const char *ids)
{
    AUTO_FAULT fault = {0};
    struct seen seen = {0};

    cr_expect_eq(ledger_read(folder, see, &seen, &fault), 0, "%s", fault.message);
    cr_expect_str_eq(text_get(&seen.ids), ids);
    text_free(&seen.ids);
}

static void write_two(void)
{
    AUTO_FAULT fault = {0};
    struct ledger ledger;

    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    add(&ledger, "one");
    add(&ledger, "two");
    cr_assert_eq(ledger_flush(&ledger, &fault), 0);
    ledger_close(&ledger);
}

Test(ledger, what_was_flushed_is_read_in_order)
{
    write_two();
    expect_ids("one two ");
}

Test(ledger, what_was_not_flushed_is_not_there)
{
    AUTO_FAULT fault = {0};
    struct ledger ledger;

    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    add(&ledger, "one");
    ledger_close(&ledger);
    expect_ids("");
}

Test(ledger, one_writer_at_a_time)
{
    AUTO_FAULT fault = {0};
    struct ledger first, second;

    cr_assert_eq(ledger_open(folder, &first, &fault), 0);
    cr_expect_eq(ledger_open(folder, &second, &fault), -FAULT_BUSY);
    fault_clear(&fault);
    ledger_close(&first);
    cr_expect_eq(ledger_open(folder, &second, &fault), 0);
    ledger_close(&second);
}

Test(ledger, no_file_is_said)
{
    AUTO_FAULT fault = {0};
    struct seen seen = {0};

    cr_expect_eq(ledger_read(folder, see, &seen, &fault), -FAULT_NOT_FOUND);
}

/* A keeper that dies while it writes leaves a part: readers pass over it, the next keeper cuts it
 * off and goes on where the whole records end. */
Test(ledger, a_torn_end_is_cut_at_every_length)
{
    write_two();
    AUTO_FREE char *path = os_path(folder, LEDGER_NAME);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    off_t whole = st.st_size / 2; /* both records have the same size */

    for (off_t length = st.st_size - 1; length >= whole; length--) {
        AUTO_FAULT fault = {0};
        struct ledger ledger;
        struct seen seen = {0};
        cr_assert_eq(truncate(path, length), 0);
        expect_ids("one ");
        cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
        cr_assert_eq(ledger_load(&ledger, see, &seen, &fault), 0);
        cr_expect_eq(seen.count, 1);
        cr_expect_eq(ledger.bytes, (uint64_t)whole);
        add(&ledger, "two");
        cr_assert_eq(ledger_flush(&ledger, &fault), 0);
        ledger_close(&ledger);
        text_free(&seen.ids);
        expect_ids("one two ");
    }
}

static void damage(off_t offset)
{
    AUTO_CLOSE fd = open(folder_path(folder, LEDGER_NAME), O_RDWR | O_CLOEXEC);
    char byte;

    cr_assert_eq(pread(fd, &byte, 1, offset), 1);
    byte = (char)(byte ^ 0x10);
    cr_assert_eq(pwrite(fd, &byte, 1, offset), 1);
}

/* Wherever a record is damaged: if another follows, it is no torn end, and nothing is cut. */
Test(ledger, damage_before_the_end_is_refused)
{
    write_two();
    struct stat before, after;
    cr_assert_eq(stat(folder_path(folder, LEDGER_NAME), &before), 0);

    for (off_t offset = 0; offset < before.st_size / 2; offset++) {
        AUTO_FAULT fault = {0};
        AUTO_FAULT second = {0};
        struct ledger ledger;
        struct seen seen = {0};
        damage(offset);
        cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
        cr_expect_eq(ledger_load(&ledger, see, &seen, &fault), -FAULT_CORRUPT, "byte %ju",
                     (uintmax_t)offset);
        cr_expect_eq(ledger_read(folder, see, &seen, &second), -FAULT_CORRUPT);
        ledger_close(&ledger);
        text_free(&seen.ids);
        damage(offset);
    }
    cr_assert_eq(stat(folder_path(folder, LEDGER_NAME), &after), 0);
    cr_expect_eq(after.st_size, before.st_size);
    expect_ids("one two ");
}

/* As a machine leaves it that lost its power: the size is written, the content is not. */
Test(ledger, zeros_at_the_end_are_cut)
{
    AUTO_FAULT fault = {0};
    struct ledger ledger;
    struct seen seen = {0};

    write_two();
    AUTO_FREE char *path = os_path(folder, LEDGER_NAME);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(truncate(path, st.st_size + 10000), 0);
    expect_ids("one two ");
    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    cr_assert_eq(ledger_load(&ledger, see, &seen, &fault), 0);
    cr_expect_eq(ledger.bytes, (uint64_t)st.st_size);
    ledger_close(&ledger);
    text_free(&seen.ids);
    expect_ids("one two ");
}

Test(ledger, space_that_is_reserved_is_no_content)
{
    AUTO_FAULT fault = {0};
    struct ledger ledger;
    struct seen seen = {0};

    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    cr_assert_eq(ledger_load(&ledger, see, &seen, &fault), 0);
    cr_assert_eq(ledger_reserve(&ledger, 1000), 0);
    cr_expect_geq(ledger.room_bytes, 1000);
    add(&ledger, "one");
    cr_assert_eq(ledger_flush(&ledger, &fault), 0);
    ledger_close(&ledger);
    expect_ids("one ");
}

Test(ledger, many_records_cross_the_pieces_in_which_they_are_read)
{
    AUTO_FAULT fault = {0};
    struct ledger ledger;
    struct seen seen = {0};
    enum { COUNT = 5000 };

    cr_assert_eq(ledger_open(folder, &ledger, &fault), 0);
    for (int i = 0; i < COUNT; i++)
        add(&ledger, "ORG_4729.1/w1.I1.a1");
    cr_assert_eq(ledger_flush(&ledger, &fault), 0);
    cr_expect_eq(ledger_load(&ledger, see, &seen, &fault), 0);
    cr_expect_eq(seen.count, COUNT);
    ledger_close(&ledger);
    text_free(&seen.ids);
}
