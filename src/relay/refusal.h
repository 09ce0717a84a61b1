/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a request that is turned away: to the client, in words for an agent that reads
 * the answer, and in the attempt's log. */
#ifndef KELP_RELAY_REFUSAL_H
#define KELP_RELAY_REFUSAL_H

#include "relay/place.h"

enum refusal {
    REFUSAL_NOT_LISTED,
    REFUSAL_INSIDE,      /* its name leads to an address that it must not have */
    REFUSAL_UNKNOWN,     /* its name has no address */
    REFUSAL_UNRESOLVED,  /* nobody has told an address of its name yet */
    REFUSAL_UNREACHABLE, /* none of its addresses answers */
    REFUSAL_BAD,
    REFUSAL_TOO_LONG,
    REFUSAL_NO_PROXY,
};

struct refusal_words {
    const struct place *place; /* NULL where the request did not get so far */
    const place_list *places;  /* that are allowed */
    const char *error;         /* of UNKNOWN and UNREACHABLE; may be NULL */
};

/* One line. */
void refusal_add_reason(enum refusal refusal, const struct refusal_words *words, struct text *t);
/* A whole HTTP answer; at most 16 KiB. */
void refusal_add_answer(enum refusal refusal, const struct refusal_words *words, struct text *t);

#endif
