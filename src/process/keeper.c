/* SPDX-License-Identifier: Apache-2.0 */
#include "process/keeper.h"

#include "base/os.h"
#include "process/address.h"
#include "process/keeper_launch.h"
#include "process/ledger.h"
#include "process/proc.h"
#include "process/record.h"
#include "process/request.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, SEND_EARLY_BYTES = 256 * 1024, LAUNCH_PAUSE_MS = 10 };

struct keeper {
    int fd;
    pid_t pid;       /* 0: not heard of yet */
    struct text in;  /* received, from the first byte that is not a whole record */
    struct text out; /* queued */
    size_t out_done; /* bytes at its start that are sent */
};

static struct keeper *keeper_new(int fd)
{
    struct keeper *k = MEM_NEW(struct keeper);
    struct request hello = {.kind = REQUEST_HELLO, .version = REQUEST_VERSION};

    k->fd = fd;
    request_add(&k->out, &hello);
    return k;
}

void keeper_close(struct keeper *k)
{
    if (!k)
        return;
    os_close_pointer(&k->fd);
    text_free(&k->in);
    text_free(&k->out);
    free(k);
}

int keeper_fd(const struct keeper *k)
{
    return k->fd;
}

bool keeper_wants_write(const struct keeper *k)
{
    return k->out_done < k->out.length;
}

pid_t keeper_pid(const struct keeper *k)
{
    return k->pid;
}

static int gone(struct fault *f)
{
    int r = fault_system(f, ECONNRESET, "the keeper is gone");

    fault_hint(f, "open it again: what it had started is looked after then");
    return r;
}

/* Sends what the socket takes. A keeper that is gone shows when it is read from. */
static void send_queued(struct keeper *k)
{
    while (k->out_done < k->out.length) {
        ssize_t n = send(k->fd, k->out.data + k->out_done, k->out.length - k->out_done,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        k->out_done += (size_t)n;
    }
    text_clear(&k->out);
    k->out_done = 0;
}

/* Where events go. */
struct receiver {
    keeper_event_fn *on_event;
    void *ctx;
    int count;
};

static void take_event(void *ctx, const struct record *record)
{
    struct receiver *receiver = ctx;

    if (!record_is_event(record->kind))
        return;
    receiver->count++;
    if (receiver->on_event)
        receiver->on_event(receiver->ctx, &record->event);
}

static void take_record(struct keeper *k, const struct record *record, struct receiver *receiver)
{
    if (record->kind == RECORD_SESSION)
        k->pid = record->event.pid;
    take_event(receiver, record);
}

static int take_records(struct keeper *k, struct receiver *receiver, struct fault *f)
{
    size_t at = 0;
    int r = 0;

    while (at < k->in.length) {
        struct record record;
        r = record_read(k->in.data + at, k->in.length - at, &record);
        if (r <= 0)
            break;
        at += (size_t)r;
        take_record(k, &record, receiver);
    }
    if (at)
        memmove(k->in.data, k->in.data + at, k->in.length - at);
    k->in.length -= at;
    if (r == -FAULT_NEWER)
        return fault_set(f, FAULT_NEWER, "the keeper is of a newer kelp");
    return r < 0 ? fault_set(f, FAULT_FORMAT, "the keeper sends what is no record") : 0;
}

/* Reads what is there. 1: there may be more; 0: there is not. */
static int receive(struct keeper *k, struct receiver *receiver, struct fault *f)
{
    char buffer[READ_BYTES];

    ssize_t n = recv(k->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return gone(f);
    text_add_n(&k->in, buffer, (size_t)n);
    int r = take_records(k, receiver, f);
    return r < 0 ? r : n == (ssize_t)sizeof buffer;
}

int keeper_pump(struct keeper *k, keeper_event_fn *on_event, void *ctx, struct fault *f)
{
    struct receiver receiver = {on_event, ctx, 0};
    int r = 1;

    send_queued(k);
    while (r > 0)
        r = receive(k, &receiver, f);
    send_queued(k); /* what the callbacks have queued */
    return r < 0 ? r : receiver.count;
}

static int check_spec(const struct keeper_spec *spec, struct fault *f)
{
    const char *const paths[] = {spec->cwd, spec->make_dir, spec->stdin_path, spec->stdout_path,
                                 spec->stderr_path};
    size_t id_bytes = spec->id ? strlen(spec->id) : 0;

    if (id_bytes == 0 || id_bytes > KEEPER_ID_MAX)
        return fault_set(f, FAULT_USAGE, "the identity '%.40s' of an attempt has %zu bytes",
                         spec->id ? spec->id : "", id_bytes);
    if (!spec->argv || !spec->argv[0] || !spec->argv[0][0])
        return fault_set(f, FAULT_USAGE, "attempt '%s' has no program", spec->id);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (paths[i] && paths[i][0] != '/')
            return fault_set(f, FAULT_USAGE, "path '%s' of attempt '%s' is not absolute", paths[i],
                             spec->id);
        if (paths[i] && strlen(paths[i]) > REQUEST_PATH_MAX)
            return fault_set(f, FAULT_USAGE, "path '%.40s...' of attempt '%s' is too long",
                             paths[i], spec->id);
    }
    return 0;
}

static int queue(struct keeper *k, const struct request *request, struct fault *f)
{
    size_t before = k->out.length;

    request_add(&k->out, request);
    if (k->out.length - before > REQUEST_MAX_BYTES) {
        k->out.length = before;
        return fault_set(f, FAULT_LIMIT, "the arguments of attempt '%s' are too large",
                         request->spec.id);
    }
    if (k->out.length - k->out_done >= SEND_EARLY_BYTES)
        send_queued(k);
    return 0;
}

int keeper_start(struct keeper *k, const struct keeper_spec *spec, struct fault *f)
{
    struct request request = {.kind = REQUEST_START, .spec = *spec};

    int r = check_spec(spec, f);
    return r < 0 ? r : queue(k, &request, f);
}

int keeper_stop(struct keeper *k, const char *id, int64_t grace_ms, struct fault *f)
{
    struct request request = {.kind = REQUEST_STOP, .id = id, .grace_ms = grace_ms};

    if (strlen(id) > KEEPER_ID_MAX || grace_ms < 0 || grace_ms > REQUEST_GRACE_MAX_MS)
        return fault_set(f, FAULT_USAGE, "cannot stop attempt '%.40s' after %lld ms", id,
                         (long long)grace_ms);
    return queue(k, &request, f);
}

int keeper_dismiss(struct keeper *k, struct fault *f)
{
    struct request request = {.kind = REQUEST_LEAVE};

    return queue(k, &request, f);
}

static int say_confined(struct fault *f)
{
    int r = fault_set(f, FAULT_REFUSED,
                      "this kelp runs in a sandbox, and the keeper of the run does not");

    fault_hint(f, "what it starts there would be out of the sandbox: resume the run from outside");
    return r;
}

/* Until the keeper has said who it is. FAULT_NOT_FOUND: it was just leaving. */
static int greet(struct keeper *k, int64_t limit_us, struct fault *f)
{
    struct pollfd ready = {.fd = k->fd, .events = POLLIN};
    char first[RECORD_HEAD_BYTES + RECORD_MAX_BYTES];
    struct record record;

    send_queued(k);
    for (int64_t left_us; (left_us = limit_us - proc_now_us()) > 0;) {
        if (poll(&ready, 1, (int)(left_us / 1000) + 1) <= 0)
            continue;
        ssize_t bytes = recv(k->fd, first, sizeof first, MSG_DONTWAIT | MSG_PEEK);
        if (bytes == 0 || (bytes < 0 && errno != EAGAIN && errno != EINTR))
            return fault_set(f, FAULT_NOT_FOUND, "the keeper was just leaving");
        int r = bytes > 0 ? record_read(first, (size_t)bytes, &record) : 0;
        if (r > 0 && record.kind == RECORD_BUSY)
            return fault_set(f, FAULT_BUSY, "another kelp is connected to the keeper");
        if (r > 0 && record.kind == RECORD_CONFINED)
            return say_confined(f);
        if (r != 0)
            return 0; /* it stays in the socket, for keeper_pump */
    }
    return fault_set(f, FAULT_BUSY, "the keeper does not answer");
}

static int connect_to(const char *run_dir, int64_t limit_us, struct keeper **ret_keeper,
                      struct fault *f)
{
    int fd;

    int r = address_connect(run_dir, ADDRESS_KEEPER, &fd, f);
    if (r < 0)
        return r;
    struct keeper *k = keeper_new(fd);
    r = greet(k, limit_us, f);
    if (r < 0) {
        keeper_close(k);
        return r;
    }
    *ret_keeper = k;
    return 0;
}

/* One that starts or leaves at this moment holds the record file and does not listen. */
static bool try_again(int r, int64_t limit_us, struct fault *f)
{
    if (r != -FAULT_BUSY || proc_now_us() >= limit_us)
        return false;
    (void)poll(NULL, 0, LAUNCH_PAUSE_MS);
    fault_clear(f);
    return true;
}

int keeper_open(const char *run_dir, const struct keeper_options *o, struct keeper **ret_keeper,
                struct fault *f)
{
    static const struct keeper_options defaults = {0};
    AUTO_FREE char *dir = NULL;

    o = o ? o : &defaults;
    int64_t limit_us = proc_now_us() + 1000 * keeper_start_limit_ms(o);
    int r = os_real_path(run_dir, &dir, f);
    if (r < 0)
        return r;
    for (;;) {
        r = connect_to(dir, limit_us, ret_keeper, f);
        if (r != -FAULT_NOT_FOUND || proc_now_us() >= limit_us)
            return r;
        fault_clear(f);
        r = keeper_launch(dir, o, f);
        if (r < 0 && !try_again(r, limit_us, f))
            return r;
    }
}

int keeper_records_read(const char *run_dir, keeper_event_fn *on_event, void *ctx, struct fault *f)
{
    struct receiver receiver = {on_event, ctx, 0};
    AUTO_FAULT fault = {0};

    int r = ledger_read(run_dir, take_event, &receiver, &fault);
    if (r < 0 && r != -FAULT_NOT_FOUND)
        return fault_move(f, &fault);
    return receiver.count;
}
