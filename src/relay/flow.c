/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/flow.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void flow_add(struct flow *flow, const char *data, size_t length)
{
    if (length > sizeof flow->data - flow->end)
        bug("%zu bytes do not fit a flow", length);
    memcpy(flow->data + flow->end, data, length);
    flow->end += length;
}

bool flow_wants_in(const struct flow *flow)
{
    return !flow->ended && flow->end < FLOW_MAX;
}

bool flow_wants_out(const struct flow *flow)
{
    return !flow->cut && (flow->start < flow->end || (flow->ended && !flow->shut));
}

/* What would block or was interrupted is no failure. */
static int outcome(ssize_t n)
{
    if (n >= 0)
        return 1;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int flow_in(struct flow *flow, int fd)
{
    ssize_t n = recv(fd, flow->data + flow->end, FLOW_MAX - flow->end, MSG_DONTWAIT);

    if (n == 0)
        flow->ended = true;
    if (n > 0 && !flow->cut)
        flow->end += (size_t)n;
    return outcome(n);
}

int flow_out(struct flow *flow, int fd)
{
    ssize_t n = 0;

    if (flow->start < flow->end) {
        n = send(fd, flow->data + flow->start, flow->end - flow->start,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            flow->start += (size_t)n;
    }
    if (flow->start == flow->end) {
        flow->start = flow->end = 0;
        if (flow->ended && !flow->shut) {
            (void)shutdown(fd, SHUT_WR); /* a peer that is gone needs not to be told */
            flow->shut = true;
        }
    }
    return outcome(n);
}

void flow_cut(struct flow *flow)
{
    flow->cut = true;
    flow->start = flow->end = 0;
}
