/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/rescue.h"

#include "base/os.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "journal/log_check.h"
#include "journal/salvage.h"
#include "journal/seal.h"
#include "journal/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

/* What is not there is moved already. */
static int move(const char *from, const char *to, const char *suffix, struct fault *f)
{
    AUTO_FREE char *old = text_format("%s%s", from, suffix);
    AUTO_FREE char *new = text_format("%s%s", to, suffix);

    if (rename(old, new) < 0 && errno != ENOENT)
        return fault_system(f, errno, "cannot rename '%s' to '%s'", old, new);
    return 0;
}

/*
 * Puts the file away, with its seal before and its log after it: no log is ever found beside the
 * wrong file, and a crash between two steps leaves either a journal that is still seen to be
 * damaged, or none, from where the next rescue goes on. A journal that is missing has a file of
 * nothing put away in its place.
 */
static int set_aside(const char *journal, const char *damaged, struct fault *f)
{
    int r = 0;

    if (!os_exists(journal))
        r = os_write_file(journal, "", 0, 0644, f);
    if (r == 0)
        r = move(journal, damaged, "-seal", f);
    if (r == 0)
        r = move(journal, damaged, "", f);
    return r;
}

/* Steps that come after a crash as well. What is a seal by now is that of the new file. */
static int set_rest_aside(const char *journal, const char *damaged, struct fault *f)
{
    AUTO_FREE char *index = text_format("%s-shm", journal);
    int r = move(journal, damaged, "-wal", f);

    if (r == 0 && unlink(index) < 0 && errno != ENOENT)
        r = fault_system(f, errno, "cannot remove '%s'", index);
    if (r == 0)
        r = seal_remove(journal, f);
    return r < 0 ? r : store_sync_folder(journal, f);
}

static int make_saved(const char *saved, struct store *ret, struct fault *f)
{
    int r = store_remove(saved, f);

    if (r == 0)
        r = store_create(saved, f);
    if (r == 0)
        r = store_open(saved, STORE_WRITE, ret, f);
    return r < 0 ? r : store_unseal(ret, f);
}

static int rebuild(const char *damaged, const char *saved, struct rescue *ret, struct fault *f)
{
    struct salvage salvage = {.saved = 0};
    struct store to = {0};
    int64_t sealed = seal_events(damaged);

    int r = make_saved(saved, &to, f);
    if (r == 0)
        r = salvage_events(damaged, &to, &salvage, f);
    if (r == 0)
        r = store_settle(&to, f);
    /* All of it has to be in the file, as its log is not renamed with it. */
    if (r == 0 && !to.sealed)
        r = fault_set(f, FAULT_BUSY, "cannot make '%s': another program reads it", saved);
    store_close(&to);
    ret->saved = salvage.saved;
    ret->lost = -1;
    if (sealed >= salvage.saved)
        ret->lost = sealed - salvage.saved;
    else if (salvage.last > salvage.saved)
        ret->lost = salvage.last - salvage.saved;
    return r;
}

static int skip(void *context UNUSED, const struct event *e UNUSED)
{
    return 0;
}

/* `ours`: we have the lock, and so nobody writes. */
static int check(const char *run_dir, bool ours, int64_t *ret_events, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "journal.db");
    AUTO_ARENA plans = {0};
    struct journal *j = NULL;

    /* A reader leaves out the log of whoever has the lock, and that may be we. */
    int r = ours && os_exists(path) ? seal_check(path, f) : 1;
    if (r == 0)
        r = log_check(path, f);
    if (r >= 0)
        r = journal_open(run_dir, JOURNAL_CHECK, &j, f);
    if (r == 0)
        r = journal_replay(j, &plans, skip, NULL, f);
    if (r == 0)
        *ret_events = journal_count(j);
    journal_close(j);
    return r;
}

int journal_check(const char *run_dir, int64_t *ret_events, struct fault *f)
{
    return check(run_dir, false, ret_events, f);
}

/* 1: it is whole, and `ret` says so; 0: it is damaged. A newer journal is not for us to judge. */
static int inspect(const char *run_dir, struct rescue *ret, struct fault *f)
{
    AUTO_FAULT why = {0};
    int r = check(run_dir, true, &ret->saved, &why);

    if (r == 0)
        return 1;
    return r == -FAULT_CORRUPT ? 0 : fault_move(f, &why);
}

static int replace(const char *run_dir, struct rescue *ret, struct fault *f)
{
    AUTO_FREE char *journal = os_path(run_dir, "journal.db");
    AUTO_FREE char *saved = os_path(run_dir, "journal.saved.db");
    AUTO_FREE char *next = NULL;
    int r = 0;

    ret->damaged = newest_damaged(run_dir, &next);
    if (!ret->damaged || os_exists(journal)) {
        free(ret->damaged);
        ret->damaged = mem_string(next);
        r = set_aside(journal, ret->damaged, f);
    }
    if (r == 0)
        r = set_rest_aside(journal, ret->damaged, f);
    if (r == 0)
        r = rebuild(ret->damaged, saved, ret, f);
    /* The seal first: without it the new file would lack a log. */
    if (r == 0)
        r = move(saved, journal, "-seal", f);
    if (r == 0)
        r = move(saved, journal, "", f);
    return r < 0 ? r : store_sync_folder(journal, f);
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
