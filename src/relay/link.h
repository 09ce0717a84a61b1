/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection of the agent's and, once it is allowed, the one to the server that belongs to it.
 *
 *     ASKING ---> RESOLVING ---> CONNECTING ---> OPEN ---> (gone)
 *        |            |              |             |
 *        +------------+--------------+-------------+---> PARTING ---> (gone)
 *
 * One that is PARTING has no server (any more). Its client is still told what there is to tell, a
 * refusal or the server's last words, and what it sends is read away: closing over that would take
 * the answer back.
 *
 * Nothing here waits: link_event does what can be done at once. Each state but OPEN has a deadline
 * of a minute or less, of CONNECTING each of its addresses ten seconds; an open one on which
 * nothing moves for an hour ends too.
 */
#ifndef KELP_RELAY_LINK_H
#define KELP_RELAY_LINK_H

#include "relay/flow.h"
#include "relay/resolver.h"

#include <stdint.h>

enum link_state { LINK_ASKING, LINK_RESOLVING, LINK_CONNECTING, LINK_OPEN, LINK_PARTING };

struct link;

/* What a link needs of its relay; borrowed. */
struct link_context {
    int epoll_fd; /* the events' data are pointers to a link's `client_source` or `server_source` */
    const place_list *places;
    struct resolver *resolver;
    /* A request was turned away. `why` is one line. */
    void (*refused)(void *ctx, const char *why);
    void *ctx;
};

/* What an event of epoll belongs to: the first field of whoever has events. */
struct source {
    enum source_kind { SOURCE_CLIENT, SOURCE_SERVER, SOURCE_OTHER } kind;
    struct link *link; /* of CLIENT and SERVER */
};

/* To be read by the relay, but for what is under `private`. */
struct link {
    enum link_state state;
    const struct place *place; /* from RESOLVING on */
    int64_t deadline_ms;
    bool gone; /* it can be freed once no event of it is under way */

    /* private */
    const struct link_context *context;
    struct source client_source, server_source;
    int client, server;                  /* sockets; -1: none */
    unsigned client_watch, server_watch; /* events that epoll tells; 0: not in it */
    bool tunnel;                         /* CONNECT: the client is told when it is open */
    bool direct;                         /* it asked nothing, the place was known */
    unsigned next_address;
    int error; /* errno of the last address that was tried */
    struct resolver_answer answer;
    struct flow up, down; /* to the server, to the client */
};

/* Takes over the socket, which does not block. With a place it is for that one; without, the client
 * asks as of a proxy. */
struct link *link_new(const struct link_context *context, int client, const struct place *place,
                      int64_t now_ms);
void link_free(struct link *l);
void link_event(struct link *l, const struct source *source, int64_t now_ms);
/* For links that are RESOLVING this place. */
void link_answer(struct link *l, const struct resolver_answer *answer, int64_t now_ms);
/* At its deadline. */
void link_expire(struct link *l, int64_t now_ms);

#endif
