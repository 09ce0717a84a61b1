/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"
#include "journal/lock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct journal *must_open(const char *dir, enum journal_mode mode)
{
    AUTO_FAULT f = {0};
    struct journal *j;

    cr_assert_eq(journal_open(dir, mode, &j, &f), 0, "%s", f.message);
    return j;
}

static uint32_t events_in(const char *dir)
{
    AUTO_FAULT f = {0};
    struct journal *j = must_open(dir, JOURNAL_READ);
    uint32_t seen = journal_replayed(j, &f);

    cr_assert_eq(f.code, FAULT_NONE, "%s", f.message);
    journal_close(j);
    return seen;
}

Test(journal, keeps_events_in_order)
{
    AUTO_FOLDER dir = folder_new();

    journal_fill(dir.path, 500);
    struct journal *j = must_open(dir.path, JOURNAL_WRITE);
    cr_assert_eq(journal_count(j), 500);
    events_write(j, 501, 700);
    cr_assert_eq(journal_count(j), 700);
    journal_close(j);
    cr_assert_eq(events_in(dir.path), 700);
}

Test(journal, drops_what_was_not_committed)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    const struct event e = {.kind = EVENT_RESUMED};

    journal_fill(dir.path, 20);
    struct journal *j = must_open(dir.path, JOURNAL_WRITE);
    cr_assert_eq(journal_append(j, &e, &f), 0);
    cr_assert_eq(journal_count(j), 21);
    journal_close(j);
    cr_assert_eq(events_in(dir.path), 20);
}

static int stop_at_third(void *calls, const struct event *e UNUSED)
{
    return ++*(int *)calls == 3 ? 77 : 0;
}

Test(journal, replay_ends_when_told)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_ARENA plans = {0};
    AUTO_FAULT f = {0};

    journal_fill(dir.path, 5);
    struct journal *j = must_open(dir.path, JOURNAL_READ);
    int calls = 0;
    cr_assert_eq(journal_replay(j, &plans, stop_at_third, &calls, &f), 77);
    cr_assert_eq(calls, 3);
    struct expected rest = {.seen = 3};
    cr_assert_eq(journal_follow(j, &plans, expect_event, &rest, &f), 0);
    cr_assert(rest.seen == 5 && !rest.wrong, "follow goes on where replay stopped");
    journal_close(j);
}

Test(journal, a_reader_follows_a_live_writer)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_ARENA plans = {0};
    AUTO_FAULT f = {0};
    struct expected expected = {0};
    struct journal *writer;

    cr_assert_eq(journal_create(dir.path, &writer, &f), 0, "%s", f.message);
    struct journal *reader = must_open(dir.path, JOURNAL_READ);
    for (uint32_t n = 0; n < 50; n++) {
        events_write(writer, n * 10 + 1, n * 10 + 10);
        cr_assert_eq(journal_follow(reader, &plans, expect_event, &expected, &f), 0);
        cr_assert_eq(expected.seen, n * 10 + 10);
        cr_assert_not(expected.wrong);
    }
    const struct event e = {.kind = EVENT_RESUMED};
    cr_assert_eq(journal_append(writer, &e, &f), 0);
    cr_assert_eq(journal_follow(reader, &plans, expect_event, &expected, &f), 0);
    cr_assert_eq(expected.seen, 500, "an event is seen before it is committed");
    journal_close(reader);
    journal_close(writer);
}

static off_t wal_bytes(const char *dir)
{
    AUTO_FREE char *path = os_path(dir, "journal.db-wal");
    struct stat st;

    return stat(path, &st) == 0 ? st.st_size : -1;
}

Test(journal, a_reader_never_checkpoints)
{
    AUTO_FOLDER dir = folder_new();
    int status;

    pid_t child = fork();
    if (child == 0) {
        AUTO_FAULT f = {0};
        struct journal *j;
        if (journal_create(dir.path, &j, &f) < 0)
            _exit(1);
        events_write(j, 1, 30);
        _exit(0); /* as if killed: nothing is closed */
    }
    cr_assert(waitpid(child, &status, 0) == child && status == 0);
    off_t before = wal_bytes(dir.path);
    cr_assert_gt(before, 0);
    cr_assert_eq(events_in(dir.path), 30);
    cr_assert_eq(wal_bytes(dir.path), before);
    journal_close(must_open(dir.path, JOURNAL_WRITE));
    cr_assert_eq(wal_bytes(dir.path), -1, "a writer that closes leaves one file");
    cr_assert_eq(events_in(dir.path), 30);
}

Test(journal, a_reader_does_not_write)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    const struct event e = {.kind = EVENT_RESUMED};

    journal_fill(dir.path, 3);
    struct journal *j = must_open(dir.path, JOURNAL_READ);
    cr_assert_eq(journal_append(j, &e, &f), -FAULT_REFUSED);
    journal_close(j);
}

Test(journal, a_second_writer_is_refused_with_the_pid)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    struct journal *first, *second;
    pid_t holder;
    int status;

    cr_assert_eq(journal_create(dir.path, &first, &f), 0, "%s", f.message);
    pid_t child = fork();
    if (child == 0) {
        AUTO_FREE char *wanted = text_format("held by process %ld", (long)getppid());
        int r = journal_open(dir.path, JOURNAL_WRITE, &second, &f);
        bool held = run_lock_held(dir.path, &holder) && holder == getppid();
        _exit(r == -FAULT_BUSY && strstr(f.message, wanted) && held ? 0 : 1);
    }
    cr_assert(waitpid(child, &status, 0) == child && status == 0);
    cr_assert_eq(journal_open(dir.path, JOURNAL_WRITE, &second, &f), -FAULT_BUSY,
                 "in the same process too");
    journal_close(first);
    cr_assert_not(run_lock_held(dir.path, &holder));
    journal_close(must_open(dir.path, JOURNAL_WRITE));
}

/* Commits `committed` events, appends some more, tells through `ready` and waits to be killed. */
static _Noreturn void write_and_hang(const char *dir, uint32_t committed, int ready)
{
    AUTO_FAULT f = {0};
    AUTO_ARENA arena = {0};
    struct journal *j;

    if (journal_create(dir, &j, &f) < 0)
        _exit(1);
    events_write(j, 1, committed);
    for (uint32_t n = committed + 1; n < committed + 3000; n++) {
        struct event e;
        event_make(n, &arena, &e);
        if (journal_append(j, &e, &f) < 0)
            _exit(1);
    }
    if (write(ready, "r", 1) != 1)
        _exit(1);
    for (;;)
        (void)pause();
}

Test(journal, a_killed_writer_leaves_whole_turns)
{
    AUTO_FOLDER dir = folder_new();
    int ends[2];
    char c;
    pid_t holder;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0)
        write_and_hang(dir.path, 40, ends[1]);
    cr_assert_eq(read(ends[0], &c, 1), 1);
    cr_assert(run_lock_held(dir.path, &holder) && holder == child);
    cr_assert_eq(events_in(dir.path), 40, "while it lives");
    cr_assert_eq(kill(child, SIGKILL), 0);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert_not(run_lock_held(dir.path, &holder));
    struct journal *j = must_open(dir.path, JOURNAL_WRITE);
    cr_assert_eq(journal_count(j), 40);
    events_write(j, 41, 60);
    journal_close(j);
    cr_assert_eq(events_in(dir.path), 60);
}

Test(journal, readers_beside_a_writer_see_whole_turns)
{
    enum { READERS = 3, TURNS = 60, TURN = 7 };
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    struct journal *writer;
    pid_t readers[READERS];
    int status;

    cr_assert_eq(journal_create(dir.path, &writer, &f), 0, "%s", f.message);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = fork();
        if (readers[i] != 0)
            continue;
        uint32_t seen = 0;
        while (seen < TURNS * TURN) {
            uint32_t now = events_in(dir.path);
            if (now < seen || now % TURN)
                _exit(1);
            seen = now;
        }
        _exit(0);
    }
    for (uint32_t turn = 0; turn < TURNS; turn++)
        events_write(writer, turn * TURN + 1, turn * TURN + TURN);
    for (size_t i = 0; i < READERS; i++)
        cr_assert(waitpid(readers[i], &status, 0) == readers[i] && status == 0);
    journal_close(writer);
}

Test(journal, status_is_part_of_the_turn)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    static const char *const words[] = {"done", "", "partial"};

    journal_fill(dir.path, 1);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        AUTO_FREE char *before = NULL, *after = NULL;
        struct journal *j = must_open(dir.path, JOURNAL_WRITE);
        cr_assert_eq(journal_set_status(j, "dropped", &f), 0);
        journal_close(j);
        j = must_open(dir.path, JOURNAL_WRITE);
        cr_assert_eq(journal_status(j, &before, &f), 0);
        cr_assert_str_eq(before, i ? words[i - 1] : "");
        cr_assert_eq(journal_set_status(j, words[i], &f), 0);
        cr_assert_eq(journal_commit(j, &f), 0);
        journal_close(j);
        j = must_open(dir.path, JOURNAL_READ);
        cr_assert_eq(journal_status(j, &after, &f), 0);
        cr_assert_str_eq(after, words[i]);
        journal_close(j);
    }
}

Test(journal, is_created_once)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0}, missing = {0}, nowhere = {0};
    AUTO_FREE char *none = os_path(dir.path, "none");
    struct journal *j;

    cr_assert_eq(journal_open(dir.path, JOURNAL_READ, &j, &missing), -FAULT_NOT_FOUND);
    journal_fill(dir.path, 2);
    cr_assert_eq(journal_create(dir.path, &j, &f), -FAULT_REFUSED);
    cr_assert_eq(events_in(dir.path), 2);
    cr_assert_eq(journal_create(none, &j, &nowhere), -FAULT_SYSTEM);
}

/* Appends in turns of ten until a call fails. Returns how many events the journal must have. */
static uint32_t write_until_failure(struct journal *j, uint32_t n, struct fault *f)
{
    int r = 0;

    while (r == 0 && n < 100000) {
        AUTO_ARENA arena = {0};
        struct event e;
        event_make(++n, &arena, &e);
        r = journal_append(j, &e, f);
        if (r == 0 && n % 10 == 0)
            r = journal_commit(j, f);
    }
    cr_assert_eq(r, -FAULT_SYSTEM, "%s", f->message);
    return (n - 1) / 10 * 10;
}

static void must_be_stopped(struct journal *j)
{
    AUTO_FAULT f = {0};
    const struct event e = {.kind = EVENT_RESUMED};

    cr_assert_eq(journal_append(j, &e, &f), -FAULT_REFUSED, "there is a gap now");
    cr_assert_eq(journal_commit(j, &f), 0);
    journal_close(j);
}

Test(journal, a_write_that_fails_stops_it)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};
    const struct rlimit limit = {200000, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};

    journal_fill(dir.path, 50);
    struct journal *j = must_open(dir.path, JOURNAL_WRITE);
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    uint32_t kept = write_until_failure(j, 50, &f);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    must_be_stopped(j);
    cr_assert_eq(events_in(dir.path), kept, "whole turns");
}

static bool mount_small(const char *dir)
{
    return (unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", dir, "tmpfs", 0, "size=512k") == 0;
}

Test(journal, a_full_disk_is_named)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FAULT f = {0};

    if (!mount_small(dir.path))
        cr_skip_test("no private mounts on this machine");
    journal_fill(dir.path, 50);
    struct journal *j = must_open(dir.path, JOURNAL_WRITE);
    uint32_t kept = write_until_failure(j, 50, &f);
    cr_expect_eq(f.sys_errno, ENOSPC, "%s", f.message);
    cr_expect_str_eq(f.hint, "free some space, then go on with 'kelp resume'");
    must_be_stopped(j);
    cr_expect_eq(events_in(dir.path), kept, "whole turns");
    cr_assert_eq(umount2(dir.path, MNT_DETACH), 0);
}

/* Root may write everywhere: become somebody who may not. */
static void become_nobody(const char *dir)
{
    cr_assert_eq(chmod(dir, 0555), 0);
    if (geteuid() == 0)
        cr_assert(setegid(65534) == 0 && seteuid(65534) == 0);
}

static void become_root_again(const char *dir)
{
    if (getuid() == 0)
        cr_assert(seteuid(0) == 0 && setegid(0) == 0);
    cr_assert_eq(chmod(dir, 0755), 0);
}

Test(journal, a_folder_that_is_read_only_can_be_read)
{
    AUTO_FOLDER dir = folder_new();
    AUTO_FREE char *run = os_path(dir.path, "ORG_1001 50%?#");
    AUTO_FREE char *lock = os_path(run, "lock");
    AUTO_FAULT f = {0};
    struct journal *j;

    cr_assert(mkdir(run, 0755) == 0 && chmod(dir.path, 0755) == 0);
    journal_fill(run, 30);
    cr_assert_eq(unlink(lock), 0);
    become_nobody(run);
    int r = journal_open(run, JOURNAL_WRITE, &j, &f);
    uint32_t seen = events_in(run);
    become_root_again(run);
    cr_assert_eq(r, -FAULT_SYSTEM);
    cr_assert_eq(f.sys_errno, EACCES, "%s", f.message);
    cr_assert_eq(seen, 30);
}
