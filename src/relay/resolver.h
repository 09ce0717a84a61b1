/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names become addresses in a thread of its own, because the C library waits for their servers.
 * One question after the other; whoever asks for a name that is asked for already waits for the
 * same answer.
 */
#ifndef KELP_RELAY_RESOLVER_H
#define KELP_RELAY_RESOLVER_H

#include "relay/place.h"

enum { RESOLVER_ADDRESSES_MAX = 8 };

struct resolver; /* opaque */

/* Plain data. */
struct resolver_answer {
    uint32_t place;    /* of the list */
    const char *error; /* NULL: it has addresses; else a sentence, a literal of the C library */
    unsigned count;
    union place_address at[RESOLVER_ADDRESSES_MAX]; /* each with the place's port */
};

/* The list must live as long as the program: nobody waits for a thread that waits for a server. */
int resolver_open(const place_list *places, struct resolver **ret, struct fault *f) MUST_CHECK;
/* Readable when there is an answer. */
int resolver_fd(const struct resolver *r);
void resolver_ask(struct resolver *r, uint32_t place);
/* False: there is none yet. */
bool resolver_take(struct resolver *r, struct resolver_answer *ret);

/* What getaddrinfo says, in the calling thread. */
void resolver_look_up(const struct place *place, struct resolver_answer *ret);

#endif
