/* SPDX-License-Identifier: Apache-2.0 */
/* A table from words to positions, for ids and titles: the first to take a word keeps it. */
#ifndef KELP_PLAN_NAMES_H
#define KELP_PLAN_NAMES_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

struct names_slot {
    const char *word; /* borrowed; NULL: free */
    size_t position;
};

/* A zeroed struct is empty. */
struct names {
    struct names_slot *slots;
    size_t capacity, count;
};

/* False if the word is taken; *ret_holder (if given) is then the position that has it. */
bool names_add(struct names *n, const char *word, size_t position, size_t *ret_holder);
bool names_find(const struct names *n, const char *word, size_t *ret_position);
void names_free(struct names *n);
#define AUTO_NAMES __attribute__((cleanup(names_free))) struct names

#endif
