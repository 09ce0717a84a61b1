/* SPDX-License-Identifier: Apache-2.0 */
#include "cuts.h"

#include "base/os.h"
#include "journal/rescue.h"
#include "script.h"
#include "sim/disk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the damages that are seen each 61st is rescued; of these the first, and each 31st after it, on
 * disks that fail at every operation. */
enum { TURNS = 24, RESCUE_EACH = 61, CUT_EACH = 31, FILE_MAX = 64 << 20 };

static const char *const files[] = {"journal.db", "journal.db-seal", "journal.db-wal"};
static const char *const put_away[] = {"journal.damaged-1.db", "journal.damaged-1.db-seal",
                                       "journal.damaged-1.db-wal"};

/* A journal, and a second folder for its copies. */
struct bench {
    struct script script;
    struct progress progress;
    const char *parent;
    char *dir, *copy; /* owned */
    struct figures *figures;
    const char *file; /* that has the byte that is flipped */
    off_t at;
};

static void must(bool fine, const char *what)
{
    if (!fine)
        bug("cannot %s", what);
}

static void fresh(const char *dir)
{
    AUTO_FAULT f = {0};

    must(os_remove_tree(dir, &f) == 0 && mkdir(dir, 0755) == 0, "make a folder");
}

/* In a process of its own, as an engine that does not close its journal ends with its process. */
static void make_journal(struct bench *b)
{
    int status = 0;

    fresh(b->dir);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct progress progress;
        script_run(&b->script, b->dir, &progress);
        _exit(progress.committed != progress.offered);
    }
    must(child > 0 && waitpid(child, &status, 0) == child && status == 0, "make a journal");
    struct found found;
    script_read(&b->script, b->dir, true, &found);
    must(!found.damaged && !found.other && !found.wrong, "read the journal");
    b->progress = (struct progress){true, found.events, found.events};
}

static void read_file(const char *dir, const char *name, struct text *to)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_FAULT f = {0};

    if (os_exists(path))
        must(os_read_file(path, FILE_MAX, to, &f) == 0, "read a file");
}

static void copy_run(const struct bench *b)
{
    fresh(b->copy);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_TEXT bytes = {0};
        AUTO_FREE char *to = os_path(b->copy, files[i]);
        AUTO_FAULT f = {0};
        read_file(b->dir, files[i], &bytes);
        if (bytes.length)
            must(os_write_file(to, bytes.data, bytes.length, 0644, &f) == 0, "copy a file");
    }
}

static bool same_file(const char *a_dir, const char *a, const char *b_dir, const char *b)
{
    AUTO_TEXT x = {0}, y = {0};

    read_file(a_dir, a, &x);
    read_file(b_dir, b, &y);
    return x.length == y.length && (!x.length || memcmp(x.data, y.data, x.length) == 0);
}

/* What was damaged is kept as it was, and what was saved is whole and stays as it is. */
static bool is_rescued(const struct bench *b, const struct rescue *rescue, int64_t least,
                       const char **why)
{
    struct found found;
    struct rescue again = {0};
    AUTO_TEXT before = {0}, after = {0};
    AUTO_FAULT f = {0};

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        *why = put_away[i];
        if (!same_file(b->dir, files[i], b->copy, put_away[i]))
            return false;
    }
    read_file(b->copy, "journal.db", &before);
    script_read(&b->script, b->copy, true, &found);
    *why = "the new journal";
    if (found.wrong || found.damaged || found.other || found.events != rescue->saved ||
        found.events < least)
        return false;
    *why = "the second rescue";
    if (journal_rescue(b->copy, &again, &f) < 0 || again.damaged || again.saved != rescue->saved)
        return false;
    read_file(b->copy, "journal.db", &after);
    return before.length == after.length && memcmp(before.data, after.data, before.length) == 0;
}

/* On a disk that fails at one of its operations, or on one that doesn't (operation 0). Of a failure
 * to remove a log that is of no use any more nobody is told: then the rescue goes on to rename
 * files, which no program does on a machine that lost its power. That is no case. */
static bool rescue_with_cut(const struct bench *b, uint64_t operation, enum disk_strike strike,
                            int64_t least, int64_t *saved, uint64_t *operations)
{
    struct disk *d = disk_new(operation);
    struct rescue rescue = {0};
    AUTO_FAULT cut = {0}, f = {0};
    const char *why = "another count of events";

    copy_run(b);
    disk_plan(d, operation, strike);
    int r = journal_rescue(b->copy, &rescue, &cut);
    *operations = disk_operations(d);
    bool no_case = r == 0 && disk_struck(d) == DISK_POWER;
    disk_restore(d);
    if (r < 0)
        r = journal_rescue(b->copy, &rescue, &f);
    bool fine = no_case || (r == 0 && rescue.damaged && (*saved < 0 || *saved == rescue.saved) &&
                            is_rescued(b, &rescue, least, &why));
    if (!fine)
        printf("not ok: a rescue, byte %lld of %s, strike %d at %" PRIu64
               ": %s; %lld events, not %lld\n",
               (long long)b->at, b->file, (int)strike, operation, f.message ? f.message : why,
               (long long)rescue.saved, (long long)*saved);
    *saved = rescue.saved;
    rescue_free(&rescue);
    disk_free(d);
    return fine;
}

static void rescue_everywhere(const struct bench *b, int64_t least, bool cuts)
{
    uint64_t operations, ignored;
    int64_t saved = -1;

    b->figures->rescues++;
    b->figures->rescues_failed += !rescue_with_cut(b, 0, DISK_SOUND, least, &saved, &operations);
    for (uint64_t i = 1; cuts && i <= operations; i++) {
        b->figures->rescues++;
        b->figures->rescues_failed +=
            !rescue_with_cut(b, i, i % 3 ? DISK_POWER : DISK_KILL, least, &saved, &ignored);
    }
}

static void flip(int fd, off_t at, unsigned char bit)
{
    unsigned char byte;

    must(pread(fd, &byte, 1, at) == 1, "read a byte");
    byte ^= bit;
    must(pwrite(fd, &byte, 1, at) == 1, "write a byte");
}

/* The last turn of a log can't be told from one that was never committed. */
static bool is_lost_end(const struct bench *b, const char *file, const struct found *found)
{
    return strcmp(file, "journal.db-wal") == 0 &&
           script_turns_after(&b->script, found->events) == 1;
}

static void judge(const struct bench *b)
{
    const char *file = b->file;
    off_t at = b->at;
    struct figures *f = b->figures;
    struct found found;

    script_read(&b->script, b->dir, b->script.killed, &found);
    f->flips++;
    if (found.wrong || found.events > b->progress.committed) {
        f->flips_failed++;
        printf("not ok: byte %lld of %s: wrong events\n", (long long)at, file);
    } else if (found.damaged || found.other) {
        f->flips_seen++;
        if (f->flips_seen % RESCUE_EACH == 0 && found.damaged)
            rescue_everywhere(b, found.events, f->flips_seen / RESCUE_EACH % CUT_EACH == 1);
    } else if (found.events == b->progress.committed) {
        f->flips_harmless++;
    } else if (is_lost_end(b, file, &found)) {
        f->flips_cut++;
    } else {
        f->flips_failed++;
        printf("not ok: byte %lld of %s: %lld of %lld events, and no word\n", (long long)at, file,
               (long long)found.events, (long long)b->progress.committed);
    }
}

static void flip_file(struct bench *b, const char *file, uint32_t step)
{
    AUTO_FREE char *path = os_path(b->dir, file);
    AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    must(fstat(fd, &st) == 0, "ask for a size");
    for (off_t at = 0; at < st.st_size; at += step) {
        unsigned char bit = (unsigned char)(1U << (at / step % 8));
        b->file = file;
        b->at = at;
        flip(fd, at, bit);
        judge(b);
        flip(fd, at, bit);
    }
}

void flip_everywhere(const char *parent, uint32_t step, struct figures *figures)
{
    for (int killed = 0; killed < 2; killed++) {
        AUTO_FREE char *dir = os_path(parent, "ORG_1001");
        AUTO_FREE char *copy = os_path(parent, "ORG_1002");
        struct bench b = {.script = {.seed = 7, .turns = TURNS, .killed = killed},
                          .parent = parent,
                          .dir = dir,
                          .copy = copy,
                          .figures = figures};
        make_journal(&b);
        for (size_t i = 0; i < COUNT_OF(files); i++)
            flip_file(&b, files[i], step);
    }
}
