/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"
#include "journal/compact.h"
#include "journal/log_check.h"
#include "journal/rescue.h"
#include "journal/seal.h"
#include "journal/store.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void flip(const char *path, off_t at)
{
    AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC);
    unsigned char byte;

    cr_assert_eq(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
}

static void cut(const char *path, off_t length)
{
    cr_assert_eq(truncate(path, length), 0);
}

Test(seal, names_what_changed)
{
    static const struct {
        void (*damage)(const char *path, off_t at);
        off_t at;
        const char *message;
    } cases[] = {
        {flip, 30, "page 1 of "},
        {flip, 4096, "page 2 of "},
        {flip, 3 * 4096 - 1, "page 3 of "},
        {cut, 4096, "it has 4096 bytes instead of "},
        {cut, 0, "it has 0 bytes instead of "},
        {cut, 5000, "it has 5000 bytes instead of "},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FOLDER dir = folder_new();
        AUTO_FREE char *path = os_path(dir.path, "journal.db");
        AUTO_FAULT f = {0}, why = {0};
        journal_fill(dir.path, 100);
        cr_assert_eq(seal_check(path, &f), 1, "%s", f.message);
        cr_assert_eq(seal_events(path), 100);
        cases[i].damage(path, cases[i].at);
        cr_assert_eq(seal_check(path, &why), -FAULT_CORRUPT, "case %zu", i);
        cr_assert(strstr(why.message, cases[i].message), "%s", why.message);
    }
}

Test(seal, is_checked_itself)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FREE char *seal = seal_path(path);
    struct stat st;

    journal_fill(dir.path, 10);
    cr_assert_eq(stat(seal, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        AUTO_FAULT f = {0};
        flip(seal, at);
        cr_assert_eq(seal_check(path, &f), -FAULT_CORRUPT, "byte %d", (int)at);
        cr_assert_eq(seal_events(path), -1);
        flip(seal, at);
    }
    for (off_t length = 0; length < st.st_size; length++) {
        AUTO_FAULT f = {0}, none = {0};
        cut(seal, length);
        cr_assert_eq(seal_check(path, &f), -FAULT_CORRUPT, "%d bytes", (int)length);
        cr_assert_eq(seal_write(path, 10, &none), 0);
    }
}

/* A seal lasts as long as nothing is committed, and is there again after the end. */
Test(seal, goes_with_the_first_commit)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FAULT f = {0};
    struct journal *j;

    journal_fill(dir.path, 10);
    cr_assert_eq(journal_open(dir.path, JOURNAL_WRITE, &j, &f), 0, "%s", f.message);
    cr_assert_eq(seal_check(path, &f), 1);
    events_write(j, 11, 12);
    cr_assert_eq(seal_check(path, &f), 0);
    journal_close(j);
    cr_assert_eq(seal_check(path, &f), 1);
    cr_assert_eq(seal_events(path), 12);
}

/* With a reader in the way the log stays, and all that was committed with it. */
Test(seal, waits_for_readers)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FAULT f = {0};
    struct store reader = {0};
    struct journal *j;
    int64_t events;

    journal_fill(dir.path, 10);
    cr_assert_eq(journal_open(dir.path, JOURNAL_WRITE, &j, &f), 0);
    events_write(j, 11, 12);
    cr_assert_eq(store_open(path, STORE_READ, &reader, &f), 0);
    cr_assert_eq(store_exec(&reader, "BEGIN; SELECT * FROM event", &f), 0);
    events_write(j, 13, 14);
    journal_close(j);
    cr_assert_eq(seal_check(path, &f), 0);
    cr_assert_eq(journal_check(dir.path, &events, &f), 0, "%s", f.message);
    cr_assert_eq(events, 14);
    store_close(&reader);
    cr_assert_eq(journal_check(dir.path, &events, &f), 0, "%s", f.message);
    cr_assert_eq(events, 14);
    cr_assert_eq(journal_open(dir.path, JOURNAL_WRITE, &j, &f), 0);
    cr_assert_eq(seal_check(path, &f), 1, "the next writer seals");
    journal_close(j);
}

/* An engine's end, as its folder is afterwards. */
static void leave_log(const char *from, const char *to, uint32_t turns)
{
    static const char *const files[] = {"journal.db", "journal.db-wal"};
    AUTO_FAULT f = {0};
    struct journal *j;

    cr_assert_eq(journal_create(from, &j, &f), 0, "%s", f.message);
    for (uint32_t turn = 0; turn < turns; turn++)
        events_write(j, 2 * turn + 1, 2 * turn + 2);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_FREE char *source = os_path(from, files[i]);
        AUTO_FREE char *target = os_path(to, files[i]);
        cr_assert_eq(store_copy_file(source, target, &f), 0, "%s", f.message);
    }
    journal_close(j);
}

Test(log_check, sees_damage_before_the_last_turn)
{
    AUTO_FOLDER from = folder_new();
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FREE char *log = os_path(dir.path, "journal.db-wal");
    AUTO_FAULT f = {0};
    struct stat st;
    unsigned seen = 0, missed = 0;

    leave_log(from.path, dir.path, 12);
    cr_assert_eq(log_check(path, &f), 0, "%s", f.message);
    cr_assert_eq(stat(log, &st), 0);
    for (off_t at = 0; at < st.st_size; at += 97) {
        AUTO_FAULT why = {0};
        flip(log, at);
        bool damaged = log_check(path, &why) == -FAULT_CORRUPT;
        flip(log, at);
        seen += damaged;
        missed += !damaged;
        if (at < st.st_size * 3 / 4)
            cr_assert(damaged, "byte %d of %d", (int)at, (int)st.st_size);
    }
    cr_assert(seen && missed, "the last turn can't be told from a crash");
}

Test(log_check, takes_what_a_crash_leaves)
{
    AUTO_FOLDER from = folder_new();
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FREE char *log = os_path(dir.path, "journal.db-wal");
    struct stat st;

    leave_log(from.path, dir.path, 12);
    cr_assert_eq(stat(log, &st), 0);
    for (off_t length = st.st_size; length >= 0; length -= 211) {
        AUTO_FAULT f = {0};
        cut(log, length);
        cr_assert_eq(log_check(path, &f), 0, "%d bytes: %s", (int)length, f.message);
    }
}

Test(compact, frees_what_is_not_used)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FAULT f = {0};
    struct store s = {0};
    struct stat before, after;
    int64_t bytes = -1, events;

    journal_fill(dir.path, 100);
    cr_assert_eq(journal_compact(dir.path, false, &bytes, &f), 0, "%s", f.message);
    cr_assert_eq(bytes, 0, "nothing is due");
    cr_assert_eq(store_open(path, STORE_WRITE, &s, &f), 0);
    cr_assert_eq(store_exec(&s,
                            "CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(900000));"
                            "DROP TABLE t",
                            &f),
                 0);
    cr_assert_eq(store_unseal(&s, &f), 0);
    cr_assert_eq(store_settle(&s, &f), 0, "%s", f.message);
    store_close(&s);
    cr_assert_eq(stat(path, &before), 0);
    cr_assert_eq(journal_compact(dir.path, true, &bytes, &f), 0, "%s", f.message);
    cr_assert_geq(bytes, 900000);
    cr_assert_eq(stat(path, &after), 0);
    cr_assert_eq(before.st_size, after.st_size, "only asked");
    cr_assert_eq(journal_compact(dir.path, false, &bytes, &f), 0, "%s", f.message);
    cr_assert_eq(stat(path, &after), 0);
    cr_assert_eq(before.st_size - after.st_size, bytes);
    cr_assert_eq(journal_check(dir.path, &events, &f), 0, "%s", f.message);
    cr_assert_eq(events, 100);
}

/* The file is written to, but nobody would ever find what is in it. */
Test(journal, a_file_that_is_taken_away_is_not_written)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *run = os_path(dir.path, "ORG_1001");
    AUTO_FREE char *away = os_path(dir.path, "away");
    AUTO_FAULT f = {0}, moved = {0}, none = {0};
    const struct event e = {.kind = EVENT_RESUMED};
    struct journal *j;
    int64_t events;

    cr_assert_eq(mkdir(run, 0755), 0);
    journal_fill(run, 4);
    cr_assert_eq(journal_open(run, JOURNAL_WRITE, &j, &f), 0);
    events_write(j, 5, 6);
    cr_assert_eq(rename(run, away), 0);
    cr_assert_eq(journal_append(j, &e, &f), 0);
    cr_assert_eq(journal_commit(j, &moved), -FAULT_ENVIRONMENT);
    cr_assert(strstr(moved.message, "was removed or replaced"), "%s", moved.message);
    cr_assert_eq(journal_append(j, &e, &none), -FAULT_REFUSED);
    journal_close(j);
    cr_assert_eq(journal_check(away, &events, &f), 0, "%s", f.message);
    cr_assert_eq(events, 6);
}
