/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for tests, from short texts. Everything lives in the arena. */
#ifndef KELP_TESTS_CORE_MAKE_H
#define KELP_TESTS_CORE_MAKE_H

#include "core/plan.h"

/* A plan of `count` subtasks "s1".. that have neither steps nor anything else. */
struct plan *make_plan(struct arena *arena, size_t count);
/* Explicit waves: agents "Role:minutes*count" between spaces, waves between "|". Minutes and count
 * may be left out; a role in lower case is a command. */
void make_waves(struct arena *arena, struct plan_subtask *s, const char *text);
/* Steps "Role:minutes*count<need,need" between spaces; the role is also the id. */
void make_steps(struct arena *arena, struct plan_subtask *s, const char *text);
/* "a b c" as strings. */
struct strings make_strings(struct arena *arena, const char *words);
/* A for_each over a list. */
struct plan_fan make_list(struct arena *arena, const char *words, unsigned batch);
void make_depends(struct arena *arena, struct plan_subtask *s, size_t on);

/* A source of numbers for random cases: the same seed, the same numbers. */
struct random {
    uint64_t state;
};
/* 0..below-1 */
size_t random_below(struct random *r, size_t below);

#endif
