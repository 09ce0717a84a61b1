/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct resolver {
    const place_list *places;
    int fd, thread_fd;
    bool asked[PLACES_MAX];
};

void resolver_look_up(const struct place *place, struct resolver_answer *ret)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *all = NULL;

    ret->count = 0;
    ret->error = NULL;
    if (place->literal.any.sa_family != AF_UNSPEC) {
        ret->at[ret->count++] = place->literal;
        place_set_port(&ret->at[0], place->port);
        return;
    }
    int r = getaddrinfo(place->host, NULL, &hints, &all);
    if (r != 0)
        ret->error = gai_strerror(r);
    for (struct addrinfo *a = all; a && ret->count < RESOLVER_ADDRESSES_MAX; a = a->ai_next) {
        if (a->ai_family != AF_INET && a->ai_family != AF_INET6)
            continue;
        memcpy(&ret->at[ret->count], a->ai_addr, a->ai_addrlen);
        place_set_port(&ret->at[ret->count++], place->port);
    }
    if (all)
        freeaddrinfo(all);
}

/* Both ends live as long as the program. */
static void *answer_all(void *context)
{
    struct resolver *r = context;
    uint32_t place;

    while (TEMP_FAILURE_RETRY(recv(r->thread_fd, &place, sizeof place, MSG_WAITALL)) ==
           sizeof place) {
        struct resolver_answer answer = {.place = place};
        resolver_look_up(&r->places->at[place], &answer);
        if (TEMP_FAILURE_RETRY(send(r->thread_fd, &answer, sizeof answer, MSG_NOSIGNAL)) < 0)
            break;
    }
    return NULL;
}

int resolver_open(const place_list *places, struct resolver **ret, struct fault *f)
{
    struct resolver *r = MEM_NEW(struct resolver);
    pthread_t thread;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        free(r);
        return fault_system(f, errno, "cannot make a pair of sockets");
    }
    *r = (struct resolver){.places = places, .fd = ends[0], .thread_fd = ends[1]};
    int error = pthread_create(&thread, NULL, answer_all, r);
    if (error) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        free(r);
        return fault_system(f, error, "cannot start a thread");
    }
    (void)pthread_detach(thread);
    *ret = r;
    return 0;
}

int resolver_fd(const struct resolver *r)
{
    return r->fd;
}

void resolver_ask(struct resolver *r, uint32_t place)
{
    if (r->asked[place])
        return;
    /* A place is asked for once at a time, so what is under way always fits, and each message is
     * there whole or not at all. */
    r->asked[place] = send(r->fd, &place, sizeof place, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

bool resolver_take(struct resolver *r, struct resolver_answer *ret)
{
    if (recv(r->fd, ret, sizeof *ret, MSG_DONTWAIT) != sizeof *ret)
        return false;
    r->asked[ret->place] = false;
    return true;
}
