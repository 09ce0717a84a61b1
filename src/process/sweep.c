/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sweep.h"

#include "base/call_numbers.h"
#include "base/clock.h"
#include "base/vector.h"
#include "process/groups.h"
#include "process/marker.h"
#include "process/registry.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILL_LIMIT_MS = 5000, KILL_PAUSE_MS = 50 };

struct survey {
    char boot_id[PROC_BOOT_ID_BYTES]; /* of the last keeper */
    char mark[RECORD_MARK_BYTES];
    VECTOR(char *) groups; /* folders of the keepers' control groups */
    struct registry open;  /* attempts whose end is not on file */
    struct proc_list ended;
};

static void survey_free(struct survey *survey)
{
    for (size_t i = 0; i < survey->groups.count; i++)
        free(survey->groups.at[i]);
    registry_free(&survey->open);
    vector_free(&survey->groups);
    vector_free(&survey->ended);
}

static void note_session(struct survey *survey, const struct record *record)
{
    memcpy(survey->boot_id, record->boot_id, strlen(record->boot_id) + 1);
    memcpy(survey->mark, record->mark, strlen(record->mark) + 1);
    if (*record->groups)
        vector_push(&survey->groups, mem_string(record->groups));
}

static void note_begin(struct survey *survey, const struct record *record)
{
    if (!registry_find(&survey->open, record->event.id))
        registry_add(&survey->open, attempt_new(record->event.id));
}

static void note_started(struct survey *survey, const struct record *record)
{
    struct attempt *attempt = registry_find(&survey->open, record->event.id);

    if (!attempt || attempt->session)
        return;
    attempt->session = record->event.pid;
    attempt->end.pid = record->event.pid;
    attempt->end.start_ticks = record->event.start_ticks;
    registry_add_pid(&survey->open, attempt);
}

static void note_over(struct survey *survey, const struct record *record)
{
    struct attempt *attempt = registry_find(&survey->open, record->event.id);

    if (!attempt)
        return;
    registry_remove(&survey->open, attempt);
    attempt_free(attempt);
}

static void note_nothing(struct survey *survey UNUSED, const struct record *record UNUSED)
{
}

static void survey_record(void *ctx, const struct record *record)
{
    static void (*const notes[])(struct survey * survey, const struct record *record) = {
        [RECORD_SESSION] = note_session,  [RECORD_BEGIN] = note_begin,
        [RECORD_STARTED] = note_started,  [RECORD_FAILED] = note_over,
        [RECORD_ENDED] = note_over,       [RECORD_BUSY] = note_nothing,
        [RECORD_CONFINED] = note_nothing,
    };

    notes[record->kind](ctx, record);
}

/* Of a main process that still runs: then the number means no other session. */
static bool is_main_session(const struct survey *survey, pid_t session)
{
    const struct attempt *attempt = registry_find_pid(&survey->open, session);

    return attempt && proc_alive((struct proc_id){session, attempt->end.start_ticks});
}

static void add(struct proc_list *list, struct proc_id id)
{
    if (id.pid != getpid() && !proc_list_has(list, id))
        vector_push(list, id);
}

static void add_with_descendants(struct proc_list *list, struct proc_id id)
{
    struct proc_list below = {0};

    proc_descendants(id.pid, &below);
    add(list, id);
    for (size_t i = 0; i < below.count; i++)
        add(list, below.at[i]);
    vector_free(&below);
}

/* Everything that runs and belongs to this run's attempts. */
static void find_running(const struct survey *survey, struct proc_list *list)
{
    struct proc_list all = {0}, grouped = {0};

    for (size_t i = 0; i < survey->groups.count; i++)
        groups_processes_below(survey->groups.at[i], &grouped);
    for (size_t i = 0; i < grouped.count; i++)
        add(list, grouped.at[i]);
    (void)proc_all(&all); /* what cannot be seen cannot be killed either */
    for (size_t i = 0; i < all.count; i++) {
        struct proc_stat stat;
        AUTO_FREE char *id = marker_of(all.at[i].pid, survey->mark);
        bool ours = id || (proc_stat_read(all.at[i].pid, &stat) == 0 &&
                           is_main_session(survey, stat.session));
        if (ours)
            add_with_descendants(list, all.at[i]);
    }
    vector_free(&all);
    vector_free(&grouped);
}

static void wait_for_end(const struct proc_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, list->at[i].pid, 0),
                             .events = POLLIN};
        if (end.fd < 0)
            continue;
        if (proc_alive(list->at[i]))
            (void)poll(&end, 1, KILL_PAUSE_MS); /* the caller looks again */
        (void)close(end.fd);
        (void)waitpid(list->at[i].pid, NULL, WNOHANG); /* if this process has adopted it */
    }
}

/* Kills until nothing is found any more, or the time is over. */
static void kill_running(struct survey *survey, struct clock *clock, struct keeper_swept *swept)
{
    int64_t limit_ms = clock_now_ms(clock) + KILL_LIMIT_MS;
    struct proc_list list = {0};

    do {
        list.count = 0;
        find_running(survey, &list);
        for (size_t i = 0; i < survey->groups.count; i++)
            groups_kill_below(survey->groups.at[i]);
        for (size_t i = 0; i < list.count; i++) {
            (void)proc_signal(list.at[i], SIGKILL); /* gone meanwhile is as good */
            add(&survey->ended, list.at[i]);
        }
        wait_for_end(&list);
    } while (list.count && clock_now_ms(clock) < limit_ms);
    for (size_t i = 0; i < list.count; i++)
        swept->unkillable += proc_alive(list.at[i]);
    swept->ended = (unsigned)survey->ended.count;
    for (size_t i = 0; i < survey->groups.count; i++)
        groups_remove_below(survey->groups.at[i]);
    vector_free(&list);
}

struct losses {
    struct ledger *ledger;
    int64_t now_ms;
    keeper_event_fn *on_event;
    void *ctx;
};

static void record_lost(void *ctx, struct attempt *attempt)
{
    struct losses *losses = ctx;
    struct record ended = {.kind = RECORD_ENDED, .event = attempt->end};

    ended.event.kind = KEEPER_ENDED;
    ended.event.id = attempt->id;
    ended.event.at_ms = losses->now_ms;
    ended.event.exit_code = -1;
    ended.event.lost = true;
    ledger_add(losses->ledger, &ended);
    if (losses->on_event)
        losses->on_event(losses->ctx, &ended.event);
}

int sweep_ledger(struct ledger *ledger, keeper_event_fn *on_event, void *ctx,
                 struct keeper_swept *ret_swept, struct fault *f)
{
    struct survey survey = {0};
    struct keeper_swept swept = {0};
    struct clock clock;
    char boot_id[PROC_BOOT_ID_BYTES];

    clock_real_init(&clock);
    int r = ledger_load(ledger, survey_record, &survey, f);
    if (r == 0) {
        proc_boot_id(boot_id);
        swept.rebooted = survey.mark[0] && strcmp(boot_id, survey.boot_id) != 0;
        if (survey.mark[0] && !swept.rebooted)
            kill_running(&survey, &clock, &swept);
        swept.lost = (unsigned)survey.open.count;
        struct losses losses = {ledger, clock_now_ms(&clock), on_event, ctx};
        registry_each(&survey.open, record_lost, &losses);
        r = ledger_flush(ledger, f);
    }
    survey_free(&survey);
    if (r == 0)
        *ret_swept = swept;
    return r;
}

int keeper_sweep(const char *run_dir, keeper_event_fn *on_event, void *ctx,
                 struct keeper_swept *ret_swept, struct fault *f)
{
    struct ledger ledger = {.fd = -1};

    int r = ledger_open(run_dir, &ledger, f);
    if (r == 0)
        r = sweep_ledger(&ledger, on_event, ctx, ret_swept, f);
    ledger_close(&ledger);
    return r;
}
