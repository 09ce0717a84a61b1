/* SPDX-License-Identifier: Apache-2.0 */
/* A run's folder with a keeper, and what it has reported so far. */
#ifndef KELP_TEST_PROCESS_HOLD_H
#define KELP_TEST_PROCESS_HOLD_H

#include "base/vector.h"
#include "process/keeper.h"

#include <stddef.h>

struct hold {
    char *folder;
    struct keeper_options options;
    struct keeper *keeper;
    pid_t keeper_pid;
    struct keeper_event *events; /* identities are copies */
    size_t count;
    bool keeper_dies;       /* it may be killed at any time: that it is gone is no failure */
    VECTOR(char *) started; /* identities */
};

/* A folder, and a keeper in it that is one of this build. */
void hold_open(struct hold *hold, const struct keeper_options *options);
/* Once more: after hold_drop, or when the keeper has died. Events are counted anew. */
void hold_open_again(struct hold *hold);
/* Goes away as an engine that is killed: without a word. */
void hold_drop(struct hold *hold);
/* Stops what runs, lets the keeper leave, and fails the test if it does not. */
void hold_close(struct hold *hold);

/* Starts a shell script in the folder; its outputs are FOLDER/ID.out and .err. */
void hold_start(struct hold *hold, const char *id, const char *script);
void hold_start_spec(struct hold *hold, const struct keeper_spec *spec);
void hold_stop(struct hold *hold, const char *id, int64_t grace_ms);

/* Waits for an event; fails the test if it does not come in time. */
struct keeper_event hold_await(struct hold *hold, const char *id, enum keeper_event_kind kind);
/* Waits for the end, or for the start that failed. */
struct keeper_event hold_await_over(struct hold *hold, const char *id);
/* How often it was reported. */
size_t hold_seen(const struct hold *hold, const char *id, enum keeper_event_kind kind);
/* Waits until the keeper's process is gone. */
void hold_await_keeper_gone(const struct hold *hold);
/* Waits until the file in the folder has that many lines. */
void hold_await_lines(const struct hold *hold, const char *name, size_t lines);

/* How many of the processes whose numbers are in the file (one a line) still run. */
size_t hold_alive(const struct hold *hold, const char *name);
/* Waits until none does. */
void hold_await_none_alive(const struct hold *hold, const char *name);

#endif
