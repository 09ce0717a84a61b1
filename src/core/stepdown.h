/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many agents run at once when things go wrong. Two rules, both plain data:
 *
 * stepdown, for the whole run. Each transient error or crash is judged against the attempts since
 * the last change, of which the last 20 to 200 count:
 *     under 1 %   nothing changes
 *     under 10 %  a quarter fewer run at once, but one
 *     above       one at a time, until three in a row succeed; then half as many as before
 * After 20 in a row without trouble a quarter more run at once, until it is as many as at first.
 *
 * aimd, for one provider that limits rates: each pause halves how many of its agents run at
 * once; each round of as many successes as may run adds one, until it is as many as at first.
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
    size_t peak;     /* how many ran when it was lowered first; 0: it is not lowered */
    size_t before;   /* how many ran before it was one at a time; 0: it is not */
    size_t clean;    /* attempts without trouble in a row */
    size_t noted;    /* attempts in the window, up to STEPDOWN_WINDOW */
    size_t next;     /* where the next one goes */
    size_t troubles; /* in the window */
    uint8_t window[STEPDOWN_WINDOW / 8]; /* a bit for each attempt: trouble */
};

void stepdown_init(struct stepdown *s, size_t full);
/* One attempt ended while `running` (itself included, so 1 or more) were alive. Trouble is a
 * transient error or a crash. True if the limit changed. */
bool stepdown_note(struct stepdown *s, bool trouble, size_t running);

struct aimd {
    size_t full;  /* 0: no limit */
    size_t limit; /* now; 0: no limit */
    size_t peak;  /* as above */
    size_t good;  /* successes since the last change */
};

void aimd_init(struct aimd *a, size_t full);
/* A rate limit while `running` (1 or more) were alive; call it once for each pause. */
void aimd_limited(struct aimd *a, size_t running);
/* A success. True if the limit changed. */
bool aimd_ok(struct aimd *a);

#endif
