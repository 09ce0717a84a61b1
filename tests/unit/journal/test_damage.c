/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever happens to the file: no event that was not written is ever handed out, nothing crashes,
 * and a rescue keeps every event before the damage. */
#include "folder.h"

#include "base/os.h"
#include "journal/rescue.h"
#include "journal/store.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EVENTS = 400, SAMPLES = 48 };

static void read_all(const char *path, struct text *bytes)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 64 << 20, bytes, &f), 0, "%s", f.message);
}

static void write_all(const char *path, const char *data, size_t length)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(path, data, length, 0644, &f), 0, "%s", f.message);
}

/* A run folder beside others with one file in it, `name`; a journal has its parent's seal. */
static char *run_with(const char *parent, const char *name, const char *data, size_t length)
{
    char *run = os_path(parent, "ORG_1001");
    AUTO_FREE char *file = os_path(run, name);
    AUTO_FREE char *seal =
        strcmp(name, "journal.db") == 0 ? os_path(parent, "journal.db-seal") : NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(os_remove_tree(run, &f), 0, "%s", f.message);
    cr_assert_eq(mkdir(run, 0755), 0);
    write_all(file, data, length);
    if (seal && os_exists(seal)) {
        AUTO_FREE char *copy = os_path(run, "journal.db-seal");
        AUTO_TEXT bytes = {0};
        read_all(seal, &bytes);
        write_all(copy, bytes.data, bytes.length);
    }
    return run;
}

/* Opens in both modes and replays. Returns how many events were right before the end or a fault;
 * `*ret_code` is FAULT_NONE when all went well. */
static uint32_t probe(const char *run, enum journal_mode mode, enum fault_code *ret_code)
{
    AUTO_FAULT f = {0};
    struct journal *j = NULL;
    uint32_t seen = 0;

    if (journal_open(run, mode, &j, &f) == 0)
        seen = journal_replayed(j, &f);
    journal_close(j);
    *ret_code = f.code;
    if (f.code == FAULT_CORRUPT)
        cr_assert(f.hint && strstr(f.hint, "kelp doctor --rescue ORG_1001"), "%s", f.message);
    return seen;
}

static void check_damaged(const char *run, const char *what, size_t at)
{
    AUTO_FAULT f = {0};
    struct rescue rescue = {0};
    enum fault_code reading, writing, after;

    uint32_t read = probe(run, JOURNAL_READ, &reading);
    uint32_t written = probe(run, JOURNAL_WRITE, &writing);
    uint32_t most = read > written ? read : written;
    cr_assert_eq(reading, FAULT_CORRUPT, "%s at %zu: code %d", what, at, reading);
    cr_assert_eq(writing, FAULT_CORRUPT, "%s at %zu: code %d", what, at, writing);
    cr_assert_eq(journal_rescue(run, &rescue, &f), 0, "%s at %zu: %s", what, at, f.message);
    cr_assert_geq(rescue.saved, most, "%s at %zu: %lld saved, %u readable", what, at,
                  (long long)rescue.saved, most);
    cr_assert(rescue.damaged && os_exists(rescue.damaged));
    cr_assert_eq(probe(run, JOURNAL_WRITE, &after), (uint32_t)rescue.saved);
    cr_assert_eq(after, FAULT_NONE);
    rescue_free(&rescue);
}

static void make_journal(const char *dir, struct text *bytes)
{
    AUTO_FREE char *file = os_path(dir, "journal.db");

    journal_fill(dir, EVENTS);
    read_all(file, bytes);
    cr_assert_gt(bytes->length, 20000);
}

Test(damage, truncated_anywhere, .timeout = 120)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_TEXT bytes = {0};

    make_journal(dir.path, &bytes);
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t length = bytes.length * i / SAMPLES;
        AUTO_FREE char *run = run_with(dir.path, "journal.db", bytes.data, length);
        check_damaged(run, "cut", length);
    }
}

Test(damage, a_flipped_bit_anywhere, .timeout = 120)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_TEXT bytes = {0};

    make_journal(dir.path, &bytes);
    for (size_t i = 0; i < 2 * SAMPLES; i++) {
        /* Half of the samples in the first page, where everything has a meaning. */
        size_t at = i % 2 ? 4096 * i / (2 * SAMPLES) : bytes.length * i / (2 * SAMPLES);
        bytes.data[at] ^= (char)(1 << i % 8);
        AUTO_FREE char *run = run_with(dir.path, "journal.db", bytes.data, bytes.length);
        check_damaged(run, "flip", at);
        bytes.data[at] ^= (char)(1 << i % 8);
    }
}

Test(damage, a_lost_first_page_loses_no_event)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_TEXT bytes = {0};
    AUTO_FAULT f = {0};
    struct rescue rescue = {0};
    enum fault_code code;

    make_journal(dir.path, &bytes);
    memset(bytes.data, 0, 4096);
    AUTO_FREE char *run = run_with(dir.path, "journal.db", bytes.data, bytes.length);
    cr_assert_eq(journal_rescue(run, &rescue, &f), 0, "%s", f.message);
    cr_assert_eq(rescue.saved, EVENTS);
    cr_assert_eq(rescue.lost, 0);
    cr_assert_eq(probe(run, JOURNAL_WRITE, &code), EVENTS);
    rescue_free(&rescue);
}

/* As somebody who knows what a journal is would change it: sealed as it is then. */
static void change(const char *file, const char *sql)
{
    AUTO_FAULT f = {0};
    struct store store = {0};

    cr_assert_eq(store_open(file, STORE_WRITE, &store, &f), 0, "%s", f.message);
    cr_assert_eq(store_unseal(&store, &f), 0, "%s", f.message);
    cr_assert_eq(store_exec(&store, sql, &f), 0, "%s", f.message);
    cr_assert_eq(store_settle(&store, &f), 0, "%s", f.message);
    store_close(&store);
}

Test(damage, a_changed_row_is_named_and_what_follows_is_counted)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *file = os_path(dir.path, "journal.db");
    AUTO_FAULT f = {0}, why = {0};
    struct journal *j;
    struct rescue rescue = {0};

    journal_fill(dir.path, EVENTS);
    change(file, "UPDATE event SET at_ms = at_ms + 1 WHERE seq = 100");
    cr_assert_eq(journal_open(dir.path, JOURNAL_READ, &j, &f), 0);
    cr_assert_eq(journal_replayed(j, &why), 99);
    cr_assert_eq(why.code, FAULT_CORRUPT);
    cr_assert(strstr(why.message, "event 100 of '"), "%s", why.message);
    journal_close(j);
    cr_assert_eq(journal_rescue(dir.path, &rescue, &f), 0, "%s", f.message);
    cr_assert_eq(rescue.saved, 99);
    cr_assert_eq(rescue.lost, EVENTS - 99);
    rescue_free(&rescue);
}

Test(damage, a_missing_row_is_found)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *file = os_path(dir.path, "journal.db");
    enum fault_code code;

    journal_fill(dir.path, EVENTS);
    change(file, "DELETE FROM event WHERE seq = 7");
    AUTO_FREE char *run = os_path(dir.path, "ORG_1001");
    cr_assert_eq(mkdir(run, 0755), 0);
    AUTO_FREE char *moved = os_path(run, "journal.db");
    AUTO_FREE char *seal = os_path(dir.path, "journal.db-seal");
    AUTO_FREE char *moved_seal = os_path(run, "journal.db-seal");
    cr_assert(rename(file, moved) == 0 && rename(seal, moved_seal) == 0);
    cr_assert_eq(probe(run, JOURNAL_READ, &code), 6);
    cr_assert_eq(code, FAULT_CORRUPT);
}

/* A journal of so many turns whose writer does not close it. */
static void write_and_die(const char *dir, uint32_t turns, uint32_t turn)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        AUTO_FAULT f = {0};
        struct journal *j;
        if (journal_create(dir, &j, &f) < 0)
            _exit(1);
        for (uint32_t i = 0; i < turns; i++)
            events_write(j, i * turn + 1, i * turn + turn);
        _exit(0);
    }
    cr_assert(waitpid(child, &status, 0) == child && status == 0);
}

/* The log of a writer that was killed: cut or flipped anywhere, it gives whole turns or nothing. */
Test(damage, a_torn_log_gives_whole_turns, .timeout = 120)
{
    enum { TURN = 5, TURNS = 40 };
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *file = os_path(dir.path, "journal.db");
    AUTO_FREE char *log = os_path(dir.path, "journal.db-wal");
    AUTO_TEXT main = {0}, wal = {0};
    uint32_t before = 0;

    write_and_die(dir.path, TURNS, TURN);
    read_all(file, &main);
    read_all(log, &wal);
    for (size_t i = 0; i <= SAMPLES; i++) {
        size_t at = wal.length * i / SAMPLES;
        enum fault_code code;
        AUTO_FREE char *run = run_with(dir.path, "journal.db", main.data, main.length);
        AUTO_FREE char *torn = os_path(run, "journal.db-wal");
        write_all(torn, wal.data, at);
        uint32_t seen = probe(run, JOURNAL_WRITE, &code);
        cr_assert_eq(code, at ? FAULT_NONE : FAULT_CORRUPT, "cut at %zu", at);
        cr_assert_eq(seen % TURN, 0, "cut at %zu: %u events", at, seen);
        cr_assert_geq(seen, before);
        before = seen;
    }
    cr_assert_eq(before, TURN * TURNS);
}

/* Of each frame of a log what it says of itself: damage is told, unless it is within the last turn.
 */
Test(damage, a_flipped_byte_in_front_of_any_page_of_a_log, .timeout = 120)
{
    enum { HEADER = 32, FRAME_HEADER = 24, FRAME = FRAME_HEADER + 4096, TURNS = 6, TURN = 9 };
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *file = os_path(dir.path, "journal.db");
    AUTO_FREE char *log = os_path(dir.path, "journal.db-wal");
    AUTO_TEXT main = {0}, wal = {0};

    write_and_die(dir.path, TURNS, TURN);
    read_all(file, &main);
    read_all(log, &wal);
    for (size_t at = HEADER; at < wal.length;
         at += (at - HEADER) % FRAME < FRAME_HEADER - 1 ? 1 : FRAME - FRAME_HEADER + 1) {
        enum fault_code code;
        AUTO_FREE char *run = run_with(dir.path, "journal.db", main.data, main.length);
        AUTO_FREE char *flipped = os_path(run, "journal.db-wal");
        wal.data[at] ^= 4;
        write_all(flipped, wal.data, wal.length);
        wal.data[at] ^= 4;
        uint32_t seen = probe(run, JOURNAL_WRITE, &code);
        cr_expect(code == FAULT_CORRUPT || seen >= (TURNS - 1) * TURN,
                  "byte %zu: %u events and no word", at, seen);
    }
}

Test(damage, a_whole_journal_needs_no_rescue)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    struct rescue rescue = {0};

    journal_fill(dir.path, EVENTS);
    cr_assert_eq(journal_rescue(dir.path, &rescue, &f), 0, "%s", f.message);
    cr_assert_eq(rescue.saved, EVENTS);
    cr_assert_eq(rescue.lost, 0);
    cr_assert_null(rescue.damaged);
    rescue_free(&rescue);
}

Test(damage, a_rescue_waits_for_the_engine)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0}, busy = {0};
    struct rescue rescue = {0};
    struct journal *j;

    journal_fill(dir.path, 3);
    cr_assert_eq(journal_open(dir.path, JOURNAL_WRITE, &j, &f), 0);
    cr_assert_eq(journal_rescue(dir.path, &rescue, &busy), -FAULT_BUSY);
    journal_close(j);
}

Test(damage, a_rescue_can_be_cut_and_repeated)
{
    /* What a crash leaves after each step: the file put away, with or without its log; an
     * unfinished new file. */
    static const char *const leftovers[] = {NULL, "journal.db-wal", "journal.saved.db"};
    AUTO_FOLDER dir = folder_new();
    AUTO_TEXT bytes = {0};

    make_journal(dir.path, &bytes);
    bytes.data[bytes.length / 2] ^= 1;
    for (size_t i = 0; i < COUNT_OF(leftovers); i++) {
        AUTO_FAULT f = {0}, why = {0};
        struct rescue rescue = {0};
        struct journal *j;
        enum fault_code code;
        AUTO_FREE char *run = run_with(dir.path, "journal.damaged-1.db", bytes.data, bytes.length);
        if (leftovers[i]) {
            AUTO_FREE char *left = os_path(run, leftovers[i]);
            write_all(left, "torn", 4);
        }
        cr_assert_eq(journal_open(run, JOURNAL_READ, &j, &why), -FAULT_CORRUPT);
        cr_assert(strstr(why.message, "did not come to its end"), "%s", why.message);
        cr_assert_eq(journal_rescue(run, &rescue, &f), 0, "%s", f.message);
        cr_assert(text_ends(rescue.damaged, "/journal.damaged-1.db"));
        cr_assert_gt(rescue.saved, 0);
        cr_assert_eq(probe(run, JOURNAL_WRITE, &code), (uint32_t)rescue.saved);
        rescue_free(&rescue);
    }
}
