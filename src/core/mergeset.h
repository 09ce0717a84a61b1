/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The largest set of branches without a conflict between any two: a maximum independent set
 * of the conflict graph. It is found for each connected component (conflict group) alone:
 * exactly where the group has at most MERGESET_EXACT branches, else greedily (fewest
 * conflicts with what is left first, then the lower index). Of several largest sets, the
 * exact answer is the one with the lowest indexes, compared lexicographically.
 */
#ifndef KELP_CORE_MERGESET_H
#define KELP_CORE_MERGESET_H

#include <stdbool.h>
#include <stddef.h>

enum { MERGESET_EXACT = 20 };

struct mergeset_pair {
    size_t a, b; /* indexes of branches, either order; a pair may come twice, a == b is ignored */
};

/* ret_in has room for n. Returns how many are in. */
size_t mergeset_choose(size_t n, const struct mergeset_pair *pairs, size_t pair_count,
                       bool *ret_in);

#endif
