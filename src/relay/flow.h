/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way from one socket to another. No more is read than FLOW_MAX; what is put in
 * front of it or in its place may be longer by FLOW_SPARE. */
#ifndef KELP_RELAY_FLOW_H
#define KELP_RELAY_FLOW_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum { FLOW_MAX = 32 * 1024, FLOW_SPARE = 1024 };

/* Plain data; empty when zeroed. */
struct flow {
    size_t start, end; /* of what is still to be sent */
    bool ended;        /* nothing more comes in */
    bool shut;         /* and that was passed on */
    bool cut;          /* nobody takes it any more: what comes in is dropped */
    char data[FLOW_MAX + FLOW_SPARE];
};

/* Room for `length` more bytes has to be there. */
void flow_add(struct flow *flow, const char *data, size_t length);
bool flow_wants_in(const struct flow *flow);
bool flow_wants_out(const struct flow *flow);
/* One read of what has come, and one write of what can go; the end is passed on behind the last
 * byte. 1: something moved, 0: nothing, or -errno. */
int flow_in(struct flow *flow, int fd) MUST_CHECK;
int flow_out(struct flow *flow, int fd) MUST_CHECK;
/* Whoever it went to is gone. */
void flow_cut(struct flow *flow);

#endif
