/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What will happen, in the order of virtual time; of two things at the same moment the one that
 * was entered first comes first. A zeroed agenda is empty.
 */
#ifndef KELP_SIM_AGENDA_H
#define KELP_SIM_AGENDA_H

#include "base/vector.h"

#include <stdbool.h>
#include <stdint.h>

#define AGENDA_NEVER INT64_MAX

struct agenda_entry {
    int64_t at_ms;
    uint64_t order; /* set by agenda_add */
    uint32_t what;  /* of the owner's making */
    uint32_t which;
};

struct agenda {
    VECTOR(struct agenda_entry) heap;
    uint64_t entered;
};

void agenda_add(struct agenda *a, struct agenda_entry entry);
/* Time of the next entry, AGENDA_NEVER if there is none. */
int64_t agenda_next_ms(const struct agenda *a);
/* Takes the next entry if it is due at `now_ms`. */
bool agenda_take(struct agenda *a, int64_t now_ms, struct agenda_entry *ret);
void agenda_clear(struct agenda *a);
void agenda_free(struct agenda *a);

#endif
