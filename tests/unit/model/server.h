/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server in a thread of the test, which answers a request with the bytes that `choose` gives it
 * and ends the connection. One connection at a time; it is over when its socket is.
 */
#ifndef KELP_TESTS_MODEL_SERVER_H
#define KELP_TESTS_MODEL_SERVER_H

#include "base/text.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    int fd;
    char url[64]; /* without a path */
    pthread_t thread;
    /* Called in the server's thread; the test waits for the answer meanwhile. */
    void (*choose)(void *context, const char *request, struct text *answer);
    void *context;
    bool reset; /* the connection is reset, not closed */
    bool holds; /* it stays open until the other side has had enough */
};

/* The whole request: its head tells how long it is. */
static inline bool server_read(int fd, struct text *request)
{
    char chunk[16384];

    for (;;) {
        const char *body = strstr(text_get(request), "\r\n\r\n");
        const char *length = strcasestr(text_get(request), "content-length: ");
        if (body && (size_t)(request->data + request->length - body - 4) >=
                        (length ? strtoul(length + 16, NULL, 10) : 0))
            return true;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n <= 0)
            return false;
        text_add_n(request, chunk, (size_t)n);
    }
}

static inline void server_answer(struct server *s, int fd)
{
    struct linger at_once = {.l_onoff = 1};
    AUTO_TEXT request = {0};
    AUTO_TEXT answer = {0};

    if (server_read(fd, &request)) {
        s->choose(s->context, text_get(&request), &answer);
        (void)!send(fd, text_get(&answer), answer.length, MSG_NOSIGNAL); /* it may be gone */
    }
    if (s->holds)
        (void)!read(fd, &at_once, 1); /* nothing comes but the end */
    if (s->reset)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static inline void *server_thread(void *context)
{
    struct server *s = context;

    for (int fd; (fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0; (void)close(fd))
        server_answer(s, fd);
    return NULL;
}

static inline void server_begin(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof at;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(bind(s->fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(s->fd, 16) == 0);
    cr_assert_eq(getsockname(s->fd, (struct sockaddr *)&at, &length), 0);
    (void)snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
    cr_assert_eq(pthread_create(&s->thread, NULL, server_thread, s), 0);
}

static inline void server_end(struct server *s)
{
    (void)shutdown(s->fd, SHUT_RDWR); /* accept comes back with an error */
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
}

#endif
