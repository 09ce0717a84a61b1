/* SPDX-License-Identifier: Apache-2.0 */
/* One link between a client and a server that are this test's own sockets; the time is told it. */
#include "relay/link.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 60 * 1000, QUEUE_MAX = 16 };

static place_list places; /* the resolver's thread outlives a test */

struct bench {
    struct link_context context;
    struct link *link;
    int client; /* the other end of the link's */
    int64_t now_ms;
    char why[256]; /* of the last refusal */
};

static void note_refusal(void *ctx, const char *why)
{
    struct bench *b = ctx;

    (void)snprintf(b->why, sizeof b->why, "%s", why);
}

/* A link that has asked for localhost:9. */
static void set_up(struct bench *b, const char *request)
{
    AUTO_FAULT f = {0};
    int ends[2];

    *b = (struct bench){.now_ms = 1000};
    cr_assert_eq(place_add(&places, "localhost:9", false, &f), 0);
    b->context = (struct link_context){.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                                       .places = &places,
                                       .refused = note_refusal,
                                       .ctx = b};
    cr_assert_eq(resolver_open(&places, &b->context.resolver, &f), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    b->client = ends[0];
    b->link = link_new(&b->context, ends[1], NULL, b->now_ms);
    cr_assert_eq(write(b->client, request, strlen(request)), (ssize_t)strlen(request));
    link_event(b->link, &b->link->client_source, b->now_ms);
    cr_assert_eq(b->link->state, LINK_RESOLVING);
}

static void tear_down(struct bench *b)
{
    link_free(b->link);
    (void)close(b->client);
    (void)close(b->context.epoll_fd);
}

static int listen_anywhere(int backlog, union place_address *ret)
{
    socklen_t size = sizeof ret->v4;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *ret = (union place_address){
        .v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    cr_assert_eq(bind(fd, &ret->any, size), 0);
    cr_assert_eq(listen(fd, backlog), 0);
    cr_assert_eq(getsockname(fd, &ret->any, &size), 0);
    return fd;
}

/* Gives the link its events until it is gone, or in this state, or nothing comes any more. */
static void go_on(struct bench *b, enum link_state state)
{
    struct epoll_event event;

    while (!b->link->gone && b->link->state != state &&
           epoll_wait(b->context.epoll_fd, &event, 1, PATIENCE_MS) == 1)
        link_event(b->link, event.data.ptr, b->now_ms);
}

/* All that is there for the client, up to its end. */
static void read_answer(struct bench *b, char *ret, size_t size)
{
    size_t n = 0;
    ssize_t more;

    while ((more = recv(b->client, ret + n, size - 1 - n, 0)) > 0)
        n += (size_t)more;
    ret[n] = '\0';
}

/* One whose queue is full lets a client wait for ever. The sockets stay open. */
static union place_address make_silent_address(void)
{
    union place_address silent;

    (void)listen_anywhere(0, &silent);
    for (int i = 0; i < QUEUE_MAX; i++) {
        struct pollfd waiting = {socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), POLLOUT, 0};
        (void)connect(waiting.fd, &silent.any, sizeof silent.v4);
        if (poll(&waiting, 1, 200) == 0)
            break;
    }
    return silent;
}

Test(link, an_address_that_stays_silent_is_left_for_the_next)
{
    struct bench b;
    struct resolver_answer answer = {.count = 2};
    char said[256];

    set_up(&b, "CONNECT localhost:9 HTTP/1.1\r\n\r\n");
    answer.at[0] = make_silent_address();
    int good = listen_anywhere(8, &answer.at[1]);
    link_answer(b.link, &answer, b.now_ms);
    cr_expect_eq(b.link->state, LINK_CONNECTING);
    cr_expect_eq(b.link->deadline_ms, b.now_ms + 10 * 1000);
    b.now_ms = b.link->deadline_ms;
    link_expire(b.link, b.now_ms);
    cr_expect_eq(b.link->state, LINK_CONNECTING);
    cr_expect_eq(b.link->deadline_ms, b.now_ms + 10 * 1000);
    go_on(&b, LINK_OPEN);
    cr_assert_eq(b.link->state, LINK_OPEN);
    link_event(b.link, &b.link->client_source, b.now_ms);
    read_answer(&b, said, sizeof said);
    cr_expect(text_starts(said, "HTTP/1.1 200 "));
    (void)close(good);
    tear_down(&b);
}

Test(link, when_the_last_address_was_silent_it_is_told)
{
    struct bench b;
    struct resolver_answer answer = {.count = 1};
    char said[512];

    set_up(&b, "CONNECT localhost:9 HTTP/1.1\r\n\r\n");
    answer.at[0] = make_silent_address();
    link_answer(b.link, &answer, b.now_ms);
    link_expire(b.link, b.now_ms + 10 * 1000);
    cr_expect_eq(b.link->state, LINK_PARTING);
    link_event(b.link, &b.link->client_source, b.now_ms);
    read_answer(&b, said, sizeof said);
    cr_expect(text_starts(said, "HTTP/1.1 504 "), "%s", said);
    cr_expect_str_eq(b.why, "localhost:9: none of its addresses answers (Connection timed out)");
    tear_down(&b);
}

Test(link, name_servers_that_stay_silent_are_not_blamed_on_the_host)
{
    struct bench b;

    set_up(&b, "CONNECT localhost:9 HTTP/1.1\r\n\r\n");
    cr_expect_eq(b.link->deadline_ms, b.now_ms + 60 * 1000);
    link_expire(b.link, b.link->deadline_ms);
    cr_expect_eq(b.link->state, LINK_PARTING);
    cr_expect_str_eq(b.why, "localhost:9: the name servers have not answered in a minute");
    tear_down(&b);
}

/* Answers at once and closes over a request of which it has read nothing, so that the kernel resets
 * the connection behind the answer. */
static void answer_early(int listener)
{
    static const char answer[] = "HTTP/1.1 413 Too large\r\nConnection: close\r\n\r\n";
    char first;
    int fd = accept(listener, NULL, NULL);

    cr_assert_geq(fd, 0);
    cr_assert_eq(recv(fd, &first, 1, 0), 1);
    cr_assert_eq(write(fd, answer, sizeof answer - 1), sizeof answer - 1);
    (void)close(fd);
}

static void expect_early_answer(const char *request)
{
    static char body[64 * 1024];
    struct bench b;
    struct resolver_answer answer = {.count = 1};
    char said[256];
    struct pollfd gone = {.events = POLLIN};

    set_up(&b, request);
    int listener = listen_anywhere(8, &answer.at[0]);
    link_answer(b.link, &answer, b.now_ms);
    go_on(&b, LINK_OPEN);
    (void)!write(b.client, body, sizeof body); /* as much as fits */
    link_event(b.link, &b.link->client_source, b.now_ms);
    answer_early(listener);
    gone.fd = b.link->server;
    cr_assert_eq(poll(&gone, 1, PATIENCE_MS), 1);
    while (!b.link->gone && send(b.client, body, sizeof body, MSG_NOSIGNAL) > 0)
        link_event(b.link, &b.link->client_source, b.now_ms);
    cr_expect_not(b.link->gone, "the client still sends");
    for (int i = 0; i < 8 && b.link->state == LINK_OPEN; i++)
        link_event(b.link, &b.link->client_source, b.now_ms);
    cr_expect_eq(b.link->state, LINK_PARTING);
    read_answer(&b, said, sizeof said);
    cr_expect_not_null(strstr(said, "HTTP/1.1 413 "), "%s", said);
    (void)shutdown(b.client, SHUT_WR);
    go_on(&b, LINK_ASKING);
    cr_expect(b.link->gone);
    (void)close(listener);
    tear_down(&b);
}

Test(link, an_early_answer_reaches_a_client_that_still_sends)
{
    expect_early_answer("POST http://localhost:9/ HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n");
}

Test(link, an_early_answer_reaches_a_client_in_a_tunnel)
{
    expect_early_answer("CONNECT localhost:9 HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\n\r\n");
}
