/* SPDX-License-Identifier: Apache-2.0 */
#include "process/holder_priv.h"

#include "base/os.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long what was killed may take to go, and the share of the time that looking for it may take
 * (one part in so many). */
enum { CLEAR_LIMIT_MS = 10 * 1000, LOOK_SHARE = 50, LOOK_AGAIN_MS = 20, REAP_PAUSE_MS = 1000 };

static void note_end(struct attempt *attempt, const siginfo_t *info, const struct rusage *usage)
{
    struct keeper_event *end = &attempt->end;
    bool exited = info->si_code == CLD_EXITED;

    end->exit_code = exited ? info->si_status : -1;
    end->signal = exited ? 0 : info->si_status;
    end->user_us = (int64_t)usage->ru_utime.tv_sec * 1000000 + usage->ru_utime.tv_usec;
    end->system_us = (int64_t)usage->ru_stime.tv_sec * 1000000 + usage->ru_stime.tv_usec;
    end->max_rss_kib = usage->ru_maxrss;
}

/* Reaps the main process if it has ended. */
static void reap_main(struct holder *h, struct attempt *attempt)
{
    siginfo_t info = {0};
    struct rusage usage = {0};

    if (attempt->pid <= 0)
        return;
    /* The system call, unlike the library's function, gives the usage too. */
    long r = syscall(SYS_waitid, P_PID, attempt->pid, &info, WEXITED | WNOHANG, &usage);
    if (r < 0 || info.si_pid == 0)
        return;
    attempt->pid = -1;
    os_close_pointer(&attempt->pidfd);
    attempt->pidfd = -1;
    attempt->end.at_ms = h->now_ms;
    note_end(attempt, &info, &usage);
    (void)holder_step(h, attempt, ATTEMPT_ON_REAPED);
}

void holder_attempt_ready(struct holder *h, struct watch *watch)
{
    reap_main(h, (struct attempt *)watch);
}

/* Reaps every child that has ended: orphans that came to the keeper, and main processes. It costs
 * more the more children there are, so it is not done at every end. */
static void reap_all(struct holder *h)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        struct attempt *attempt = registry_find_pid(&h->registry, info.si_pid);
        if (attempt && attempt->pid == info.si_pid)
            reap_main(h, attempt);
        else
            (void)waitpid(info.si_pid, NULL, WNOHANG); /* it has just been seen to be dead */
    }
}

static bool grouped(const struct attempt *attempt)
{
    return attempt->group != ATTEMPT_NO_GROUP;
}

/* Appends the processes of an attempt that are known now, but for the main one. */
static void collect(struct holder *h, const struct attempt *attempt, struct proc_list *list)
{
    if (grouped(attempt))
        groups_processes(&h->groups, (uint32_t)attempt->group, list);
    for (size_t i = 0; !grouped(attempt) && i < attempt->members.count; i++)
        vector_push(list, attempt->members.at[i]);
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].pid == attempt->pid)
            list->at[i] = list->at[--list->count];
    }
}

static void kill_group(struct holder *h, struct attempt *attempt)
{
    groups_kill(&h->groups, (uint32_t)attempt->group);
    attempt->group_killed = true;
}

static void leave_group(struct holder *h, const struct attempt *attempt)
{
    if (!grouped(attempt))
        h->groupless--;
    else if (attempt->group_killed)
        groups_remove(&h->groups, (uint32_t)attempt->group);
    else
        groups_give_back(&h->groups, (uint32_t)attempt->group);
}

static void signal_all(struct attempt *attempt, const struct proc_list *list, int signal_number)
{
    if (attempt->pid > 0)
        (void)kill(attempt->pid, signal_number); /* not reaped, so it is still this process */
    for (size_t i = 0; i < list->count; i++)
        (void)proc_signal(list->at[i], signal_number); /* gone meanwhile is as good */
}

/* At most once a turn, because it looks at all children. */
static void scan(struct holder *h)
{
    if (!h->scanned)
        remains_scan(&h->remains, &h->registry);
    h->scanned = true;
}

/* Looks afresh, so that what has just lost its parent is found too. */
static void collect_afresh(struct holder *h, struct attempt *attempt, struct proc_list *list)
{
    if (!grouped(attempt)) {
        scan(h);
        remains_note(&h->remains, attempt);
    }
    collect(h, attempt, list);
}

void holder_collect(struct holder *h, struct attempt *attempt, struct proc_list *list)
{
    collect_afresh(h, attempt, list);
    if (attempt->pid > 0)
        vector_push(list, (struct proc_id){attempt->pid, attempt->end.start_ticks});
}

static void enter_stopping(struct holder *h, struct attempt *attempt)
{
    struct proc_list list = {0};

    collect_afresh(h, attempt, &list);
    signal_all(attempt, &list, SIGTERM);
    signal_all(attempt, &list, SIGCONT); /* a process that was stopped hears nothing else */
    vector_free(&list);
}

static void enter_killing(struct holder *h, struct attempt *attempt)
{
    struct proc_list list = {0};

    if (grouped(attempt)) {
        kill_group(h, attempt);
        return;
    }
    collect_afresh(h, attempt, &list);
    signal_all(attempt, &list, SIGKILL);
    vector_free(&list);
}

/* Of an attempt whose main process is gone: kills and counts what is left. */
static void kill_left(struct holder *h, struct attempt *attempt, const struct proc_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!proc_list_has(&attempt->survivors, list->at[i]))
            vector_push(&attempt->survivors, list->at[i]);
    }
    if (grouped(attempt))
        kill_group(h, attempt);
    else
        signal_all(attempt, list, SIGKILL);
}

/* True when the last process of an attempt is gone. A group can be called populated for a moment
 * longer than it has processes. */
static bool is_empty(struct holder *h, struct attempt *attempt)
{
    struct proc_list list = {0};

    attempt->left = 0;
    if (grouped(attempt) && !groups_populated(&h->groups, (uint32_t)attempt->group))
        return true;
    collect(h, attempt, &list);
    attempt->left = list.count;
    if (list.count && attempt->state == ATTEMPT_CLEARING)
        kill_left(h, attempt, &list);
    vector_free(&list);
    return attempt->left == 0;
}

/* A group can be asked at once; otherwise a look at all children serves all that wait. */
static void wait_for_emptiness(struct holder *h, struct attempt *attempt)
{
    if (grouped(attempt) && is_empty(h, attempt)) {
        (void)holder_step(h, attempt, ATTEMPT_ON_EMPTY);
        return;
    }
    if (!attempt->place) {
        vector_push(&h->waiting, attempt);
        attempt->place = h->waiting.count;
    }
    h->look_wanted = true;
}

static void enter_clearing(struct holder *h, struct attempt *attempt)
{
    deadline_set(&h->deadlines, &attempt->deadline, h->now_ms + CLEAR_LIMIT_MS);
    wait_for_emptiness(h, attempt);
}

/* What was killed has come to the keeper by now, or comes soon; then reap_all finds it. A number
 * may have become that of another attempt, whose end is not thrown away. */
static void reap_survivors(struct holder *h, const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->survivors.count; i++) {
        pid_t pid = attempt->survivors.at[i].pid;
        const struct attempt *other = registry_find_pid(&h->registry, pid);
        if (!other || other->pid != pid)
            (void)waitpid(pid, NULL, WNOHANG);
    }
}

static void stop_waiting(struct holder *h, struct attempt *attempt)
{
    if (!attempt->place)
        return;
    struct attempt *last = h->waiting.at[--h->waiting.count];
    h->waiting.at[attempt->place - 1] = last;
    last->place = attempt->place;
    attempt->place = 0;
}

/* Over: reported, forgotten, and freed at the end of the turn. */
static void enter_over(struct holder *h, struct attempt *attempt)
{
    deadline_clear(&h->deadlines, &attempt->deadline);
    if (attempt->output_max_bytes) {
        holder_bound_output(h, attempt);
        h->bounded--;
    }
    reap_survivors(h, attempt);
    if (attempt->session)
        holder_bounds_end(h, attempt);
    if (attempt->session) {
        struct record ended = {.kind = RECORD_ENDED, .event = attempt->end};
        ended.event.id = attempt->id;
        ended.event.survivors = (unsigned)attempt->survivors.count;
        ended.event.unkillable = (unsigned)attempt->left;
        ledger_add(&h->ledger, &ended);
    }
    if (attempt->session)
        leave_group(h, attempt);
    stop_waiting(h, attempt);
    h->owed_bytes -= record_owed_bytes(attempt->id);
    remains_forget(&h->remains, attempt);
    registry_remove(&h->registry, attempt);
    vector_push(&h->over, attempt);
}

static void (*const enter[ATTEMPT_STATE_COUNT])(struct holder *h, struct attempt *attempt) = {
    [ATTEMPT_STOPPING] = enter_stopping,
    [ATTEMPT_KILLING] = enter_killing,
    [ATTEMPT_LINGERING] = wait_for_emptiness,
    [ATTEMPT_CLEARING] = enter_clearing,
    [ATTEMPT_OVER] = enter_over,
};

bool holder_step(struct holder *h, struct attempt *attempt, enum attempt_event event)
{
    struct attempt_step step = attempt_step(attempt->state, event);

    if (!step.allowed)
        return false;
    bool changed = step.next != attempt->state;
    attempt->state = step.next;
    if (changed && enter[step.next])
        enter[step.next](h, attempt);
    return true;
}

static void stop(struct holder *h, struct attempt *attempt, int64_t grace_ms)
{
    int64_t at_ms = h->now_ms + grace_ms;
    bool graced = attempt->state == ATTEMPT_STOPPING || attempt->state == ATTEMPT_LINGERING;

    if (!holder_step(h, attempt, ATTEMPT_ON_STOP))
        return;
    bool sooner = graced && at_ms < attempt->deadline.at_ms;
    if (sooner || (!graced && attempt->state == ATTEMPT_STOPPING))
        deadline_set(&h->deadlines, &attempt->deadline, at_ms);
}

void holder_stop(struct holder *h, const char *id, int64_t grace_ms)
{
    struct attempt *attempt = registry_find(&h->registry, id);

    if (attempt)
        stop(h, attempt, grace_ms);
}

struct stop_all {
    struct holder *holder;
    int64_t grace_ms;
};

static void visit_stop(void *ctx, struct attempt *attempt)
{
    struct stop_all *all = ctx;

    stop(all->holder, attempt, all->grace_ms);
}

void holder_stop_all(struct holder *h, int64_t grace_ms)
{
    struct stop_all all = {h, grace_ms};

    registry_each(&h->registry, visit_stop, &all);
}

/* From the end, because one that is over is replaced by the last. */
static void look_at_waiting(struct holder *h)
{
    for (size_t i = h->waiting.count; i-- > 0;) {
        if (is_empty(h, h->waiting.at[i]))
            (void)holder_step(h, h->waiting.at[i], ATTEMPT_ON_EMPTY);
    }
}

static void look(struct holder *h)
{
    bool reap = h->now_ms >= h->reap_allowed_ms || !h->has_pidfds;

    if (reap) {
        reap_all(h);
        h->scanned = false; /* what has just been reaped may have left something */
        h->reap_allowed_ms = h->now_ms + REAP_PAUSE_MS;
    }
    if ((reap && h->remains.count) || h->groupless)
        scan(h);
    look_at_waiting(h);
    if (h->registry.count == 0)
        remains_kill_strangers(&h->remains);
    /* A child that ends later says so by SIGCHLD, but its group may be told a moment after. */
    if (h->waiting.count)
        deadline_set(&h->deadlines, &h->look_at, h->now_ms + LOOK_AGAIN_MS);
    else if (!reap)
        deadline_set(&h->deadlines, &h->look_at, h->reap_allowed_ms);
}

void holder_look(struct holder *h)
{
    if (!h->look_wanted)
        return;
    int64_t now_us = proc_now_us();
    if (now_us < h->look_allowed_us) {
        deadline_set(&h->deadlines, &h->look_at,
                     h->now_ms + (h->look_allowed_us - now_us) / 1000 + 1);
        return;
    }
    h->look_wanted = false;
    /* Its CPU time counts: on a busy machine a look may last much longer than it works. */
    int64_t start_us = proc_cpu_us();
    look(h);
    h->look_allowed_us = proc_now_us() + (proc_cpu_us() - start_us) * (LOOK_SHARE - 1);
}
