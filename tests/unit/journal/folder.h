/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, removed with its scope, and events to fill journals with. */
#ifndef KELP_TESTS_JOURNAL_FOLDER_H
#define KELP_TESTS_JOURNAL_FOLDER_H

#include "base/text.h"
#include "journal/journal.h"

#include <sys/types.h>

struct folder {
    char path[256];
    pid_t owner; /* a forked copy does not remove it */
};

struct folder folder_new(void);
void folder_remove(struct folder *folder);
#define AUTO_FOLDER __attribute__((cleanup(folder_remove))) struct folder

/* The n-th event (1..) of an endless sequence: starts, plain ends, ends with results, timers. */
void event_make(uint32_t n, struct arena *arena, struct event *ret);
/* Appends events first..last and commits; asserts that it works. */
void events_write(struct journal *j, uint32_t first, uint32_t last);

/* For journal_replay: checks that events come as event_make made them. */
struct expected {
    uint32_t seen;
    bool wrong;
};
int expect_event(void *expected, const struct event *e);

/* A journal at the folder with events 1..count, closed again. */
void journal_fill(const char *run_dir, uint32_t count);
/* Events that a replay hands out before its end or its fault; asserts that they are right. */
uint32_t journal_replayed(struct journal *j, struct fault *f);

#endif
