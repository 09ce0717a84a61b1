/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/link.h"

#include "relay/refusal.h"
#include "relay/request.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t time_of[] = {
    [LINK_ASKING] = 30 * 1000,     [LINK_RESOLVING] = 60 * 1000, [LINK_CONNECTING] = 10 * 1000,
    [LINK_OPEN] = 60 * 60 * 1000L, [LINK_PARTING] = 5 * 1000,
};

static void enter(struct link *l, enum link_state state, int64_t now_ms)
{
    l->state = state;
    l->deadline_ms = now_ms + time_of[state];
}

static void watch(struct link *l, int fd, struct source *source, unsigned *watched, unsigned wanted)
{
    struct epoll_event event = {.events = wanted, .data.ptr = source};
    int how = !wanted ? EPOLL_CTL_DEL : *watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (fd < 0 || wanted == *watched)
        return;
    /* One that is not watched is told of no hang-up either, which would come over and over. */
    if (epoll_ctl(l->context->epoll_fd, how, fd, &event) < 0)
        l->gone = true;
    *watched = wanted;
}

static unsigned when(bool condition, unsigned events)
{
    return condition ? events : 0;
}

static void watch_both(struct link *l)
{
    bool open = l->state == LINK_OPEN;
    bool reads = open || l->state == LINK_ASKING || l->state == LINK_PARTING;

    if (l->gone)
        return;
    watch(l, l->client, &l->client_source, &l->client_watch,
          when(reads && flow_wants_in(&l->up), EPOLLIN) | when(flow_wants_out(&l->down), EPOLLOUT));
    watch(l, l->server, &l->server_source, &l->server_watch,
          when(l->state == LINK_CONNECTING, EPOLLOUT) |
              when(open && flow_wants_in(&l->down), EPOLLIN) |
              when(open && flow_wants_out(&l->up), EPOLLOUT));
}

static void close_server(struct link *l)
{
    if (l->server >= 0)
        (void)close(l->server);
    l->server = -1;
    l->server_watch = 0;
}

static void begin_parting(struct link *l, int64_t now_ms)
{
    close_server(l);
    flow_cut(&l->up);
    l->down.ended = true;
    enter(l, LINK_PARTING, now_ms);
}

/* Somebody who did not ask in HTTP is not answered in it. */
static void refuse(struct link *l, enum refusal refusal, const struct place *place, int64_t now_ms)
{
    AUTO_TEXT answer = {0};
    AUTO_TEXT why = {0};
    struct refusal_words words = {place, l->context->places, NULL};

    if (refusal == REFUSAL_UNKNOWN)
        words.error = l->answer.error;
    if (refusal == REFUSAL_UNREACHABLE && l->error)
        words.error = strerror(l->error);
    refusal_add_reason(refusal, &words, &why);
    l->context->refused(l->context->ctx, text_get(&why));
    if (l->direct) {
        l->gone = true;
        return;
    }
    refusal_add_answer(refusal, &words, &answer);
    flow_add(&l->down, answer.data, answer.length);
    begin_parting(l, now_ms);
}

static void begin_resolving(struct link *l, const struct place *place, int64_t now_ms)
{
    l->place = place;
    enter(l, LINK_RESOLVING, now_ms);
    resolver_ask(l->context->resolver, (uint32_t)(place - l->context->places->at));
}

static void begin_open(struct link *l, int64_t now_ms)
{
    static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

    if (l->tunnel)
        flow_add(&l->down, established, sizeof established - 1);
    enter(l, LINK_OPEN, now_ms);
}

static int start_connecting(struct link *l, const union place_address *to)
{
    static const int yes = 1;
    bool v4 = to->any.sa_family == AF_INET;

    l->server = socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->server < 0)
        return -errno;
    (void)setsockopt(l->server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* only faster */
    if (connect(l->server, &to->any, v4 ? sizeof to->v4 : sizeof to->v6) < 0 &&
        errno != EINPROGRESS)
        return -errno;
    return 0;
}

static bool has_address(const struct link *l)
{
    for (unsigned i = 0; i < l->answer.count; i++)
        if (place_admits(l->place, &l->answer.at[i]))
            return true;
    return false;
}

/* To the next of its addresses that is admitted and can be tried. */
static void connect_next(struct link *l, int64_t now_ms)
{
    enter(l, LINK_CONNECTING, now_ms);
    while (l->next_address < l->answer.count) {
        const union place_address *to = &l->answer.at[l->next_address++];
        close_server(l);
        if (!place_admits(l->place, to))
            continue;
        int r = start_connecting(l, to);
        if (r == 0)
            return;
        l->error = -r;
    }
    if (l->answer.error)
        refuse(l, REFUSAL_UNKNOWN, l->place, now_ms);
    else
        refuse(l, has_address(l) ? REFUSAL_UNREACHABLE : REFUSAL_INSIDE, l->place, now_ms);
}

static void take_request(struct link *l, const struct request *request, int64_t now_ms)
{
    const struct place *place = place_find(l->context->places, &request->place);
    AUTO_TEXT head = {0};

    if (!place) {
        refuse(l, REFUSAL_NOT_LISTED, &request->place, now_ms);
        return;
    }
    l->tunnel = request->tunnel;
    if (!l->tunnel)
        request_forward(l->up.data, request, &head);
    text_add_n(&head, l->up.data + request->length, l->up.end - request->length);
    l->up.start = l->up.end = 0;
    flow_add(&l->up, text_get(&head), head.length);
    begin_resolving(l, place, now_ms);
}

static void ask(struct link *l, int64_t now_ms)
{
    struct request request;

    if (flow_in(&l->up, l->client) < 0 || l->up.ended) {
        l->gone = true; /* before the request was whole */
        return;
    }
    switch (request_read(l->up.data, l->up.end, &request)) {
    case REQUEST_PARTIAL:
        return;
    case REQUEST_WHOLE:
        take_request(l, &request, now_ms);
        return;
    case REQUEST_TOO_LONG:
        refuse(l, REFUSAL_TOO_LONG, NULL, now_ms);
        return;
    case REQUEST_NO_PROXY:
        refuse(l, REFUSAL_NO_PROXY, NULL, now_ms);
        return;
    case REQUEST_BAD:
        refuse(l, REFUSAL_BAD, NULL, now_ms);
        return;
    }
}

static void finish_connecting(struct link *l, int64_t now_ms)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(l->server, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        error = errno;
    if (!error) {
        begin_open(l, now_ms);
        return;
    }
    l->error = error;
    connect_next(l, now_ms);
}

/* A server may answer early and close while the client still sends: what it said before it went is
 * there to be read, though nothing reaches it any more. */
static void pass_server(struct link *l)
{
    if (flow_wants_in(&l->down) && flow_in(&l->down, l->server) < 0) {
        l->down.ended = true;
        flow_cut(&l->up);
    }
    if (flow_wants_out(&l->up) && flow_out(&l->up, l->server) < 0)
        flow_cut(&l->up);
}

/* 0, or -errno: without its client a link is nothing. */
static int pass_client(struct link *l)
{
    int r = 0;

    if (flow_wants_in(&l->up))
        r = flow_in(&l->up, l->client);
    if (r >= 0 && flow_wants_out(&l->down))
        r = flow_out(&l->down, l->client);
    return r < 0 ? r : 0;
}

/* A server that answered and closed is done with, unless it is a tunnel, whose other half may still
 * carry something. */
static void pass_on(struct link *l, int64_t now_ms)
{
    bool whole = l->tunnel || l->direct;

    pass_server(l);
    if (pass_client(l) < 0) {
        l->gone = true;
        return;
    }
    l->deadline_ms = now_ms + time_of[LINK_OPEN];
    if (!l->down.shut)
        return;
    if (l->up.ended && (l->up.shut || l->up.cut || !whole))
        l->gone = true;
    else if (l->up.cut || !whole)
        begin_parting(l, now_ms);
}

static void part(struct link *l)
{
    l->gone = pass_client(l) < 0 || (l->up.ended && l->down.shut);
}

struct link *link_new(const struct link_context *context, int client, const struct place *place,
                      int64_t now_ms)
{
    struct link *l = MEM_NEW(struct link);

    l->context = context;
    l->client = client;
    l->server = -1;
    l->client_source = (struct source){SOURCE_CLIENT, l};
    l->server_source = (struct source){SOURCE_SERVER, l};
    l->direct = place != NULL;
    enter(l, LINK_ASKING, now_ms);
    if (place)
        begin_resolving(l, place, now_ms);
    watch_both(l);
    return l;
}

void link_free(struct link *l)
{
    close_server(l);
    (void)close(l->client);
    free(l);
}

void link_event(struct link *l, const struct source *source, int64_t now_ms)
{
    if (l->gone)
        return;
    if (l->state == LINK_ASKING)
        ask(l, now_ms);
    else if (l->state == LINK_CONNECTING && source->kind == SOURCE_SERVER)
        finish_connecting(l, now_ms);
    else if (l->state == LINK_OPEN)
        pass_on(l, now_ms);
    else if (l->state == LINK_PARTING)
        part(l);
    watch_both(l);
}

void link_answer(struct link *l, const struct resolver_answer *answer, int64_t now_ms)
{
    l->answer = *answer;
    l->next_address = 0;
    connect_next(l, now_ms);
    watch_both(l);
}

void link_expire(struct link *l, int64_t now_ms)
{
    if (l->state == LINK_RESOLVING) {
        refuse(l, REFUSAL_UNRESOLVED, l->place, now_ms);
    } else if (l->state == LINK_CONNECTING) {
        l->error = ETIMEDOUT;
        connect_next(l, now_ms);
    } else {
        l->gone = true;
    }
    watch_both(l);
}
