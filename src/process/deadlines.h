/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time to be woken at: a heap, earliest first, in order of insertion when equal. */
#ifndef KELP_PROCESS_DEADLINES_H
#define KELP_PROCESS_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in what waits; zeroed is "not set". */
struct deadline {
    int64_t at_ms;
    uint64_t turn; /* order of insertion */
    size_t place;  /* in the heap, from 1; 0: not set */
};

/* Zeroed is empty. */
struct deadlines {
    struct deadline **at;
    size_t count;
    size_t capacity;
    uint64_t turns;
};

/* Sets or moves it. It must not move in memory until it is cleared or has come. */
void deadline_set(struct deadlines *all, struct deadline *deadline, int64_t at_ms);
void deadline_clear(struct deadlines *all, struct deadline *deadline);
/* The earliest whose time has come, which is then no longer set, or NULL. */
struct deadline *deadlines_next(struct deadlines *all, int64_t now_ms);
/* Milliseconds until the earliest, at least 0; -1 if there is none. */
int64_t deadlines_wait_ms(const struct deadlines *all, int64_t now_ms);
void deadlines_free(struct deadlines *all);

#endif
