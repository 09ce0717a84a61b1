/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an agent may connect to: HOST:PORT, and which addresses the host may turn out to have. A
 * name is what the request has to name; an address admits nothing but itself. Whoever answers for
 * a name must not lead the relay to the machine's own services: loopback, link-local and the like
 * are never admitted for a name but "localhost", and private networks not for a host that is known
 * to be public. The ranges are those of the registries of RFC 6890.
 */
#ifndef KELP_RELAY_PLACE_H
#define KELP_RELAY_PLACE_H

#include "base/fault.h"
#include "base/text.h"
#include "base/vector.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { PLACE_HOST_MAX = 253, PLACES_MAX = 64 };

union place_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Plain data. */
struct place {
    char host[PLACE_HOST_MAX + 1]; /* in lower case, without brackets and without a last dot */
    uint16_t port;                 /* in the machine's byte order */
    bool public;                   /* its addresses are never private ones */
    union place_address literal;   /* of a host that is an address, without its port; else of the
                                    * family AF_UNSPEC */
};

typedef VECTOR(struct place) place_list;

/* Reads "HOST" or "HOST:PORT", an IPv6 address in brackets; without a port it is 0. False if it is
 * neither; *ret is then undefined. */
bool place_read(const char *s, size_t length, struct place *ret);
/* A port has to be there. */
int place_add(place_list *list, const char *word, bool public, struct fault *f) MUST_CHECK;
/* The one of the list that the request names, or NULL. */
const struct place *place_find(const place_list *list, const struct place *asked);
/* Whether a connection for this place may go to this address. */
bool place_admits(const struct place *place, const union place_address *address);
void place_set_port(union place_address *address, uint16_t port);
/* It is on this machine. */
bool place_is_local(const struct place *place);
/* "HOST:PORT", as place_read reads it. */
void place_add_text(const struct place *place, struct text *t);

#endif
