/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-sent events (WHATWG HTML, "Server-sent events"), as far as model endpoints use them: the
 * data of an event, put together from its lines. Lines end with LF, CR LF or CR; comments and other
 * fields are passed over.
 *
 *     {0} -> sse_feed(bytes, cut anywhere)* -> sse_end -> sse_free
 */
#ifndef KELP_MODEL_SSE_H
#define KELP_MODEL_SSE_H

#include "base/text.h"

enum { SSE_EVENT_MAX = 16 * 1024 * 1024 }; /* bytes of one event; more is too long */

/* Gets the data of one event, terminated by NUL. */
typedef void (*sse_take)(void *context, const char *data, size_t length);

struct sse {
    sse_take take;
    void *context;
    struct text line; /* begun and not ended */
    struct text data; /* of the event that has not ended */
    bool has_data;    /* there was a data field, though it may be empty */
    bool after_cr;    /* a LF that follows belongs to the CR */
    bool too_long;    /* an event was longer than the bound; what follows is not read */
};

void sse_feed(struct sse *s, const char *bytes, size_t length);
/* Takes an event that the end of the stream has ended: servers leave its last empty line out. */
void sse_end(struct sse *s);
void sse_free(struct sse *s);

#endif
