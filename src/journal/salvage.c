/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/salvage.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a copy is made of. */
struct source {
    bool file, log;
    bool grafted; /* the first page, or all of a file that is left out, is that of a new journal */
};

static const struct source sources[] = {
    {.file = true, .log = true},
    {.file = true},
    {.file = true, .log = true, .grafted = true},
    {.file = true, .grafted = true},
    {.log = true, .grafted = true},
};

/* A damaged journal while it is looked at. */
struct wreck {
    const char *damaged; /* the file, which is left as it is */
    const char *healthy; /* a new, empty journal */
    const char *copy;    /* what SQLite works on */
};

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

static int make_copy(const struct wreck *w, const struct source *source, struct fault *f)
{
    AUTO_FREE char *log = text_format("%s-wal", w->damaged);
    AUTO_FREE char *log_copy = text_format("%s-wal", w->copy);

    int r = store_remove(w->copy, f);
    if (r == 0)
        r = store_copy_file(source->file ? w->damaged : w->healthy, w->copy, f);
    if (r == 0 && source->log)
        r = store_copy_file(log, log_copy, f);
    if (r == 0 && source->file && source->grafted)
        r = graft_first_page(w->healthy, w->copy, f);
    return r;
}

/* Whoever wrote the rows: with format 2 the checksums are a chain, before it they were not. Row 1
 * is the same in both, row 2 tells. */
struct chain {
    int64_t seq;
    uint32_t sum;
    bool single;
};

static bool fits(struct chain *chain, const struct event_row *row, uint32_t checksum)
{
    uint32_t chained = event_row_checksum(chain->sum, row);
    bool alone = event_row_checksum(0, row) == checksum;

    if (row->seq != chain->seq + 1)
        return false;
    if (row->seq == 2)
        chain->single = alone;
    if (chain->single ? !alone : chained != checksum)
        return false;
    chain->seq++;
    chain->sum = chained;
    return true;
}

/* Rows on their way. */
struct taking {
    struct store *from, *to; /* `to` is NULL: they are only counted */
    sqlite3_stmt *select, *insert;
};

/* What may not be NULL is taken as it was read: a flipped bit makes NULL of a zero, which sums up
 * to the same. */
static int insert_row(const struct taking *t, const struct event_row *row, uint32_t sum,
                      struct fault *f)
{
    sqlite3_stmt *insert = t->insert;

    for (int i = COLUMN_SEQ; i < COLUMN_CRC; i++)
        (void)sqlite3_bind_value(insert, i + 1, sqlite3_column_value(t->select, i));
    (void)sqlite3_bind_int64(insert, COLUMN_AT_MS + 1, row->at_ms);
    (void)sqlite3_bind_text(insert, COLUMN_KIND + 1, row->kind, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(insert, COLUMN_CRC + 1, sum);
    int result = sqlite3_step(insert);
    (void)sqlite3_reset(insert); /* repeats what the step said */
    return result == SQLITE_DONE ? 0 : store_fault(t->to, "cannot write", f);
}

/* What SQLite said last of a copy: 0 when that may be the damage, else a fault. */
static int unless_damaged(const struct store *from, struct fault *f)
{
    static const int troubles[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_NOMEM, SQLITE_CANTOPEN,
                                   SQLITE_PERM,  SQLITE_BUSY, SQLITE_LOCKED};
    int said = sqlite3_errcode(from->db);

    for (size_t i = 0; said != SQLITE_IOERR_SHORT_READ && i < COUNT_OF(troubles); i++)
        if ((said & 0xFF) == troubles[i])
            return store_fault(from, "cannot read", f);
    return 0;
}

/* Goes through the rows as long as they are whole. Damage ends that without a word; the machine's
 * own trouble is none of the copy's, and is told. */
static int take_rows(const struct taking *t, int64_t *ret, struct fault *f)
{
    struct chain chain = {0};
    int r = 0, step = SQLITE_ROW;

    while (r == 0 && (step = sqlite3_step(t->select)) == SQLITE_ROW) {
        struct event_row row;
        uint32_t checksum;
        store_row(t->select, &row, &checksum);
        if (!fits(&chain, &row, checksum))
            break;
        if (t->to)
            r = insert_row(t, &row, chain.sum, f);
    }
    *ret = chain.seq;
    return step == SQLITE_ROW || step == SQLITE_DONE ? r : unless_damaged(t->from, f);
}

static void find_last(struct store *from, int64_t *last)
{
    AUTO_FAULT ignored = {0};
    int64_t found = -1;

    if (store_number(from, "SELECT seq FROM event ORDER BY seq DESC LIMIT 1", &found, &ignored) ==
            0 &&
        found > *last)
        *last = found;
}

/* The rows of the copy; into `to`, if that is given. A copy that can't be read has none. */
static int take(const struct wreck *w, struct store *to, struct salvage *ret, struct fault *f)
{
    AUTO_FAULT unreadable = {0};
    struct store from = {0};
    struct taking t = {.from = &from, .to = to};

    ret->saved = 0;
    int opened = store_open_file(w->copy, SQLITE_OPEN_READWRITE, &from, &unreadable);
    if (opened == 0)
        opened = store_prepare(&from, store_select_events, &t.select, &unreadable);
    int r = opened < 0 ? unless_damaged(&from, f) : 0;
    if (opened == 0) {
        (void)sqlite3_bind_int64(t.select, 1, 0); /* a bind of a number can't fail */
        if (to)
            r = store_prepare(to, store_insert_event, &t.insert, f);
        if (r == 0)
            r = take_rows(&t, &ret->saved, f);
        find_last(&from, &ret->last);
    }
    (void)sqlite3_finalize(t.select); /* both repeat what the last step said */
    (void)sqlite3_finalize(t.insert);
    store_close(&from);
    return r;
}

static int find_best(const struct wreck *w, const struct source **ret_best, struct salvage *ret,
                     struct fault *f)
{
    struct salvage found = {.last = -1};
    int64_t most = 0;
    int r = 0;

    *ret_best = NULL;
    for (size_t i = 0; r == 0 && i < COUNT_OF(sources); i++) {
        r = make_copy(w, &sources[i], f);
        if (r == 0)
            r = take(w, NULL, &found, f);
        if (r == 0 && found.saved > most) {
            most = found.saved;
            *ret_best = &sources[i];
        }
    }
    *ret = (struct salvage){.saved = most, .last = found.last};
    return r;
}

/* What was found a moment ago is found again, or nothing is kept of it. */
static int copy_best(const struct wreck *w, const struct source *best, int64_t found,
                     struct store *to, struct fault *f)
{
    struct salvage again = {.last = -1};

    int r = make_copy(w, best, f);
    if (r == 0)
        r = store_exec(to, "BEGIN IMMEDIATE", f);
    if (r == 0)
        r = take(w, to, &again, f);
    if (r == 0 && again.saved != found)
        r = fault_set(f, FAULT_SYSTEM, "cannot copy the events of '%s': %lld of %lld could be read",
                      w->damaged, (long long)again.saved, (long long)found);
    return r < 0 ? r : store_exec(to, "COMMIT", f);
}

int salvage_events(const char *damaged, struct store *to, struct salvage *ret, struct fault *f)
{
    AUTO_FREE char *copy = text_format("%s.copy", damaged);
    const struct wreck wreck = {.damaged = damaged, .healthy = to->path, .copy = copy};
    const struct source *best;
    AUTO_FAULT ignored = {0};

    int r = find_best(&wreck, &best, ret, f);
    if (r == 0 && best)
        r = copy_best(&wreck, best, ret->saved, to, f);
    (void)!store_remove(copy, &ignored); /* whether copies stay matters to nobody */
    return r;
}
