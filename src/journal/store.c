/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/store.h"

#include "base/os.h"
#include "journal/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 10000 };

const char store_insert_event[] =
    "INSERT INTO event (seq, at_ms, kind, job, timer, child, code, body, crc)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const char store_select_events[] =
    "SELECT seq, at_ms, kind, job, timer, child, code, body, crc FROM event"
    " WHERE seq > ?1 ORDER BY seq";

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " job INTEGER, timer INTEGER, child INTEGER, code TEXT, body TEXT,"
    " crc INTEGER NOT NULL DEFAULT 0);"
    "INSERT INTO meta VALUES ('created_by', '" KELP_VERSION "');";

/* The folder that the journal lies in is named after its run. */
int store_corrupt_hint(const char *path, struct fault *f)
{
    const char *end = strrchr(path, '/'), *start = end;

    while (start && start > path && start[-1] != '/')
        start--;
    if (start && end > start)
        fault_hint(f, "save what can be read of it with 'kelp doctor --rescue %.*s'",
                   (int)(end - start), start);
    return -(int)f->code;
}

/* SQLite's answers that are about the system around it. As kelp's own SQL is always the same, any
 * other failure means that the file is not what it should be. */
static const struct {
    int result, sys_errno;
    const char *hint;
} system_results[] = {
    {SQLITE_FULL, ENOSPC, "free some space, then go on with 'kelp resume'"},
    {SQLITE_READONLY, EROFS, "make the folder writable, then go on with 'kelp resume'"},
    {SQLITE_CANTOPEN, ENOENT, NULL},
    {SQLITE_IOERR, EIO, NULL},
    {SQLITE_PERM, EACCES, NULL},
    {SQLITE_NOMEM, ENOMEM, NULL},
    {SQLITE_TOOBIG, EFBIG, NULL},
};

int store_fault(const struct store *s, const char *what, struct fault *f)
{
    int result = sqlite3_errcode(s->db) & 0xFF, sys_errno = sqlite3_system_errno(s->db);

    if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
        return fault_set(f, FAULT_BUSY, "%s '%s': another program has locked it", what, s->path);
    if (result == SQLITE_CONSTRAINT)
        return fault_set(f, FAULT_BUSY, "%s '%s': another engine has written to it", what, s->path);
    for (size_t i = 0; i < COUNT_OF(system_results); i++) {
        if (system_results[i].result != result)
            continue;
        int r = fault_system(f, sys_errno ? sys_errno : system_results[i].sys_errno, "%s '%s'",
                             what, s->path);
        if (system_results[i].hint)
            fault_hint(f, "%s", system_results[i].hint);
        return r;
    }
    (void)fault_set(f, FAULT_CORRUPT, "%s '%s': %s", what, s->path, sqlite3_errmsg(s->db));
    return store_corrupt_hint(s->path, f);
}

int store_exec(struct store *s, const char *sql, struct fault *f)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_fault(s, "cannot change", f);
    return 0;
}

int store_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct fault *f)
{
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) != SQLITE_OK)
        return store_fault(s, "cannot read", f);
    return 0;
}

int store_number(struct store *s, const char *sql, int64_t *ret, struct fault *f)
{
    sqlite3_stmt *statement;
    int r = store_prepare(s, sql, &statement, f);

    if (r < 0)
        return r;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    else if (step != SQLITE_DONE)
        r = store_fault(s, "cannot read", f);
    (void)sqlite3_finalize(statement); /* repeats what the step said */
    return r;
}

static int64_t value_number(sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_NULL ? -1 : sqlite3_value_int64(value);
}

static void values_row(sqlite3_value **values, struct event_row *ret)
{
    *ret = (struct event_row){
        .seq = sqlite3_value_int64(values[COLUMN_SEQ]),
        .at_ms = sqlite3_value_int64(values[COLUMN_AT_MS]),
        .kind = (const char *)sqlite3_value_text(values[COLUMN_KIND]),
        .job = value_number(values[COLUMN_JOB]),
        .timer = value_number(values[COLUMN_TIMER]),
        .child = value_number(values[COLUMN_CHILD]),
        .code = (const char *)sqlite3_value_text(values[COLUMN_CODE]),
        .body = (const char *)sqlite3_value_text(values[COLUMN_BODY]),
        .body_length = (size_t)sqlite3_value_bytes(values[COLUMN_BODY]),
    };
    ret->kind = ret->kind ? ret->kind : "";
}

/* The checksum of a row alone, as format 1 had it. */
static void sql_checksum(sqlite3_context *context, int count UNUSED, sqlite3_value **values)
{
    struct event_row row;

    values_row(values, &row);
    sqlite3_result_int64(context, event_row_checksum(0, &row));
}

/* The chained checksum of a row, called for each in their order; the last argument is what the row
 * has. Where that is wrong so is the new one: damage does not heal by being copied. */
static void sql_chain(sqlite3_context *context, int count UNUSED, sqlite3_value **values)
{
    uint32_t *before = sqlite3_user_data(context);
    struct event_row row;

    values_row(values, &row);
    bool whole = event_row_checksum(0, &row) == (uint32_t)sqlite3_value_int64(values[COLUMN_CRC]);
    *before = event_row_checksum(*before, &row);
    sqlite3_result_int64(context, whole ? *before : (uint32_t) ~*before);
}

static int64_t column_number(sqlite3_stmt *select, int column)
{
    if (sqlite3_column_type(select, column) == SQLITE_NULL)
        return -1;
    return sqlite3_column_int64(select, column);
}

void store_row(sqlite3_stmt *select, struct event_row *ret, uint32_t *ret_checksum)
{
    const char *kind = (const char *)sqlite3_column_text(select, COLUMN_KIND);

    *ret = (struct event_row){
        .seq = sqlite3_column_int64(select, COLUMN_SEQ),
        .at_ms = sqlite3_column_int64(select, COLUMN_AT_MS),
        .kind = kind ? kind : "",
        .job = column_number(select, COLUMN_JOB),
        .timer = column_number(select, COLUMN_TIMER),
        .child = column_number(select, COLUMN_CHILD),
        .code = (const char *)sqlite3_column_text(select, COLUMN_CODE),
        .body = (const char *)sqlite3_column_text(select, COLUMN_BODY),
        .body_length = (size_t)sqlite3_column_bytes(select, COLUMN_BODY),
    };
    *ret_checksum = (uint32_t)sqlite3_column_int64(select, COLUMN_CRC);
}

static int add_functions(sqlite3 *db)
{
    int result = sqlite3_create_function_v2(db, "event_checksum", COLUMN_CRC,
                                            SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_checksum,
                                            NULL, NULL, NULL);

    if (result == SQLITE_OK)
        result = sqlite3_create_function_v2(db, "event_chain", COLUMN_CRC + 1, SQLITE_UTF8,
                                            MEM_NEW(uint32_t), sql_chain, NULL, NULL, free);
    return result;
}

int store_open_file(const char *path, int flags, struct store *ret, struct fault *f)
{
    int result;

    ret->path = mem_string(path);
    result =
        sqlite3_open_v2(path, &ret->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (result == SQLITE_OK)
        result = add_functions(ret->db);
    if (result != SQLITE_OK)
        return store_fault(ret, "cannot open", f);
    (void)sqlite3_busy_timeout(ret->db, BUSY_TIMEOUT_MS);
    (void)sqlite3_db_config(ret->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(ret->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return 0;
}

static int build(struct store *s, struct fault *f)
{
    AUTO_FREE char *sql =
        text_format("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; %s PRAGMA application_id = %d;"
                    "PRAGMA user_version = %d; COMMIT",
                    schema, STORE_APPLICATION_ID, STORE_SCHEMA_VERSION);

    return store_exec(s, sql, f);
}

int store_sync_folder(const char *path, struct fault *f)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *dir = slash ? mem_string_n(path, (size_t)(slash - path + 1)) : mem_string(".");
    AUTO_CLOSE fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return fault_system(f, errno, "cannot sync '%s'", dir);
    return 0;
}

int store_remove(const char *path, struct fault *f)
{
    static const char *const suffixes[] = {"-seal", "", "-wal", "-shm"};

    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        AUTO_FREE char *file = text_format("%s%s", path, suffixes[i]);
        if (unlink(file) < 0 && errno != ENOENT)
            return fault_system(f, errno, "cannot remove '%s'", file);
    }
    return 0;
}

int store_copy_file(const char *from, const char *to, struct fault *f)
{
    AUTO_TEXT bytes = {0};

    if (!os_exists(from))
        return 0;
    int r = os_read_file(from, SIZE_MAX / 4, &bytes, f);
    return r < 0 ? r : os_write_file(to, text_get(&bytes), bytes.length, 0600, f);
}

/* All of it has to be in the file, as its log is not renamed with it. */
static int build_at(const char *path, struct fault *f)
{
    struct store s = {.writes = true};
    int r = store_open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s, f);

    if (r == 0)
        r = build(&s, f);
    if (r == 0)
        r = store_settle(&s, f);
    if (r == 0 && !s.sealed)
        r = fault_set(f, FAULT_BUSY, "cannot make '%s': another program reads it", path);
    store_close(&s);
    return r;
}

/* The seal goes first: a journal without one lacks a log. */
static int rename_built(const char *beside, const char *path, struct fault *f)
{
    AUTO_FREE char *old_seal = seal_path(beside);
    AUTO_FREE char *seal = seal_path(path);

    if (rename(old_seal, seal) < 0)
        return fault_system(f, errno, "cannot rename '%s'", old_seal);
    if (rename(beside, path) < 0)
        return fault_system(f, errno, "cannot rename '%s'", beside);
    return store_sync_folder(path, f);
}

int store_create(const char *path, struct fault *f)
{
    AUTO_FREE char *beside = text_format("%s.new", path);
    AUTO_FAULT ignored = {0};

    if (os_exists(path))
        return fault_set(f, FAULT_REFUSED, "there is a journal at '%s' already", path);
    int r = store_remove(beside, f);
    if (r == 0)
        r = build_at(beside, f);
    if (r == 0)
        r = rename_built(beside, path, f);
    if (r < 0)
        (void)!store_remove(beside, &ignored); /* the fault already says what went wrong */
    return r;
}

/* A log that is not in the sealed file yet is all there is of its events. */
void store_close(struct store *s)
{
    if (s->db && s->writes && !s->sealed)
        (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close_v2(s->db); /* finalized statements or not, it is gone */
    free(s->path);
    *s = (struct store){0};
}
