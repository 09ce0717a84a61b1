/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/rescue.h"

#include "base/os.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "journal/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path that journal.damaged-N.db has for the highest N there is, or NULL. `*ret_next` is the
 * path for the next N. Both are the caller's. */
static char *newest_damaged(const char *run_dir, char **ret_next)
{
    char *newest = NULL;

    for (unsigned n = 1;; n++) {
        char *path = text_format("%s/journal.damaged-%u.db", run_dir, n);
        if (!os_exists(path)) {
            *ret_next = path;
            return newest;
        }
        free(newest);
        newest = path;
    }
}

bool rescue_is_unfinished(const char *run_dir)
{
    AUTO_FREE char *journal = os_path(run_dir, "journal.db");
    AUTO_FREE char *next = NULL;
    AUTO_FREE char *newest = newest_damaged(run_dir, &next);

    return newest && !os_exists(journal);
}

static int move(const char *from, const char *to, struct fault *f)
{
    if (rename(from, to) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot rename '%s' to '%s'", from, to);
    return 0;
}

/* The file goes before its write-ahead log, so that no log is ever found beside the wrong file:
 * a crash between the two leaves no journal, and the next rescue goes on from there. */
static int set_aside(const char *run_dir, char **ret_damaged, struct fault *f)
{
    AUTO_FREE char *journal = os_path(run_dir, "journal.db");
    AUTO_FREE char *log = os_path(run_dir, "journal.db-wal");
    AUTO_FREE char *index = os_path(run_dir, "journal.db-shm");
    char *next = NULL;
    char *damaged = newest_damaged(run_dir, &next);
    int r = 0;

    if (os_exists(journal)) {
        r = move(journal, next, f);
        free(damaged);
        damaged = next;
        next = NULL;
    }
    free(next);
    AUTO_FREE char *damaged_log = text_format("%s-wal", damaged);
    if (r == 0)
        r = move(log, damaged_log, f);
    if (r == 0 && unlink(index) < 0 && errno != ENOENT)
        r = fault_system(f, errno, "cannot remove '%s'", index);
    *ret_damaged = damaged;
    return r;
}

static void bind_raw(sqlite3_stmt *insert, sqlite3_stmt *select)
{
    for (int i = COLUMN_SEQ; i <= COLUMN_CRC; i++)
        (void)sqlite3_bind_value(insert, i + 1, sqlite3_column_value(select, i));
}

/* Copies rows as long as they are whole; what ends that is of no further interest. */
static int copy_rows(sqlite3_stmt *select, sqlite3_stmt *insert, struct store *to,
                     struct rescue *ret, struct fault *f)
{
    while (sqlite3_step(select) == SQLITE_ROW) {
        struct event_row row;
        uint32_t checksum;
        store_row(select, &row, &checksum);
        if (row.seq != ret->saved + 1 || event_row_checksum(&row) != checksum)
            return 0;
        bind_raw(insert, select);
        int result = sqlite3_step(insert);
        (void)sqlite3_reset(insert); /* repeats what the step said */
        if (result != SQLITE_DONE)
            return store_fault(to, "cannot write", f);
        ret->saved++;
    }
    return 0;
}

static void count_lost(struct store *from, struct rescue *ret)
{
    AUTO_FAULT ignored = {0};
    int64_t last = -1;

    if (store_number(from, "SELECT seq FROM event ORDER BY seq DESC LIMIT 1", &last, &ignored) ==
            0 &&
        last >= ret->saved)
        ret->lost = last - ret->saved;
}

static int salvage(struct store *from, struct store *to, struct rescue *ret, struct fault *f)
{
    sqlite3_stmt *select = NULL, *insert = NULL;
    AUTO_FAULT unreadable = {0};

    if (store_prepare(from, store_select_events, &select, &unreadable) < 0)
        return 0;
    (void)sqlite3_bind_int64(select, 1, 0); /* a bind of a number can't fail */
    int r = store_prepare(to, store_insert_event, &insert, f);
    if (r == 0)
        r = store_exec(to, "BEGIN IMMEDIATE", f);
    if (r == 0)
        r = copy_rows(select, insert, to, ret, f);
    if (r == 0)
        r = store_exec(to, "COMMIT", f);
    (void)sqlite3_finalize(select); /* both repeat what the last step said */
    (void)sqlite3_finalize(insert);
    count_lost(from, ret);
    return r;
}

static int copy_file(const char *from, const char *to, struct fault *f)
{
    AUTO_TEXT bytes = {0};
    int r = os_exists(from) ? os_read_file(from, SIZE_MAX / 4, &bytes, f) : 0;

    return r < 0 ? r : os_write_file(to, text_get(&bytes), bytes.length, 0600, f);
}

/*
 * Page 1 holds SQLite's header and the schema and is the same in all journals, but for the size of
 * the file (at byte 28) and the list of free pages (at 32), which is not needed for reading. So a
 * journal that lost its first page gets that of a new one.
 */
static int graft_first_page(const char *healthy, const char *path, struct fault *f)
{
    enum { PAGE = 4096, SIZE_AT = 28, FREE_AT = 32 };
    unsigned char page[PAGE];
    AUTO_CLOSE from = open(healthy, O_RDONLY | O_CLOEXEC);
    AUTO_CLOSE to = open(path, O_WRONLY | O_CLOEXEC);
    struct stat st;

    if (from < 0 || pread(from, page, PAGE, 0) != PAGE)
        return fault_system(f, errno, "cannot read '%s'", healthy);
    if (to < 0 || fstat(to, &st) < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    for (unsigned i = 0; i < 4; i++)
        page[SIZE_AT + i] = (unsigned char)((uint64_t)st.st_size / PAGE >> (24 - 8 * i));
    memset(page + FREE_AT, 0, 8);
    if (pwrite(to, page, PAGE, 0) != PAGE)
        return fault_system(f, errno, "cannot write '%s'", path);
    return 0;
}

static int salvage_at(const char *path, struct store *to, struct rescue *ret, struct fault *f)
{
    AUTO_FAULT unreadable = {0};
    struct store from = {0};

    if (store_open(path, false, &from, &unreadable) < 0)
        return 0;
    int r = salvage(&from, to, ret, f);
    store_close(&from);
    return r;
}

static int salvage_grafted(const char *damaged, struct store *to, struct rescue *ret,
                           struct fault *f)
{
    AUTO_FREE char *graft = text_format("%s.graft", damaged);
    AUTO_FREE char *log = text_format("%s-wal", damaged);
    AUTO_FREE char *graft_log = text_format("%s-wal", graft);

    int r = copy_file(damaged, graft, f);
    if (r == 0)
        r = copy_file(log, graft_log, f);
    if (r == 0)
        r = graft_first_page(to->path, graft, f);
    if (r == 0)
        r = salvage_at(graft, to, ret, f);
    AUTO_FAULT ignored = {0};
    (void)!store_remove(graft, &ignored); /* a copy: whether it stays matters to nobody */
    return r;
}

static int rebuild(const char *damaged, const char *saved, struct rescue *ret, struct fault *f)
{
    struct store to = {0};

    int r = store_remove(saved, f);
    if (r == 0)
        r = store_create(saved, f);
    if (r == 0)
        r = store_open(saved, true, &to, f);
    if (r != 0)
        return r;
    r = salvage_at(damaged, &to, ret, f);
    if (r == 0 && ret->saved == 0)
        r = salvage_grafted(damaged, &to, ret, f);
    store_close(&to);
    return r;
}

static int skip(void *context UNUSED, const struct event *e UNUSED)
{
    return 0;
}

/* 1: it is whole, and `ret` says so; 0: it is damaged. A newer journal is not for us to judge. */
static int inspect(const char *run_dir, struct rescue *ret, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "journal.db");
    AUTO_ARENA plans = {0};
    AUTO_FAULT why = {0};
    struct journal *j = NULL;
    struct store s = {0};

    if (rescue_is_unfinished(run_dir))
        return 0;
    int r = store_open(path, true, &s, &why);
    store_close(&s);
    if (r == 0)
        r = journal_open(run_dir, JOURNAL_READ, &j, &why);
    if (r == 0)
        r = journal_replay(j, &plans, skip, NULL, &why);
    if (r == 0)
        *ret = (struct rescue){.saved = journal_count(j)};
    journal_close(j);
    if (r == 0)
        return 1;
    return r == -FAULT_CORRUPT ? 0 : fault_move(f, &why);
}

static int replace(const char *run_dir, struct rescue *ret, struct fault *f)
{
    AUTO_FREE char *journal = os_path(run_dir, "journal.db");
    AUTO_FREE char *saved = os_path(run_dir, "journal.saved.db");

    ret->lost = -1;
    int r = set_aside(run_dir, &ret->damaged, f);
    if (r == 0)
        r = rebuild(ret->damaged, saved, ret, f);
    return r < 0 ? r : move(saved, journal, f);
}

int journal_rescue(const char *run_dir, struct rescue *ret, struct fault *f)
{
    struct rescue found = {0};
    AUTO_CLOSE lock = -1;

    int r = run_lock_take(run_dir, &lock, f);
    if (r == 0)
        r = inspect(run_dir, &found, f);
    if (r == 0)
        r = replace(run_dir, &found, f);
    if (r < 0) {
        rescue_free(&found);
        return r;
    }
    *ret = found;
    return 0;
}

void rescue_free(struct rescue *rescue)
{
    free(rescue->damaged);
    *rescue = (struct rescue){0};
}
