/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a run: its events, in one SQLite file in the run's folder. One engine writes it,
 * any number of others read it meanwhile. The order of calls of a writer:
 *
 *     journal_create, or journal_open and journal_replay
 *     each turn of the loop: journal_append*, journal_commit, and only then act on the events
 *     journal_close
 *
 * A committed event survives the death of the program and of the machine. Where the journal can't
 * be written (a full disk, a folder that was taken away), the turn's events are rolled back and
 * every later call fails: the run stands where the last commit left it and can be resumed.
 */
#ifndef KELP_JOURNAL_JOURNAL_H
#define KELP_JOURNAL_JOURNAL_H

#include "base/arena.h"
#include "base/fault.h"
#include "core/event.h"

enum journal_mode {
    JOURNAL_WRITE, /* holds the run's lock; FAULT_BUSY names the process that has it */
    JOURNAL_READ,  /* beside a live writer or not; changes nothing on disk */
    JOURNAL_CHECK, /* like reading, and every page is looked at */
};

struct journal;

/* Makes the journal of a new run, in a folder that is there, and opens it for writing. */
int journal_create(const char *run_dir, struct journal **ret, struct fault *f) MUST_CHECK;
/*
 * FAULT_NOT_FOUND without a journal, FAULT_CORRUPT when it is damaged (see journal/rescue.h),
 * FAULT_NEWER when a later version wrote it. An older one is brought up to date.
 */
int journal_open(const char *run_dir, enum journal_mode mode, struct journal **ret,
                 struct fault *f) MUST_CHECK;
/* What was appended and not committed is dropped. NULL is nothing. */
void journal_close(struct journal *j);

/* Puts an event at the end of the open transaction. */
int journal_append(struct journal *j, const struct event *e, struct fault *f) MUST_CHECK;
/* Makes what was appended since the last commit durable, all of it or nothing. */
int journal_commit(struct journal *j, struct fault *f) MUST_CHECK;
/* Events in the journal, those of the open transaction included. */
int64_t journal_count(const struct journal *j);

/*
 * Hands the events in their order to `each`; what they point to lives until it returns, but for
 * plans, which live in `plans`. A value of `each` other than 0 ends the replay, which returns it;
 * one below 0 must have filled `f`. journal_replay begins at the first event, journal_follow after
 * the last that either of them handed out. FAULT_CORRUPT names the first event that is damaged;
 * those before it have been handed out.
 */
typedef int journal_each(void *context, const struct event *e);
int journal_replay(struct journal *j, struct arena *plans, journal_each *each, void *context,
                   struct fault *f) MUST_CHECK;
int journal_follow(struct journal *j, struct arena *plans, journal_each *each, void *context,
                   struct fault *f) MUST_CHECK;

/*
 * How the run stands, for those who list runs and don't replay them: "" while it has not ended,
 * else the word of its status. Part of the open transaction, like an event. The caller frees what
 * journal_status gives.
 */
int journal_set_status(struct journal *j, const char *status, struct fault *f) MUST_CHECK;
int journal_status(struct journal *j, char **ret, struct fault *f) MUST_CHECK;

#endif
