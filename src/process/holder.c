/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A turn of the loop: wait; descriptors (ends, signals, the socket); times that have come; requests
 * of the engine; what is left of ended attempts; write the records; send them; free what is over.
 */
#include "process/holder_priv.h"

#include "base/os.h"
#include "process/address.h"
#include "process/marker.h"
#include "process/sandbox_space.h"
#include "process/signals.h"
#include "process/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256, AGAIN_MS = 200, STOP_ALL_GRACE_MS = 5000 };

int holder_watch(struct holder *h, int fd, uint32_t events, struct watch *watch)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(h->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Asked to end by the system: so do the attempts, and then the keeper. */
static void signal_ready(struct holder *h, struct watch *watch UNUSED)
{
    struct signalfd_siginfo info;

    while (read(h->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            h->look_wanted = true;
            continue;
        }
        h->dismissed = true;
        holder_stop_all(h, STOP_ALL_GRACE_MS);
    }
}

/* Nothing is handled or ignored, so that children need no reset; what matters is read. */
static int open_signals(struct holder *h, struct fault *f)
{
    sigset_t all, wanted;

    for (int s = 1; s < NSIG; s++)
        signal_reset(s);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGCHLD);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGINT);
    h->signal_fd = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (h->signal_fd < 0)
        return fault_system(f, errno, "cannot read signals");
    h->signal_watch.ready = signal_ready;
    int r = holder_watch(h, h->signal_fd, EPOLLIN, &h->signal_watch);
    return r < 0 ? fault_system(f, -r, "cannot watch signals") : 0;
}

/* A descriptor an attempt: as many as the system gives. */
static void raise_limit(struct holder *h)
{
    (void)getrlimit(RLIMIT_NOFILE, &h->files); /* fails only for an unknown limit */
    struct rlimit raised = {.rlim_cur = h->files.rlim_max, .rlim_max = h->files.rlim_max};
    (void)setrlimit(RLIMIT_NOFILE, &raised); /* otherwise a start says which descriptor it lacks */
}

static void take_past(void *ctx, const struct record *record)
{
    struct holder *h = ctx;

    if (record->kind == RECORD_BEGIN)
        registry_add_past(&h->registry, record->event.id);
    if (record->kind == RECORD_SESSION)
        memcpy(h->mark, record->mark, strlen(record->mark) + 1);
}

static void add_session(struct holder *h)
{
    char boot_id[PROC_BOOT_ID_BYTES];
    struct proc_stat self = {0};

    proc_boot_id(boot_id);
    (void)proc_stat_read(getpid(), &self); /* without it a sweep takes this keeper for gone */
    struct record session = {
        .kind = RECORD_SESSION,
        .version = RECORD_VERSION,
        .event = {.at_ms = h->now_ms, .pid = getpid(), .start_ticks = self.start_ticks},
        .boot_id = boot_id,
        .mark = h->mark,
        .groups = h->groups.path ? h->groups.path : "",
    };
    ledger_add(&h->ledger, &session);
}

static void open_groups(struct holder *h)
{
    AUTO_FREE char *name = text_format("kelp-%.12s-%d", h->mark, (int)getpid());

    h->groups.base_fd = -1;
    if (!h->options.no_cgroup)
        (void)groups_open(&h->groups, name); /* without them, by sessions and parents */
    if (h->options.no_cgroup)
        return;
    struct fence_limits limits;
    fence_limits_of_machine(&limits);
    fence_open(&h->fence, &h->groups, name, strlen(name) - strlen(strrchr(name, '-')) + 1, &limits);
    bound_groups_open(&h->bound_groups, &h->groups, &h->fence);
}

static int take_run(struct holder *h, struct fault *f)
{
    struct keeper_swept swept;

    int r = ledger_open(h->options.run_dir, &h->ledger, f);
    if (r == 0)
        r = sweep_ledger(&h->ledger, NULL, NULL, &swept, f);
    if (r == 0)
        r = ledger_load(&h->ledger, take_past, h, f);
    if (r == 0 && !h->mark[0])
        r = marker_new(h->mark, f);
    return r;
}

int holder_open(const struct holder_options *options, struct holder **ret_holder, struct fault *f)
{
    struct holder *h = MEM_NEW(struct holder);

    h->options = *options;
    h->epoll_fd = h->listen_fd = h->signal_fd = h->jail_fd = -1;
    h->link.fd = h->ledger.fd = h->groups.base_fd = -1;
    clock_real_init(&h->clock);
    h->now_ms = clock_now_ms(&h->clock);
    h->remains.mark = h->mark;
    h->has_pidfds = true;
    raise_limit(h);
    /* The lowest numbers are for what a start needs: a child's cost grows with their height. */
    h->jail_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int r = 0;
    if (h->jail_fd < 0 || h->epoll_fd < 0)
        r = fault_system(f, errno, "cannot make an epoll");
    if (r == 0)
        r = take_run(h, f);
    if (r == 0)
        r = link_listen(h, f);
    if (r < 0) {
        holder_close(h);
        return r;
    }
    *ret_holder = h;
    return 0;
}

static void free_over(struct holder *h)
{
    for (size_t i = 0; i < h->over.count; i++)
        attempt_free(h->over.at[i]);
    h->over.count = 0;
}

void holder_close(struct holder *h)
{
    if (!h)
        return;
    if (h->listen_fd >= 0)
        address_remove(h->options.run_dir, ADDRESS_KEEPER);
    link_close(h);
    free_over(h);
    registry_free(&h->registry);
    remains_free(&h->remains);
    bound_groups_close(&h->bound_groups);
    groups_close(&h->groups);
    fence_close(&h->fence);
    ledger_close(&h->ledger);
    deadlines_free(&h->deadlines);
    arena_free(&h->turn);
    vector_free(&h->begun);
    vector_free(&h->waiting);
    vector_free(&h->over);
    os_close_pointer(&h->listen_fd);
    os_close_pointer(&h->signal_fd);
    os_close_pointer(&h->jail_fd);
    os_close_pointer(&h->epoll_fd);
    free(h);
}

void holder_try_again(struct holder *h)
{
    deadline_set(&h->deadlines, &h->again_at, h->now_ms + AGAIN_MS);
}

bool holder_flush(struct holder *h)
{
    AUTO_FAULT fault = {0};

    if (!h->ledger.pending.length)
        return true;
    if (ledger_flush(&h->ledger, &fault) == 0)
        return true;
    holder_try_again(h); /* what is not on file is not reported either */
    return false;
}

static void time_has_come(struct holder *h, struct deadline *deadline)
{
    if (deadline == &h->look_at) {
        h->look_wanted = true;
    } else if (deadline == &h->output_at) {
        holder_bound_outputs(h);
    } else if (deadline == &h->bound_at) {
        holder_bounds_look(h);
    } else if (deadline == &h->leave_at) {
        link_accept(h); /* an engine may come at this very moment */
        h->leaving = h->link.fd < 0;
    } else if (deadline != &h->again_at) {
        char *attempt = (char *)deadline - offsetof(struct attempt, deadline);
        (void)holder_step(h, (struct attempt *)attempt, ATTEMPT_ON_TIME);
    }
}

static int wait_ms(const struct holder *h)
{
    int64_t wait = deadlines_wait_ms(&h->deadlines, h->now_ms);

    if (h->link.more)
        return 0;
    return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

/* Alone and idle it waits a while for an engine; dismissed and idle it goes. */
static void see_whether_to_leave(struct holder *h)
{
    bool idle = h->registry.count == 0 && h->ledger.pending.length == 0;

    if (idle && h->dismissed && link_is_idle(h))
        h->leaving = true;
    if (!idle || h->link.fd >= 0)
        deadline_clear(&h->deadlines, &h->leave_at);
    else if (!h->leave_at.place)
        deadline_set(&h->deadlines, &h->leave_at, h->now_ms + h->options.leave_after_ms);
}

static void turn(struct holder *h)
{
    struct epoll_event events[EVENTS_PER_TURN];
    struct deadline *deadline;

    int n = epoll_wait(h->epoll_fd, events, EVENTS_PER_TURN, wait_ms(h));
    h->now_ms = clock_now_ms(&h->clock);
    h->scanned = false;
    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data.ptr;
        watch->ready(h, watch);
    }
    while ((deadline = deadlines_next(&h->deadlines, h->now_ms)) != NULL)
        time_has_come(h, deadline);
    link_serve(h);
    holder_look(h);
    (void)holder_flush(h); /* a failure has set the time of the next try */
    link_send(h);
    free_over(h);
    see_whether_to_leave(h);
}

int holder_run(struct holder *h, struct fault *f)
{
    int r = open_signals(h, f);

    if (r < 0)
        return r;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return fault_system(f, errno, "cannot adopt orphans");
    open_groups(h);
    h->no_spaces = !sandbox_space_works();
    add_session(h);
    while (!h->leaving)
        turn(h);
    return 0;
}
