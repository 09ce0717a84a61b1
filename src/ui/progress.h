/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run while it runs: on a terminal a tree that is drawn again in place, elsewhere a line for each
 * thing that a reader of a log wants to know. Drawn from the tree alone; nothing is kept but what
 * was shown last.
 */
#ifndef KELP_UI_PROGRESS_H
#define KELP_UI_PROGRESS_H

#include "core/tree.h"

#include <stdio.h>

struct progress_options {
    FILE *stream;  /* not owned */
    bool terminal; /* it is one that can move its cursor */
    bool color;
};

struct progress;

struct progress *progress_new(const struct progress_options *options);
void progress_free(struct progress *p);
/* After an event was applied. */
void progress_event(struct progress *p, const struct tree *t, const struct event *e);
/* What a running attempt does just now, as one line that is a claim: shown until its next one, on a
 * terminal only. */
void progress_activity(struct progress *p, const struct tree *t, uint32_t job, const char *text);
/* From time to time, so that what runs is seen to run. `now_ms` is the engine's clock. */
void progress_tick(struct progress *p, const struct tree *t, int64_t now_ms);
/* Takes the drawn tree away, for other output. The next tick draws it again. */
void progress_clear(struct progress *p);

#endif
