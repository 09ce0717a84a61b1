/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/relay.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/os.h"
#include "relay/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINKS_MAX = 256,
    EVENTS_MAX = 64,
    LINES_MAX = 20,
    LINES_SPAN_MS = 10 * 1000,
    WAIT_MAX_MS = 60 * 1000,
    REST_MS = 1000,
};

/* How many lines were written since a moment. */
struct said {
    int64_t since_ms;
    unsigned lines, dropped;
};

/* Whoever has events that are no link's. */
struct other {
    struct source source;
    enum { OTHER_LISTENER, OTHER_RESOLVER, OTHER_AGENT } what;
    const struct cage_listener *listener;
};

struct relay {
    struct clock clock;
    int64_t now_ms; /* of this turn */
    struct cage cage;
    struct link_context context;
    VECTOR(struct link *) links;
    int64_t rest_until_ms; /* the machine gave no more connections, and is not asked before */
    struct other others[CAGE_LISTENERS_MAX + 2];
    unsigned other_count;
    struct said said;
    bool full; /* and so the listeners are not watched */
    bool over; /* the agent has ended */
};

static void say_dropped(struct relay *r)
{
    if (r->said.dropped)
        (void)dprintf(STDERR_FILENO, "kelp-relay: refused %u more\n", r->said.dropped);
    r->said = (struct said){.since_ms = r->now_ms};
}

/* One write a line, which nobody's output comes between. */
static void say_refused(void *ctx, const char *why)
{
    struct relay *r = ctx;
    AUTO_FREE char *line = escape_line(why);

    if (r->now_ms - r->said.since_ms >= LINES_SPAN_MS)
        say_dropped(r);
    if (r->said.lines == LINES_MAX) {
        r->said.dropped++;
        return;
    }
    r->said.lines++;
    (void)dprintf(STDERR_FILENO, "kelp-relay: refused %s\n", line);
}

static int watch(const struct relay *r, int fd, const struct other *other, int how, struct fault *f)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = (void *)&other->source};

    if (epoll_ctl(r->context.epoll_fd, how, fd, &event) < 0)
        return fault_system(f, errno, "cannot watch a descriptor");
    return 0;
}

static int add_other(struct relay *r, int fd, struct other other, struct fault *f)
{
    struct other *at = &r->others[r->other_count++];

    *at = other;
    at->source = (struct source){.kind = SOURCE_OTHER};
    return watch(r, fd, at, EPOLL_CTL_ADD, f);
}

/* Whoever waits to be accepted would be told of over and over. */
static bool is_full(const struct relay *r)
{
    return r->links.count >= LINKS_MAX || r->now_ms < r->rest_until_ms;
}

/* A relay that can have no more links leaves the others to the kernel. */
static int watch_listeners(struct relay *r, bool full, struct fault *f)
{
    int code = 0;

    if (r->full == full)
        return 0;
    r->full = full;
    for (unsigned i = 0; code == 0 && i < r->other_count; i++)
        if (r->others[i].what == OTHER_LISTENER)
            code = watch(r, r->others[i].listener->fd, &r->others[i],
                         full ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, f);
    return code;
}

static void accept_one(struct relay *r, const struct cage_listener *listener)
{
    const place_list *places = r->context.places;

    if (is_full(r))
        return;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            r->rest_until_ms = r->now_ms + REST_MS;
        return;
    }
    vector_push(&r->links,
                link_new(&r->context, fd, listener->place < 0 ? NULL : &places->at[listener->place],
                         r->now_ms));
}

static void take_answers(struct relay *r)
{
    struct resolver_answer answer;

    while (resolver_take(r->context.resolver, &answer))
        for (size_t i = 0; i < r->links.count; i++) {
            struct link *l = r->links.at[i];
            if (!l->gone && l->state == LINK_RESOLVING &&
                l->place == &r->context.places->at[answer.place])
                link_answer(l, &answer, r->now_ms);
        }
}

static void take_event(struct relay *r, struct source *source)
{
    if (source->kind != SOURCE_OTHER) {
        link_event(source->link, source, r->now_ms);
        return;
    }
    const struct other *other = (const struct other *)source; /* its first field */
    switch (other->what) {
    case OTHER_LISTENER:
        accept_one(r, other->listener);
        return;
    case OTHER_RESOLVER:
        take_answers(r);
        return;
    case OTHER_AGENT:
        r->over = true;
        return;
    }
}

/* Also ends what is at its deadline. Returns how long until the next one. */
static int sweep(struct relay *r)
{
    int64_t wait_ms = WAIT_MAX_MS;

    if (r->rest_until_ms > r->now_ms)
        wait_ms = r->rest_until_ms - r->now_ms;
    for (size_t i = 0; i < r->links.count;) {
        struct link *l = r->links.at[i];
        if (!l->gone && l->deadline_ms <= r->now_ms)
            link_expire(l, r->now_ms);
        if (l->gone) {
            link_free(l);
            r->links.at[i] = r->links.at[--r->links.count];
            r->rest_until_ms = 0; /* there is room for another */
            continue;
        }
        if (l->deadline_ms - r->now_ms < wait_ms)
            wait_ms = l->deadline_ms - r->now_ms;
        i++;
    }
    return (int)wait_ms;
}

/* collect events -> links and listeners -> deadlines -> free what is gone -> sleep */
static int turn(struct relay *r, struct fault *f)
{
    struct epoll_event events[EVENTS_MAX];
    int wait_ms = sweep(r);

    int code = watch_listeners(r, is_full(r), f);
    if (code < 0)
        return code;
    int count = epoll_wait(r->context.epoll_fd, events, EVENTS_MAX, wait_ms);
    if (count < 0 && errno != EINTR)
        return fault_system(f, errno, "cannot wait for events");
    r->now_ms = clock_now_ms(&r->clock);
    for (int i = 0; i < count; i++)
        take_event(r, events[i].data.ptr);
    return 0;
}

static int open_all(struct relay *r, struct fault *f)
{
    r->context.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (r->context.epoll_fd < 0)
        return fault_system(f, errno, "cannot make an epoll descriptor");
    int code = resolver_open(r->context.places, &r->context.resolver, f);
    if (code == 0)
        code = add_other(r, resolver_fd(r->context.resolver),
                         (struct other){.what = OTHER_RESOLVER}, f);
    if (code == 0)
        code = add_other(r, r->cage.pidfd, (struct other){.what = OTHER_AGENT}, f);
    for (unsigned i = 0; code == 0 && i < r->cage.count; i++) {
        const struct cage_listener *listener = &r->cage.listeners[i];
        struct other other = {.what = OTHER_LISTENER, .listener = listener};
        code = add_other(r, listener->fd, other, f);
    }
    return code;
}

/* The agent's input and output are its own: what it closes is then closed. */
static int let_go_of_streams(struct fault *f)
{
    AUTO_CLOSE fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
        return fault_system(f, errno, "cannot open '/dev/null'");
    return 0;
}

/* The process is at its end: what is open closes with it. */
int relay_run(const struct cage_options *options, struct fault *f)
{
    struct relay *r = MEM_NEW(struct relay);
    int status = 0;

    clock_real_init(&r->clock);
    r->now_ms = clock_now_ms(&r->clock);
    r->context = (struct link_context){
        .epoll_fd = -1, .places = options->places, .refused = say_refused, .ctx = r};
    int code = cage_start(options, &r->cage, f);
    if (code < 0) {
        free(r);
        return code;
    }
    code = let_go_of_streams(f);
    if (code == 0)
        code = open_all(r, f);
    while (code == 0 && !r->over)
        code = turn(r, f);
    if (code < 0)
        (void)kill(r->cage.pid, SIGKILL);
    say_dropped(r);
    if (TEMP_FAILURE_RETRY(waitpid(r->cage.pid, &status, 0)) < 0 && code == 0)
        code = fault_system(f, errno, "cannot wait for the agent");
    return code < 0 ? code : status;
}
