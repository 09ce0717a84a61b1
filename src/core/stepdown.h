/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many agents run at once when things go wrong. Two rules, both plain data:
 *
 * stepdown, for the whole run. Among the last 20 to 200 attempts since the last change, the share
 * of transient errors and crashes decides:
 *     under 1 %   nothing changes
 *     under 10 %  a quarter fewer than now
 *     above       one at a time, until three in a row succeed; then half of what it was
 * A share is judged when trouble comes, and each change starts a new window. After 20 in a row
 * without trouble the limit rises by a quarter, until the full number is back.
 *
 * aimd, for one provider that limits rates: each limit halves, each round of as many
 * successes as the limit adds one, up to the full number.
 */
#ifndef KELP_CORE_STEPDOWN_H
#define KELP_CORE_STEPDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPDOWN_MIN = 20, STEPDOWN_WINDOW = 200, STEPDOWN_PROVE = 3 };

struct stepdown {
    size_t full;     /* 0: no limit */
    size_t limit;    /* now; 0: no limit */
    size_t before;   /* to come back to; not 0 while one at a time */
    size_t clean;    /* successes in a row */
    size_t noted;    /* attempts in the window, up to STEPDOWN_WINDOW */
    size_t next;     /* where the next one goes */
    size_t troubles; /* in the window */
    uint8_t window[STEPDOWN_WINDOW / 8]; /* a bit for each attempt: trouble */
};

void stepdown_init(struct stepdown *s, size_t full);
/* One attempt ended while `running` (itself included) were alive. True if the limit changed. */
bool stepdown_note(struct stepdown *s, bool trouble, size_t running);

struct aimd {
    size_t full;  /* 0: no limit */
    size_t limit; /* now; 0: no limit */
    size_t good;  /* successes since the last change */
};

void aimd_init(struct aimd *a, size_t full);
/* A rate limit while `running` were alive. */
void aimd_limited(struct aimd *a, size_t running);
/* A success. True if the limit changed. */
bool aimd_ok(struct aimd *a);

#endif
