/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/store.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x6B656C70 /* "kelp" */, BUSY_TIMEOUT_MS = 10000 };

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

/* migrations[k] leads from version k to k + 1. Version 0 had no checksums. */
static const char *const migrations[] = {
    "ALTER TABLE event ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;"
    "UPDATE event SET crc = event_checksum(seq, at_ms, kind, job, timer, child, code, body);",
};
_Static_assert(COUNT_OF(migrations) == STORE_SCHEMA_VERSION, "a migration for each version");

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

static void sql_checksum(sqlite3_context *context, int count UNUSED, sqlite3_value **values)
{
    struct event_row row = {
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

    row.kind = row.kind ? row.kind : "";
    sqlite3_result_int64(context, event_row_checksum(&row));
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

static int open_file(const char *path, int flags, struct store *ret, struct fault *f)
{
    enum { CHECKSUM_ARGUMENTS = COLUMN_CRC };
    int result;

    ret->path = mem_string(path);
    result =
        sqlite3_open_v2(path, &ret->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_create_function_v2(ret->db, "event_checksum", CHECKSUM_ARGUMENTS,
                                            SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_checksum,
                                            NULL, NULL, NULL);
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
                    schema, APPLICATION_ID, STORE_SCHEMA_VERSION);

    return store_exec(s, sql, f);
}

static int sync_folder(const char *path, struct fault *f)
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
    static const char *const suffixes[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        AUTO_FREE char *file = text_format("%s%s", path, suffixes[i]);
        if (unlink(file) < 0 && errno != ENOENT)
            return fault_system(f, errno, "cannot remove '%s'", file);
    }
    return 0;
}

static int build_at(const char *path, struct fault *f)
{
    struct store s = {0};
    int r = open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s, f);

    if (r == 0)
        r = build(&s, f);
    store_close(&s);
    return r;
}

int store_create(const char *path, struct fault *f)
{
    AUTO_FREE char *beside = text_format("%s.new", path);

    if (os_exists(path))
        return fault_set(f, FAULT_REFUSED, "there is a journal at '%s' already", path);
    int r = store_remove(beside, f);
    if (r == 0)
        r = build_at(beside, f);
    if (r == 0 && rename(beside, path) < 0)
        r = fault_system(f, errno, "cannot rename '%s'", beside);
    if (r < 0) {
        (void)unlink(beside); /* the fault already says what went wrong */
        return r;
    }
    return sync_folder(path, f);
}

/* Returns the version of the schema. */
static int check_owner(struct store *s, struct fault *f)
{
    int64_t application = 0, version = 0;
    int r = store_number(s, "PRAGMA application_id", &application, f);

    if (r < 0)
        return r;
    r = store_number(s, "PRAGMA user_version", &version, f);
    if (r < 0)
        return r;
    if (application != APPLICATION_ID || version < 0) {
        (void)fault_set(f, FAULT_CORRUPT, "'%s' is not a journal of kelp", s->path);
        return store_corrupt_hint(s->path, f);
    }
    if (version <= STORE_SCHEMA_VERSION)
        return (int)version;
    r = fault_set(f, FAULT_NEWER, "'%s' was written by a newer kelp (format %lld, known: %d)",
                  s->path, (long long)version, STORE_SCHEMA_VERSION);
    fault_hint(f, "use that version of kelp for this run, or install it");
    return r;
}

static int check_pages(struct store *s, struct fault *f)
{
    sqlite3_stmt *statement;
    int r = store_prepare(s, "PRAGMA quick_check(1)", &statement, f);

    if (r < 0)
        return r;
    int step = sqlite3_step(statement);
    const char *answer =
        step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (step != SQLITE_ROW) {
        r = store_fault(s, "cannot check", f);
    } else if (!answer || strcmp(answer, "ok") != 0) {
        (void)fault_set(f, FAULT_CORRUPT, "'%s' is damaged: %s", s->path, answer ? answer : "?");
        r = store_corrupt_hint(s->path, f);
    }
    (void)sqlite3_finalize(statement); /* repeats what the step said */
    return r;
}

static int migrate(struct store *s, int version, struct fault *f)
{
    for (; version < STORE_SCHEMA_VERSION; version++) {
        AUTO_FREE char *sql = text_format("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT",
                                          migrations[version], version + 1);
        int r = store_exec(s, sql, f);
        if (r < 0)
            return fault_wrap(f, "bring the journal from format %d to %d", version, version + 1);
    }
    return 0;
}

/* A reader changes nothing on disk, so an old file is brought up to date in memory. */
static int migrate_copy(struct store *s, int version, struct fault *f)
{
    struct store copy = {0};
    int r = open_file(":memory:", SQLITE_OPEN_READWRITE, &copy, f);

    if (r == 0) {
        sqlite3_backup *backup = sqlite3_backup_init(copy.db, "main", s->db, "main");
        if (backup) {
            (void)sqlite3_backup_step(backup, -1); /* finish repeats its result */
            (void)sqlite3_backup_finish(backup);
        }
        if (sqlite3_errcode(copy.db) != SQLITE_OK)
            r = store_fault(&copy, "cannot copy", f);
    }
    if (r == 0)
        r = migrate(&copy, version, f);
    if (r == 0) {
        struct store old = *s;
        *s = copy;
        copy = old;
    }
    store_close(&copy);
    return r;
}

static bool left_open(const char *path)
{
    AUTO_FREE char *wal = text_format("%s-wal", path);
    struct stat st;

    return stat(wal, &st) == 0 && st.st_size > 0;
}

static int open_for_writing(const char *path, struct store *ret, struct fault *f)
{
    bool check = left_open(path);
    int r = open_file(path, SQLITE_OPEN_READWRITE, ret, f);

    if (r < 0)
        return r;
    r = check_owner(ret, f);
    if (r < 0)
        return r;
    int version = r;
    r = check ? check_pages(ret, f) : 0;
    if (r == 0)
        r = store_exec(ret, "PRAGMA synchronous = FULL", f);
    return r < 0 ? r : migrate(ret, version, f);
}

/* Of a folder that can't be written, SQLite reads a file only when it is told that nobody else
 * writes it either; nobody can, and a journal whose WAL is empty is all in the file. */
static int open_immutable(const char *path, struct store *ret, struct fault *f)
{
    AUTO_TEXT uri = {0};

    text_add(&uri, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p))
            text_printf(&uri, "%%%02X", (unsigned char)*p);
        else
            text_add_char(&uri, *p);
    }
    text_add(&uri, "?immutable=1");
    return open_file(uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, ret, f);
}

static bool needs_immutable(const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *dir = slash ? mem_string_n(path, (size_t)(slash - path + 1)) : mem_string(".");
    AUTO_FREE char *index = text_format("%s-shm", path);

    return faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) < 0 && !os_exists(index) && !left_open(path);
}

static int open_for_reading(const char *path, struct store *ret, struct fault *f)
{
    int r = needs_immutable(path) ? open_immutable(path, ret, f)
                                  : open_file(path, SQLITE_OPEN_READONLY, ret, f);

    if (r < 0)
        return r;
    (void)sqlite3_db_config(ret->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    r = check_owner(ret, f);
    return r < 0 || r == STORE_SCHEMA_VERSION ? r : migrate_copy(ret, r, f);
}

int store_open(const char *path, bool writes, struct store *ret, struct fault *f)
{
    struct store s = {0};
    int r;

    if (!os_exists(path))
        return fault_set(f, FAULT_NOT_FOUND, "there is no journal at '%s'", path);
    r = writes ? open_for_writing(path, &s, f) : open_for_reading(path, &s, f);
    if (r < 0) {
        store_close(&s);
        return r;
    }
    *ret = s;
    return 0;
}

void store_close(struct store *s)
{
    (void)sqlite3_close_v2(s->db); /* finalized statements or not, it is gone */
    free(s->path);
    *s = (struct store){0};
}
