/* SPDX-License-Identifier: Apache-2.0 */
#include "process/holder_priv.h"

#include "base/os.h"
#include "process/address.h"
#include "process/peer.h"
#include "process/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,
    SEND_BYTES = 64 * 1024,
    STARTS_PER_TURN = 64,
    IN_KEPT_BYTES = 256 * 1024
};

void link_close(struct holder *h)
{
    struct link *link = &h->link;

    os_close_pointer(&link->fd);
    text_free(&link->in);
    text_free(&link->out);
    text_free(&link->aside);
    *link = (struct link){.watch = link->watch, .fd = -1};
}

bool link_is_idle(const struct holder *h)
{
    const struct link *link = &h->link;

    return link->fd < 0 || (link->out_done == link->out.length && link->aside.length == 0 &&
                            link->cursor == h->ledger.bytes);
}

static void link_ready(struct holder *h, struct watch *watch UNUSED)
{
    struct link *link = &h->link;
    char buffer[READ_BYTES];

    if (link->fd < 0 || link->more)
        return; /* there is enough to do */
    ssize_t n = recv(link->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) {
        text_add_n(&link->in, buffer, (size_t)n);
        link->more = true;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        link_close(h);
    }
}

/* Did the keeper start it, or something that it started? All of these stay below the keeper, whose
 * orphans come to it. What can't be told is taken for one. */
static bool is_below(pid_t pid)
{
    uint64_t youngest = UINT64_MAX;
    struct proc_stat stat;

    while (pid > 1 && pid != getpid()) {
        if (proc_stat_read(pid, &stat) < 0 || stat.start_ticks > youngest)
            return true; /* a parent that is younger has the number of one that is gone */
        youngest = stat.start_ticks;
        pid = stat.parent;
    }
    return pid == getpid();
}

/* `kind`: why. Nobody waits for who does not read it. */
static void refuse(struct holder *h, int fd, enum record_kind kind)
{
    AUTO_TEXT text = {0};
    struct record why = {.kind = kind, .event.at_ms = h->now_ms};

    record_add(&text, &why);
    (void)send(fd, text.data, text.length, MSG_DONTWAIT | MSG_NOSIGNAL); /* or it sees the end */
}

/* An engine of this user. An attempt is none, of whichever run, although it runs as the same user:
 * it could have programs started outside of its sandbox. */
static bool may_be_engine(struct holder *h, int fd)
{
    struct peer peer;

    if (peer_open(fd, &peer) < 0)
        return false;
    bool below = is_below(peer.pid);
    bool confined = !below && peer_is_confined(&peer);
    bool lives = peer_lives(&peer);
    peer_close(&peer);
    if (confined)
        refuse(h, fd, RECORD_CONFINED);
    return !below && !confined && lives;
}

/* Is the engine that was connected still there? Its death may not have been noticed yet. What it
 * had asked for and was not begun is dropped with it: the next engine asks again. */
static bool taken(struct holder *h)
{
    struct pollfd state = {.fd = h->link.fd, .events = POLLRDHUP};

    if (h->link.fd < 0)
        return false;
    if (poll(&state, 1, 0) <= 0)
        return true;
    link_close(h);
    return false;
}

void link_accept(struct holder *h)
{
    AUTO_CLOSE fd = accept4(h->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0 || !may_be_engine(h, fd))
        return;
    if (taken(h)) {
        refuse(h, fd, RECORD_BUSY);
        return;
    }
    if (holder_watch(h, fd, EPOLLIN, &h->link.watch) < 0)
        return;
    h->link.fd = fd;
    fd = -1;
}

static void listen_ready(struct holder *h, struct watch *watch UNUSED)
{
    link_accept(h);
}

int link_listen(struct holder *h, struct fault *f)
{
    int r = address_listen(h->options.run_dir, ADDRESS_KEEPER, &h->listen_fd, f);

    if (r < 0)
        return r;
    h->listen_watch.ready = listen_ready;
    h->link.watch.ready = link_ready;
    r = holder_watch(h, h->listen_fd, EPOLLIN, &h->listen_watch);
    return r < 0 ? fault_system(f, -r, "cannot watch the socket") : 0;
}

void link_add_aside(struct holder *h, const struct record *record)
{
    if (h->link.fd >= 0)
        record_add(&h->link.aside, record);
}

static bool serve_hello(struct holder *h, struct request *request)
{
    h->link.greeted = request->version == REQUEST_VERSION;
    return h->link.greeted;
}

static bool serve_start(struct holder *h, struct request *request)
{
    holder_start(h, request);
    return true;
}

static bool serve_stop(struct holder *h, struct request *request)
{
    holder_start_begun(h); /* what is to be stopped may be among them */
    holder_stop(h, request->id, request->grace_ms);
    return true;
}

static bool serve_leave(struct holder *h, struct request *request UNUSED)
{
    h->dismissed = true;
    return true;
}

static bool (*const servers[])(struct holder *h, struct request *request) = {
    [REQUEST_HELLO] = serve_hello,
    [REQUEST_START] = serve_start,
    [REQUEST_STOP] = serve_stop,
    [REQUEST_LEAVE] = serve_leave,
};

/* Carries out the next request. 0: there is no whole one. Negative: that is no engine of ours. */
static int serve_one(struct holder *h)
{
    struct link *link = &h->link;
    struct request *request = ARENA_NEW(&h->turn, struct request);

    int n = request_read(text_get(&link->in) + link->in_done, link->in.length - link->in_done,
                         &h->turn, request);
    if (n <= 0)
        return n;
    link->in_done += (size_t)n;
    if (!link->greeted && request->kind != REQUEST_HELLO)
        return -FAULT_FORMAT;
    return servers[request->kind](h, request) ? n : -FAULT_FORMAT;
}

void link_serve(struct holder *h)
{
    struct link *link = &h->link;
    int r = 1;

    if (!link->more)
        return;
    for (int i = 0; r > 0 && i < STARTS_PER_TURN; i++)
        r = serve_one(h);
    holder_start_begun(h);
    arena_free(&h->turn);
    if (r < 0) {
        link_close(h);
        return;
    }
    link->more = r > 0;
    if (link->more)
        return;
    memmove(link->in.data, link->in.data + link->in_done, link->in.length - link->in_done);
    link->in.length -= link->in_done;
    link->in_done = 0;
    if (link->in.length == 0 && link->in.capacity > IN_KEPT_BYTES)
        text_free(&link->in); /* a large request is rare */
}

/* Puts the next piece of the record file, or what goes beside it, into `out`. */
static bool fill(struct holder *h)
{
    struct link *link = &h->link;
    char buffer[SEND_BYTES];
    uint64_t left = h->ledger.bytes - link->cursor;

    text_clear(&link->out);
    link->out_done = 0;
    if (left == 0) {
        text_add_n(&link->out, link->aside.data, link->aside.length);
        text_clear(&link->aside);
        return link->out.length > 0;
    }
    ssize_t n = pread(h->ledger.fd, buffer, left < sizeof buffer ? left : sizeof buffer,
                      (off_t)link->cursor);
    if (n <= 0) {
        holder_try_again(h);
        return false;
    }
    text_add_n(&link->out, buffer, (size_t)n);
    link->cursor += (uint64_t)n;
    return true;
}

static void want_write(struct holder *h, bool wanted)
{
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0),
                                .data.ptr = &h->link.watch};

    if (h->link.wants_write == wanted)
        return;
    h->link.wants_write = wanted;
    (void)epoll_ctl(h->epoll_fd, EPOLL_CTL_MOD, h->link.fd, &event); /* it is in there */
}

void link_send(struct holder *h)
{
    struct link *link = &h->link;

    while (link->fd >= 0) {
        if (link->out_done == link->out.length && !fill(h))
            break;
        ssize_t n = send(link->fd, link->out.data + link->out_done,
                         link->out.length - link->out_done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            want_write(h, true);
            return;
        }
        if (n < 0 && errno != EINTR)
            link_close(h);
        else if (n > 0)
            link->out_done += (size_t)n;
    }
    if (link->fd >= 0)
        want_write(h, false);
}
