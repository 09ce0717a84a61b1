/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for names: the first name is 0, each new one the next. A zeroed struct is empty. */
#ifndef KELP_CORE_INTERN_H
#define KELP_CORE_INTERN_H

#include "base/vector.h"

#include <stddef.h>

struct intern {
    VECTOR(char *) names; /* owned */
    size_t *slots;        /* hash table of number + 1, 0 is free; its size is a power of two */
    size_t slot_count;
};

/* The number of the name, which is copied if it is new. */
size_t intern_add(struct intern *in, const char *name);
void intern_free(struct intern *in);
#define AUTO_INTERN __attribute__((cleanup(intern_free))) struct intern

#endif
