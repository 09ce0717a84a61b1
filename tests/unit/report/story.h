/* SPDX-License-Identifier: Apache-2.0 */
/* Runs as a test tells them: a plan, and how each job ends. Time is virtual. */
#ifndef KELP_TESTS_REPORT_STORY_H
#define KELP_TESTS_REPORT_STORY_H

#include "core/tree.h"

/* Fills in how a job ends; `ret` is a plain success. Returns the milliseconds it takes. */
typedef int64_t story_teller(const struct tree *t, const struct job *j, struct arena *arena,
                             struct outcome *ret);

struct story {
    const struct plan *plan;
    story_teller *teller;
    int64_t stop_ms; /* stops there, as if looked at while it runs; 0: at the end */
    bool planned;
};

/* The tree at the end of the story; its memory is in `arena` and in itself. */
struct tree *story_tell(const struct story *story, struct arena *arena);
/* Goes on: applies one more event and what follows from it. */
void story_go_on(struct tree *t, const struct story *story, struct arena *arena, struct event e);

#endif
