/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a request to a proxy, as RFC 9112 has it: `CONNECT host:port` asks for a tunnel, and
 * `GET http://host/path` for one answer. Nothing is forgiven: what two programs could read in two
 * ways is refused, since the host that is judged has to be the one that the request reaches.
 */
#ifndef KELP_RELAY_REQUEST_H
#define KELP_RELAY_REQUEST_H

#include "relay/place.h"

enum { REQUEST_HEAD_MAX = 16 * 1024 }; /* bytes */

/* Plain data. */
struct request {
    bool tunnel;        /* CONNECT */
    struct place place; /* whom it asks for */
    size_t length;      /* of the head, with its empty line */
};

enum request_state {
    REQUEST_PARTIAL,
    REQUEST_WHOLE,
    REQUEST_BAD,      /* 400: not HTTP/1.0 or 1.1, or not as it should be */
    REQUEST_TOO_LONG, /* 431 */
    REQUEST_NO_PROXY, /* 400: it is meant for a server, or a way of asking for TLS but CONNECT */
};

/* Writes *ret only if it is WHOLE. */
enum request_state request_read(const char *data, size_t length, struct request *ret);

/* Of a whole request that is no tunnel: the head as the server gets it. It is told its own name and
 * path, and to close behind the answer, so that no second request rides on the connection; what
 * is between client and proxy only is left out. At most REQUEST_HEAD_MAX + 512 bytes. */
void request_forward(const char *data, const struct request *request, struct text *ret);

#endif
