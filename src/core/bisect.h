/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of n branches breaks a check that fails with all of them merged? An iterator without
 * effects: it names a subset, the caller merges it, runs the check and answers.
 *
 * First the empty set: if that fails, the check was broken before and nobody is to blame
 * (BISECT_BASE). Else the shortest prefix (of the branches still in, in their order) that fails
 * is searched by halving: its last branch is left out. So of two that only fail together, the
 * later one goes. Then the rest is tried, and so on until it passes.
 * At most 1 + c * (ceil(log2(n)) + 1) tests for c branches that are left out.
 */
#ifndef KELP_CORE_BISECT_H
#define KELP_CORE_BISECT_H

#include <stdbool.h>
#include <stddef.h>

struct bisect;

enum bisect_state {
    BISECT_TEST, /* test the subset of bisect_subset, then answer */
    BISECT_DONE, /* the branches of bisect_subset pass together */
    BISECT_BASE, /* the check fails without any branch */
};

/* The full set is known to fail. */
struct bisect *bisect_new(size_t n);
void bisect_free(struct bisect *b);
enum bisect_state bisect_state(const struct bisect *b);
/* ret_in has room for n: the subset to test; when DONE, those that stay; when BASE, all. */
void bisect_subset(const struct bisect *b, bool *ret_in);
/* The answer for the subset; only in BISECT_TEST. */
void bisect_answer(struct bisect *b, bool good);
size_t bisect_tests(const struct bisect *b);

#endif
