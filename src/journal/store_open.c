/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to open a journal's file, and what has to be right about it in each. */
#include "journal/store.h"

#include "base/os.h"
#include "journal/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From format 2 on the checksums are a chain, and a journal at rest is sealed. */
enum { FIRST_SEALED_VERSION = 2, CHECKPOINT_PAGES = 1000 };

/* A log that a reader made grow does not stay as long as that. */
static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216";

/* migrations[k] leads from version k to k + 1. Version 0 had no checksums, version 1 had those of
 * single rows. An update goes through the rows in their order. */
static const char *const migrations[] = {
    "ALTER TABLE event ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;"
    "UPDATE event SET crc = event_checksum(seq, at_ms, kind, job, timer, child, code, body);",
    "UPDATE event SET crc = event_chain(seq, at_ms, kind, job, timer, child, code, body, crc);",
};
_Static_assert(COUNT_OF(migrations) == STORE_SCHEMA_VERSION, "a migration for each version");

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
    if (application != STORE_APPLICATION_ID || version < 0) {
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

int store_check_pages(struct store *s, struct fault *f)
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
    int r = store_open_file(":memory:", SQLITE_OPEN_READWRITE, &copy, f);

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

static char *log_path(const char *path)
{
    return text_format("%s-wal", path);
}

static bool has_log(const char *path)
{
    AUTO_FREE char *log = log_path(path);
    struct stat st;

    return stat(log, &st) == 0 && st.st_size > 0;
}

/* A log beside a sealed file has nothing to add to it, and SQLite would read it into the file. It
 * is kept, as nobody knows whose it is; its index goes with it. */
static int set_log_aside(const char *path, struct fault *f)
{
    AUTO_FREE char *log = log_path(path);
    AUTO_FREE char *index = text_format("%s-shm", path);
    AUTO_FREE char *aside = NULL;

    for (unsigned n = 1; !aside || os_exists(aside); n++) {
        free(aside);
        aside = text_format("%s.stray-%u", log, n);
    }
    if (rename(log, aside) < 0)
        return fault_system(f, errno, "cannot rename '%s'", log);
    if (unlink(index) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot remove '%s'", index);
    return store_sync_folder(path, f);
}

/* What is neither sealed nor has a log is of an old format, or has lost its log. The seal is asked
 * for again last, as a writer that closes makes it before the log goes. */
static int check_log(const struct store *s, int version, struct fault *f)
{
    if (version < FIRST_SEALED_VERSION || has_log(s->path))
        return 0;
    int r = seal_check(s->path, f);
    if (r != 0 || has_log(s->path))
        return r < 0 ? r : 0;
    (void)fault_set(f, FAULT_CORRUPT,
                    "'%s-wal' is missing or empty: what was written last is not in '%s'", s->path,
                    s->path);
    return store_corrupt_hint(s->path, f);
}

int store_settle(struct store *s, struct fault *f)
{
    int64_t events = 0;
    int log = 0, moved = 0;
    int result = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &moved);

    if (result == SQLITE_BUSY || (result == SQLITE_OK && log != moved))
        return 0; /* a reader is in the way: the log stays, and with it everything */
    if (result != SQLITE_OK)
        return store_fault(s, "cannot write", f);
    int r = store_number(s, "SELECT seq FROM event ORDER BY seq DESC LIMIT 1", &events, f);
    if (r == 0)
        r = seal_write(s->path, events, f);
    if (r < 0)
        return r;
    s->sealed = true;
    (void)sqlite3_wal_autocheckpoint(s->db, 0); /* no page may reach the file from here on */
    return 0;
}

int store_unseal(struct store *s, struct fault *f)
{
    if (!s->sealed)
        return 0;
    /* Also if that fails: what was committed is in the log alone, and closing has to leave it. */
    s->sealed = false;
    int r = seal_remove(s->path, f);
    if (r < 0)
        return r;
    (void)sqlite3_wal_autocheckpoint(s->db, CHECKPOINT_PAGES); /* it can't fail */
    return 0;
}

static int bring_up_to_date(struct store *s, int version, struct fault *f)
{
    int r = migrate(s, version, f);

    /* Up to here the log did not count. */
    if (r == 0 && version < STORE_SCHEMA_VERSION)
        r = store_unseal(s, f);
    if (r == 0 && !s->sealed)
        r = store_settle(s, f);
    return r;
}

static int open_for_writing(const char *path, struct store *ret, struct fault *f)
{
    int sealed = seal_check(path, f);
    int r = sealed;

    if (sealed > 0 && has_log(path))
        r = set_log_aside(path, f);
    bool left_open = has_log(path);
    if (r >= 0)
        r = store_open_file(path, SQLITE_OPEN_READWRITE, ret, f);
    if (r < 0)
        return r;
    ret->writes = true;
    ret->sealed = sealed > 0;
    if (ret->sealed) /* no page may reach the file before the seal goes */
        (void)sqlite3_wal_autocheckpoint(ret->db, 0);
    int version = check_owner(ret, f);
    if (version < 0)
        return version;
    r = sealed ? 0 : check_log(ret, version, f);
    if (r == 0 && left_open)
        r = store_check_pages(ret, f);
    if (r == 0)
        r = store_exec(ret, settings, f);
    return r < 0 ? r : bring_up_to_date(ret, version, f);
}

/* Takes the file as all there is, and leaves nothing beside it. */
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
    int r = store_open_file(uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, ret, f);
    free(ret->path);
    ret->path = mem_string(path);
    return r;
}

static int copy_with_log(const char *path, const char *copy, struct fault *f)
{
    AUTO_FREE char *log = log_path(path);
    AUTO_FREE char *log_copy = log_path(copy);
    int r = store_copy_file(path, copy, f);

    return r < 0 ? r : store_copy_file(log, log_copy, f);
}

/* A log is read with an index beside it. Where none can be made the journal is read from a copy,
 * whose names are gone as soon as it is open. */
static int open_copy(const char *path, struct store *ret, struct fault *f)
{
    const char *parent = getenv("TMPDIR");
    AUTO_FREE char *dir = text_format("%s/kelp-journal-XXXXXX", parent ? parent : "/tmp");
    AUTO_FAULT ignored = {0};
    int64_t version;

    if (!mkdtemp(dir))
        return fault_system(f, errno, "cannot make a folder to read '%s' in", path);
    AUTO_FREE char *copy = os_path(dir, "journal.db");
    int r = copy_with_log(path, copy, f);
    if (r == 0)
        r = store_open_file(copy, SQLITE_OPEN_READWRITE, ret, f);
    free(ret->path);
    ret->path = mem_string(path);
    if (r == 0)
        r = store_number(ret, "PRAGMA user_version", &version, f); /* opens all its files */
    (void)!os_remove_tree(dir, &ignored); /* a copy that stays harms nobody */
    return r;
}

static bool is_out_of_reach(const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *dir = slash ? mem_string_n(path, (size_t)(slash - path + 1)) : mem_string(".");
    AUTO_FREE char *index = text_format("%s-shm", path);

    return faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) < 0 && !os_exists(index);
}

/* `alone`: the file is all there is. Of a folder that can't be written, SQLite reads a file only
 * when it is told that nobody else writes it either; and nobody can. */
static int open_to_read(const char *path, bool alone, struct store *ret, struct fault *f)
{
    bool out_of_reach = is_out_of_reach(path);

    if (alone || (out_of_reach && !has_log(path)))
        return open_immutable(path, ret, f);
    if (out_of_reach)
        return open_copy(path, ret, f);
    return store_open_file(path, SQLITE_OPEN_READONLY, ret, f);
}

static int open_for_reading(const char *path, enum store_mode mode, struct store *ret,
                            struct fault *f)
{
    int sealed = seal_check(path, f);

    if (sealed < 0)
        return sealed;
    int r = open_to_read(path, sealed && (mode == STORE_CHECK || has_log(path)), ret, f);
    if (r < 0)
        return r;
    (void)sqlite3_db_config(ret->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int version = check_owner(ret, f);
    if (version < 0)
        return version;
    r = sealed ? 0 : check_log(ret, version, f);
    if (r == 0 && mode == STORE_CHECK)
        r = store_check_pages(ret, f);
    return r < 0 || version == STORE_SCHEMA_VERSION ? r : migrate_copy(ret, version, f);
}

static int say_missing(const char *path, struct fault *f)
{
    if (seal_events(path) <= 0 && !has_log(path))
        return fault_set(f, FAULT_NOT_FOUND, "there is no journal at '%s'", path);
    (void)fault_set(f, FAULT_CORRUPT, "'%s' is missing, but not what belongs to it", path);
    return store_corrupt_hint(path, f);
}

int store_open(const char *path, enum store_mode mode, struct store *ret, struct fault *f)
{
    struct store s = {0};
    int r;

    if (!os_exists(path))
        return say_missing(path, f);
    if (mode == STORE_WRITE)
        r = open_for_writing(path, &s, f);
    else
        r = open_for_reading(path, mode, &s, f);
    if (r < 0) {
        store_close(&s);
        return r;
    }
    *ret = s;
    return 0;
}
