/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/journal.h"

#include "base/os.h"
#include "journal/codec.h"
#include "journal/lock.h"
#include "journal/log_check.h"
#include "journal/rescue.h"
#include "journal/seal.h"
#include "journal/store.h"

#include <string.h>

enum statement { INSERT_EVENT, SELECT_EVENTS, BEGIN, COMMIT, SET_META, GET_META, STATEMENT_COUNT };

struct journal {
    struct store store;
    int lock;                                  /* descriptor; -1 for a reader */
    bool in_turn;                              /* a transaction is open */
    bool stopped;                              /* a write failed: nothing more is accepted */
    int64_t count;                             /* events, those of the open transaction included */
    uint32_t sum;                              /* the checksum of the last of them */
    int64_t given;                             /* the last event that was handed out */
    uint32_t given_sum;                        /* and its checksum */
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared when first needed */
};

/* NULL with a fault when it can't be prepared. */
static sqlite3_stmt *statement(struct journal *j, enum statement which, struct fault *f)
{
    static const char *const sql[STATEMENT_COUNT] = {
        [INSERT_EVENT] = store_insert_event,
        [SELECT_EVENTS] = store_select_events,
        [BEGIN] = "BEGIN IMMEDIATE",
        [COMMIT] = "COMMIT",
        [SET_META] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
        [GET_META] = "SELECT value FROM meta WHERE key = ?1",
    };

    if (!j->statements[which] && store_prepare(&j->store, sql[which], &j->statements[which], f) < 0)
        return NULL;
    return j->statements[which];
}

static void release(sqlite3_stmt *s)
{
    (void)sqlite3_reset(s); /* repeats what the step said */
    (void)sqlite3_clear_bindings(s);
}

/* A log that somebody is writing can't be judged. A reader asks for that before and after; who
 * wrote and ended between the two has sealed the journal. */
static int check_left_log(const struct journal *j, const char *run_dir, const char *path,
                          struct fault *f)
{
    AUTO_FAULT why = {0}, ignored = {0};
    bool reads = j->lock < 0;
    pid_t pid;

    if ((reads && run_lock_held(run_dir, &pid)) || seal_check(path, &ignored) != 0)
        return 0; /* a seal that is wrong is told of when the file is opened */
    int r = log_check(path, &why);
    if (r == 0 || (reads && (run_lock_held(run_dir, &pid) || seal_check(path, &ignored) > 0)))
        return 0;
    return fault_move(f, &why);
}

static int open_store(struct journal *j, const char *run_dir, enum store_mode mode, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "journal.db");

    if (rescue_is_unfinished(run_dir)) {
        (void)fault_set(f, FAULT_CORRUPT, "the rescue of '%s' did not come to its end", path);
        return store_corrupt_hint(path, f);
    }
    int64_t sum = 0;
    int r = check_left_log(j, run_dir, path, f);
    if (r == 0)
        r = store_open(path, mode, &j->store, f);
    if (r == 0)
        r = store_number(&j->store, "SELECT seq FROM event ORDER BY seq DESC LIMIT 1", &j->count,
                         f);
    if (r == 0)
        r = store_number(&j->store, "SELECT crc FROM event ORDER BY seq DESC LIMIT 1", &sum, f);
    j->sum = (uint32_t)sum;
    return r;
}

static const enum store_mode store_modes[] = {
    [JOURNAL_WRITE] = STORE_WRITE, [JOURNAL_READ] = STORE_READ, [JOURNAL_CHECK] = STORE_CHECK};

/* `lock` is handed over; -1 for a reader. */
static int open_locked(const char *run_dir, int lock, enum journal_mode mode, struct journal **ret,
                       struct fault *f)
{
    struct journal *j = MEM_NEW(struct journal);

    j->lock = lock;
    int r = open_store(j, run_dir, store_modes[mode], f);
    if (r < 0) {
        journal_close(j);
        return r;
    }
    *ret = j;
    return 0;
}

int journal_open(const char *run_dir, enum journal_mode mode, struct journal **ret, struct fault *f)
{
    int lock = -1;
    int r = mode == JOURNAL_WRITE ? run_lock_take(run_dir, &lock, f) : 0;

    return r < 0 ? r : open_locked(run_dir, lock, mode, ret, f);
}

int journal_create(const char *run_dir, struct journal **ret, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "journal.db");
    AUTO_CLOSE lock = -1;

    int r = run_lock_take(run_dir, &lock, f);
    if (r == 0)
        r = store_create(path, f);
    if (r < 0)
        return r;
    r = open_locked(run_dir, lock, JOURNAL_WRITE, ret, f);
    lock = -1;
    return r;
}

static void drop_turn(struct journal *j)
{
    if (j->in_turn)
        (void)sqlite3_exec(j->store.db, "ROLLBACK", NULL, NULL, NULL); /* closing does it too */
    j->in_turn = false;
}

/* A file that was removed or replaced still takes what is written to it, and nobody finds it. */
static bool is_in_place(struct journal *j)
{
    int moved = 0;
    int result = sqlite3_file_control(j->store.db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);

    return result != SQLITE_OK || !moved;
}

/* Where that fails, the log has it all as well. */
static void settle(struct journal *j)
{
    AUTO_FAULT ignored = {0};

    drop_turn(j);
    if (j->store.writes && !j->store.sealed && !j->stopped && is_in_place(j))
        (void)!store_settle(&j->store, &ignored);
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(j->statements[i]); /* repeats what the last step said */
    settle(j);
    store_close(&j->store);
    os_close_pointer(&j->lock);
    free(j);
}

/* The turn's events are gone: acting on what comes later would be acting on a gap. */
static int stop(struct journal *j, const char *what, struct fault *f)
{
    int r = store_fault(&j->store, what, f);

    j->stopped = true;
    drop_turn(j);
    return r;
}

static int step(struct journal *j, sqlite3_stmt *s, struct fault *f)
{
    int r = sqlite3_step(s) == SQLITE_DONE ? 0 : stop(j, "cannot write", f);

    release(s);
    return r;
}

static int begin_turn(struct journal *j, struct fault *f)
{
    if (j->stopped || j->lock < 0)
        return fault_set(f, FAULT_REFUSED, "'%s' accepts no events%s", j->store.path,
                         j->stopped ? " after a write that failed" : ": it is open for reading");
    if (j->in_turn)
        return 0;
    sqlite3_stmt *begin = statement(j, BEGIN, f);
    if (!begin)
        return -(int)f->code;
    int r = step(j, begin, f);
    j->in_turn = r == 0;
    return r;
}

static void bind_number(sqlite3_stmt *s, int column, int64_t value)
{
    if (value >= 0)
        (void)sqlite3_bind_int64(s, column + 1, value); /* a bind of a number can't fail */
}

static void bind_text(sqlite3_stmt *s, int column, const char *text, size_t length)
{
    if (text)
        (void)sqlite3_bind_text64(s, column + 1, text, length, SQLITE_STATIC, SQLITE_UTF8);
}

static int insert(struct journal *j, const struct event_row *row, struct fault *f)
{
    sqlite3_stmt *s = statement(j, INSERT_EVENT, f);

    if (!s)
        return -(int)f->code;
    (void)sqlite3_bind_int64(s, COLUMN_SEQ + 1, row->seq);
    (void)sqlite3_bind_int64(s, COLUMN_AT_MS + 1, row->at_ms);
    bind_text(s, COLUMN_KIND, row->kind, strlen(row->kind));
    bind_number(s, COLUMN_JOB, row->job);
    bind_number(s, COLUMN_TIMER, row->timer);
    bind_number(s, COLUMN_CHILD, row->child);
    bind_text(s, COLUMN_CODE, row->code, row->code ? strlen(row->code) : 0);
    bind_text(s, COLUMN_BODY, row->body, row->body_length);
    (void)sqlite3_bind_int64(s, COLUMN_CRC + 1, event_row_checksum(j->sum, row));
    return step(j, s, f);
}

int journal_append(struct journal *j, const struct event *e, struct fault *f)
{
    AUTO_FREE char *body = NULL;
    struct event_row row;

    int r = begin_turn(j, f);
    if (r < 0)
        return r;
    event_encode(e, &row, &body);
    row.seq = j->count + 1;
    r = insert(j, &row, f);
    if (r == 0) {
        j->sum = event_row_checksum(j->sum, &row);
        j->count++;
    }
    return r;
}

static int say_moved(struct journal *j, struct fault *f)
{
    j->stopped = true;
    drop_turn(j);
    int r = fault_set(f, FAULT_ENVIRONMENT, "'%s' was removed or replaced while the run worked",
                      j->store.path);
    fault_hint(f, "put its folder back where it was, then go on with 'kelp resume'");
    return r;
}

int journal_commit(struct journal *j, struct fault *f)
{
    if (!j->in_turn)
        return 0;
    if (!is_in_place(j))
        return say_moved(j, f);
    sqlite3_stmt *commit = statement(j, COMMIT, f);
    int r = commit ? step(j, commit, f) : -(int)f->code;
    if (r < 0)
        return r;
    j->in_turn = false;
    r = store_unseal(&j->store, f);
    j->stopped = r < 0;
    return r;
}

int64_t journal_count(const struct journal *j)
{
    return j->count;
}

static int damaged(struct journal *j, const char *why, struct fault *f)
{
    (void)fault_set(f, FAULT_CORRUPT, "event %lld of '%s' is damaged: %s", (long long)j->given + 1,
                    j->store.path, why);
    return store_corrupt_hint(j->store.path, f);
}

static int read_row(struct journal *j, sqlite3_stmt *select, const struct decode_memory *memory,
                    struct event *ret, struct fault *f)
{
    struct event_row row;
    uint32_t checksum;

    store_row(select, &row, &checksum);
    if (row.seq != j->given + 1)
        return damaged(j, "it is missing", f);
    if (event_row_checksum(j->given_sum, &row) != checksum)
        return damaged(j, "its checksum is wrong", f);
    int r = event_decode(&row, memory, ret, f);
    if (r < 0)
        return fault_wrap(f, "event %lld of '%s'", (long long)row.seq, j->store.path);
    j->given_sum = checksum;
    return 0;
}

/* Who gets the events. */
struct listener {
    struct arena *plans;
    journal_each *each;
    void *context;
};

static int give_row(struct journal *j, sqlite3_stmt *select, const struct listener *to,
                    struct fault *f)
{
    AUTO_ARENA scratch = {0};
    const struct decode_memory memory = {.event = &scratch, .plan = to->plans};
    struct event e;

    int r = read_row(j, select, &memory, &e, f);
    if (r < 0)
        return r;
    j->given++;
    return to->each(to->context, &e);
}

int journal_follow(struct journal *j, struct arena *plans, journal_each *each, void *context,
                   struct fault *f)
{
    const struct listener listener = {plans, each, context};
    sqlite3_stmt *select = statement(j, SELECT_EVENTS, f);
    int r = 0, result = SQLITE_ROW;

    if (!select)
        return -(int)f->code;
    (void)sqlite3_bind_int64(select, 1, j->given); /* a bind of a number can't fail */
    while (r == 0 && (result = sqlite3_step(select)) == SQLITE_ROW)
        r = give_row(j, select, &listener, f);
    if (r == 0 && result != SQLITE_DONE)
        r = store_fault(&j->store, "cannot read", f);
    release(select);
    if (j->count < j->given)
        j->count = j->given;
    return r;
}

int journal_replay(struct journal *j, struct arena *plans, journal_each *each, void *context,
                   struct fault *f)
{
    j->given = 0;
    j->given_sum = 0;
    return journal_follow(j, plans, each, context, f);
}

int journal_set_status(struct journal *j, const char *status, struct fault *f)
{
    int r = begin_turn(j, f);
    sqlite3_stmt *s = r < 0 ? NULL : statement(j, SET_META, f);

    if (!s)
        return -(int)f->code;
    bind_text(s, 0, "status", strlen("status"));
    bind_text(s, 1, status, strlen(status));
    return step(j, s, f);
}

int journal_status(struct journal *j, char **ret, struct fault *f)
{
    sqlite3_stmt *s = statement(j, GET_META, f);
    int r = 0;

    if (!s)
        return -(int)f->code;
    bind_text(s, 0, "status", strlen("status"));
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW)
        *ret = mem_string((const char *)sqlite3_column_text(s, 0));
    else if (result == SQLITE_DONE)
        *ret = mem_string("");
    else
        r = store_fault(&j->store, "cannot read", f);
    release(s);
    return r;
}
