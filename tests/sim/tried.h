/* SPDX-License-Identifier: Apache-2.0 */
/* What a search has to try, by a name that can be read, and how often it did. */
#ifndef KELP_TESTS_SIM_TRIED_H
#define KELP_TESTS_SIM_TRIED_H

#include "sim/play.h"

struct tried {
    const char *what; /* words joined by "_" */
    uint64_t times;
};

enum { TRIED_MAX = 64 };

/* Fills `ret` (TRIED_MAX of them) and returns how many there are. `journal`: the plays had a real
 * journal; what only its disk does is left out otherwise. */
size_t tried_list(const struct play_counts *counts, bool journal, struct tried *ret);

#endif
