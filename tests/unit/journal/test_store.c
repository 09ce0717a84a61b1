/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"
#include "journal/store.h"

#include <criterion/criterion.h>
#include <string.h>

/* A journal as format 0 had it: no checksums. */
static void make_format_0(const char *dir)
{
    static const char events[] =
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 1801809008; PRAGMA user_version = 0;"
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
        " job INTEGER, timer INTEGER, child INTEGER, code TEXT, body TEXT);"
        "INSERT INTO event VALUES"
        " (1, 10, 'run_requested', NULL, NULL, NULL, NULL, "
        "'{\"number\":1001,\"head\":\"\",\"plan\":{}}'),"
        " (2, 20, 'job_started', 0, NULL, NULL, NULL, NULL),"
        " (3, 30, 'job_ended', 0, NULL, NULL, 'failed', '{\"exit_code\":3}'),"
        " (4, 40, 'interrupted', NULL, NULL, NULL, 'stop', NULL);";
    AUTO_FREE char *path = os_path(dir, "journal.db");
    sqlite3 *db;

    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, events, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static int64_t pragma_of(const char *dir, const char *sql)
{
    AUTO_FREE char *path = os_path(dir, "journal.db");
    sqlite3 *db;
    sqlite3_stmt *statement;

    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return value;
}

static int check_old_event(void *context, const struct event *e)
{
    int n = ++*(int *)context;

    cr_assert_eq(e->at_ms, 10 * n);
    if (n == 1)
        cr_assert_eq(e->request->number, 1001);
    if (n == 3)
        cr_assert(e->outcome->error == ERROR_FAILED && e->outcome->exit_code == 3);
    return 0;
}

static void replay_old(const char *dir, enum journal_mode mode)
{
    AUTO_FAULT f = {0};
    AUTO_ARENA plans = {0};
    struct journal *j;
    int events = 0;

    cr_assert_eq(journal_open(dir, mode, &j, &f), 0, "%s", f.message);
    cr_assert_eq(journal_replay(j, &plans, check_old_event, &events, &f), 0, "%s", f.message);
    cr_assert_eq(events, 4);
    journal_close(j);
}

Test(store, an_old_format_is_brought_up_to_date)
{
    AUTO_FOLDER dir = folder_new();

    make_format_0(dir.path);
    replay_old(dir.path, JOURNAL_READ);
    cr_assert_eq(pragma_of(dir.path, "PRAGMA user_version"), 0, "a reader changes nothing");
    replay_old(dir.path, JOURNAL_WRITE);
    cr_assert_eq(pragma_of(dir.path, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    cr_assert_neq(pragma_of(dir.path, "SELECT crc FROM event WHERE seq = 3"), 0);
    replay_old(dir.path, JOURNAL_READ);
}

Test(store, a_migrated_file_has_the_columns_of_a_new_one)
{
    static const char columns[] = "SELECT count(*) FROM pragma_table_info('event') a"
                                  " JOIN pragma_table_info('meta') b";
    AUTO_FOLDER old = folder_new();
    AUTO_FOLDER new = folder_new();

    make_format_0(old.path);
    replay_old(old.path, JOURNAL_WRITE);
    journal_fill(new.path, 1);
    cr_assert_eq(pragma_of(old.path, columns), pragma_of(new.path, columns));
}

Test(store, what_is_not_ours_is_refused)
{
    static const struct {
        const char *sql;
        enum fault_code code;
        const char *message, *hint;
    } cases[] = {
        {"PRAGMA user_version = 3", FAULT_NEWER, "was written by a newer kelp", "that version"},
        {"PRAGMA user_version = -1", FAULT_CORRUPT, "is not a journal of kelp", "--rescue"},
        {"PRAGMA application_id = 7", FAULT_CORRUPT, "is not a journal of kelp", "--rescue"},
        {"DROP TABLE event", FAULT_CORRUPT, "no such table: event", "--rescue"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (unsigned mode = JOURNAL_WRITE; mode <= JOURNAL_READ; mode++) {
            AUTO_FOLDER dir = folder_new();
            AUTO_FREE char *path = os_path(dir.path, "journal.db");
            AUTO_FAULT f = {0};
            struct store store = {0};
            struct journal *j;
            journal_fill(dir.path, 3);
            cr_assert_eq(store_open(path, STORE_WRITE, &store, &f), 0);
            cr_assert_eq(store_unseal(&store, &f), 0);
            cr_assert_eq(store_exec(&store, cases[i].sql, &f), 0, "%s", f.message);
            store_close(&store);
            cr_assert_eq(journal_open(dir.path, mode, &j, &f), -(int)cases[i].code, "case %zu", i);
            cr_assert(strstr(f.message, cases[i].message), "%s", f.message);
            cr_assert(f.hint && strstr(f.hint, cases[i].hint), "%s", f.hint);
        }
    }
}

Test(store, a_new_file_is_whole_or_absent)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *path = os_path(dir.path, "journal.db");
    AUTO_FREE char *beside = os_path(dir.path, "journal.db.new");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(beside, "left by a crash", 15, 0644, &f), 0);
    cr_assert_eq(store_create(path, &f), 0, "%s", f.message);
    cr_assert_not(os_exists(beside));
    cr_assert_eq(pragma_of(dir.path, "PRAGMA application_id"), 0x6B656C70);
    cr_assert_eq(pragma_of(dir.path, "SELECT value = '" KELP_VERSION "' FROM meta"), 1);
}
