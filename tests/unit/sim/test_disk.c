/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a failing disk itself; tests/journal searches with it. */
#include "sim/disk.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

enum { ROUNDS = 64 };

/* A database of its own in a folder of its own, which `table_end` removes. */
struct table {
    char dir[64], path[80];
    sqlite3 *db;
};

static void table_open(struct table *t)
{
    cr_assert_eq(sqlite3_open(t->path, &t->db), SQLITE_OK);
}

static int table_do(struct table *t, const char *sql)
{
    return sqlite3_exec(t->db, sql, NULL, NULL, NULL);
}

static struct table table_new(const char *mode)
{
    struct table t = {.dir = "/tmp/kelp-disk-XXXXXX"};
    char sql[128];

    cr_assert_not_null(mkdtemp(t.dir));
    (void)snprintf(t.path, sizeof t.path, "%s/t.db", t.dir);
    table_open(&t);
    (void)snprintf(
        sql, sizeof sql,
        "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = %s; CREATE TABLE t (n INTEGER)", mode);
    cr_assert_eq(table_do(&t, sql), SQLITE_OK);
    return t;
}

static int table_count(struct table *t)
{
    sqlite3_stmt *select;

    if (sqlite3_prepare_v2(t->db, "SELECT count(*) FROM t", -1, &select, NULL) != SQLITE_OK)
        return -1;
    int count = sqlite3_step(select) == SQLITE_ROW ? sqlite3_column_int(select, 0) : -1;
    (void)sqlite3_finalize(select);
    return count;
}

static void table_close(struct table *t)
{
    cr_assert_eq(sqlite3_close(t->db), SQLITE_OK);
}

static void table_end(struct table *t)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_remove_tree(t->dir, &f), 0, "%s", f.message);
}

/* Ten rows, with a cut after them; returns how many of them are found. */
static int rows_after_cut(const char *settings, enum disk_strike strike, uint64_t seed)
{
    struct disk *d = disk_new(seed);
    struct table t = table_new("WAL");

    cr_assert_eq(table_do(&t, settings), SQLITE_OK);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(table_do(&t, "INSERT INTO t VALUES (1)"), SQLITE_OK);
    disk_cut(d, strike);
    cr_assert_neq(table_do(&t, "INSERT INTO t VALUES (1)"), SQLITE_OK, "a cut disk takes nothing");
    table_close(&t);
    disk_restore(d);
    table_open(&t);
    int count = table_count(&t);
    table_close(&t);
    disk_free(d);
    table_end(&t);
    return count;
}

Test(disk, what_was_synced_survives_a_cut)
{
    for (uint64_t seed = 0; seed < ROUNDS; seed++)
        cr_assert_eq(rows_after_cut("PRAGMA synchronous = FULL", DISK_POWER, seed), 10);
}

Test(disk, what_was_not_synced_may_be_lost_and_may_be_kept)
{
    int fewest = 10, most = -1;

    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        int count = rows_after_cut("PRAGMA synchronous = OFF", DISK_POWER, seed);
        fewest = count < fewest ? count : fewest;
        most = count > most ? count : most;
    }
    cr_assert_lt(fewest, 10, "a program that does not sync is found out");
    cr_assert_eq(most, 10);
}

Test(disk, a_killed_program_loses_nothing_that_it_wrote)
{
    cr_assert_eq(rows_after_cut("PRAGMA synchronous = OFF", DISK_KILL, 1), 10);
}

Test(disk, an_operation_that_fails_fails_once)
{
    struct disk *d = disk_new(1);
    struct table t = table_new("DELETE");

    disk_plan(d, disk_operations(d) + 1, DISK_BROKEN);
    cr_assert_neq(table_do(&t, "INSERT INTO t VALUES (1)"), SQLITE_OK);
    cr_assert_eq(disk_struck(d), DISK_BROKEN);
    cr_assert_eq(table_do(&t, "INSERT INTO t VALUES (2)"), SQLITE_OK);
    cr_assert_eq(table_count(&t), 1);
    table_close(&t);
    disk_free(d);
    table_end(&t);
}

Test(disk, a_full_disk_is_full_until_there_is_room)
{
    struct disk *d = disk_new(1);
    struct table t = table_new("WAL");

    disk_plan(d, disk_operations(d) + 1, DISK_FULL);
    cr_assert_eq(table_do(&t, "INSERT INTO t VALUES (1)"), SQLITE_FULL);
    cr_assert_eq(table_do(&t, "INSERT INTO t VALUES (2)"), SQLITE_FULL);
    disk_restore(d);
    cr_assert_eq(table_do(&t, "INSERT INTO t VALUES (3)"), SQLITE_OK);
    cr_assert_eq(table_count(&t), 1);
    table_close(&t);
    disk_free(d);
    table_end(&t);
}

/* Cut at each operation of a program that does all it should: whatever the dice say, there are as
 * many rows as were committed, or one more, whose commit was under way. A rollback journal needs
 * EXTRA for that: with FULL its removal may not be durable. */
static void check_every_operation(const char *mode)
{
    bool struck = true;

    for (uint64_t n = 1; struck; n++) {
        struct disk *d = disk_new(n);
        struct table t = table_new(mode);
        int committed = 0;
        disk_plan(d, disk_operations(d) + n, DISK_POWER);
        while (committed < 5 && table_do(&t, "INSERT INTO t VALUES (1)") == SQLITE_OK)
            committed++;
        table_close(&t);
        struck = disk_struck(d) == DISK_POWER;
        disk_restore(d);
        table_open(&t);
        int count = table_count(&t);
        table_close(&t);
        disk_free(d);
        cr_assert(count == committed || (struck && count == committed + 1),
                  "%s, operation %d: %d rows, %d committed", mode, (int)n, count, committed);
        table_end(&t);
    }
}

Test(disk, sqlite_keeps_its_promise_at_every_operation, .timeout = 60)
{
    check_every_operation("WAL");
    check_every_operation("DELETE");
}
