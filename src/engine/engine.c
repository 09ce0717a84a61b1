/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop. In libuv's order a turn is: timers and stalls (events are queued) -> prepare: journal,
 * apply, commit, carry out -> poll: the keeper's reports and signals (events are queued). Nothing
 * that the world can see happens before the event that asked for it is on disk.
 */
#include "engine/admission.h"
#include "engine/engine_priv.h"
#include "engine/follow.h"
#include "engine/homes.h"
#include "engine/redo.h"
#include "engine/replay.h"

#include "base/os.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { TICK_MS = 250, WORKERS_PER_CORE = 2 };

struct arena *engine_arena(struct engine *e)
{
    return &e->next.arena;
}

void engine_queue(struct engine *e, struct event event)
{
    if (!event.at_ms)
        event.at_ms = clock_now_ms(&e->clock);
    vector_push(&e->next.events, event);
}

void engine_post(struct engine *e, const struct event *event)
{
    engine_queue(e, *event);
}

void engine_end_job(struct engine *e, uint32_t job, struct outcome outcome)
{
    struct outcome *kept = arena_copy(engine_arena(e), &outcome, sizeof outcome);

    engine_queue(e, (struct event){.kind = EVENT_JOB_ENDED, .job = job, .outcome = kept});
}

void engine_fail_job(struct engine *e, uint32_t job, const struct fault *f)
{
    if (redo_stops(e, job, f))
        return;
    AUTO_FREE char *message = fault_text(f);
    struct outcome o = {.error = ERROR_FAILED, .exit_code = -1};

    o.message = f->hint ? arena_format(engine_arena(e), "%s (%s)", message, f->hint)
                        : arena_string(engine_arena(e), message);
    engine_end_job(e, job, o);
}

void engine_give_up(struct engine *e, struct fault *f)
{
    if (!e->failed)
        (void)fault_move(&e->fault, f);
    e->failed = true;
    uv_stop(&e->loop);
}

struct timer_handle {
    uv_timer_t timer;
    struct engine *e;
    uint32_t id;
};

static void free_timer(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct timer_handle *h = timer->data;

    engine_queue(h->e, (struct event){.kind = EVENT_TIMER, .timer = h->id});
    uv_close((uv_handle_t *)timer, free_timer);
}

static void set_timer(struct engine *e, uint32_t id, int64_t at_ms)
{
    struct timer_handle *h = MEM_NEW(struct timer_handle);
    int64_t left = replay_wait_ms(e, id, at_ms - clock_now_ms(&e->clock));

    h->e = e;
    h->id = id;
    h->timer.data = h;
    (void)uv_timer_init(&e->loop, &h->timer);
    (void)uv_timer_start(&h->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

static void carry_out(struct engine *e)
{
    /* Internal jobs queue events and never commands, so the list does not grow meanwhile. */
    for (size_t i = 0; i < e->commands.list.count; i++) {
        struct command c = e->commands.list.at[i];
        switch (c.kind) {
        case COMMAND_START:
            launch_job(e, c.job);
            break;
        case COMMAND_STOP:
            launch_stop(e, c.job);
            break;
        case COMMAND_TIMER:
            set_timer(e, c.timer, c.at_ms);
            break;
        case COMMAND_END:
            e->ended = true;
            break;
        }
    }
    e->commands.list.count = 0;
}

static int note_status(struct engine *e, struct fault *f)
{
    bool over = e->tree->phase == RUN_ENDED;

    return journal_set_status(e->journal, over ? run_status_name(e->tree->status) : "", f);
}

static int apply(struct engine *e, const struct batch *b, struct fault *f)
{
    enum run_phase before = e->tree->phase;
    int r = 0;

    for (size_t i = 0; r == 0 && i < b->events.count; i++) {
        r = journal_append(e->journal, &b->events.at[i], f);
        if (r == 0)
            tree_apply(e->tree, &b->events.at[i], &e->commands);
    }
    if (r == 0 && (before == RUN_ENDED) != (e->tree->phase == RUN_ENDED))
        r = note_status(e, f);
    return r < 0 ? r : journal_commit(e->journal, f);
}

static void turn(struct engine *e)
{
    while (e->next.events.count && !e->failed) {
        struct batch b = e->next;
        AUTO_FAULT f = {0};
        e->next = (struct batch){0};
        if (apply(e, &b, &f) < 0) {
            fault_hint(&f, "make room or mend the disk, then `kelp resume`");
            engine_give_up(e, &f);
        } else {
            for (size_t i = 0; e->options.hooks.event && i < b.events.count; i++)
                e->options.hooks.event(e->options.hooks.ctx, e->tree, &b.events.at[i]);
            carry_out(e);
        }
        vector_free(&b.events);
        arena_free(&b.arena);
    }
}

static bool finished(const struct engine *e)
{
    if (e->failed)
        return true;
    if (e->next.events.count)
        return false;
    return e->ended || (e->tree->interrupt && !tree_busy(e->tree));
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct engine *e = prepare->data;

    do {
        turn(e);
        if (!finished(e))
            keep_pump(e);
        replay_check_over(e);
    } while (e->next.events.count && !e->failed);
    if (finished(e))
        uv_stop(&e->loop);
}

static void on_tick_timer(uv_timer_t *timer)
{
    struct engine *e = timer->data;

    e->options.hooks.tick(e->options.hooks.ctx, e->tree, clock_now_ms(&e->clock));
}

static const struct {
    int number;
    uint8_t level, again; /* enum interrupt_level; the second when it comes another time; 0: none */
} signals[] = {
    {SIGINT, INTERRUPT_DRAIN, INTERRUPT_STOP},
    /* Whoever sends it, a service manager for one, kills what does not end soon. */
    {SIGTERM, INTERRUPT_STOP, INTERRUPT_STOP},
    /* A terminal that was closed, or a connection that broke, is no reason to lose a night. */
    {SIGHUP, 0, 0},
    {SIGUSR1, INTERRUPT_FINAL, INTERRUPT_FINAL},
};
_Static_assert(COUNT_OF(signals) == COUNT_OF(((struct engine *)NULL)->signals), "a handle each");

static void on_signal(uv_signal_t *handle, int number)
{
    struct engine *e = handle->data;
    size_t i = (size_t)(handle - e->signals);
    enum interrupt_level level =
        (enum interrupt_level)(e->interrupts ? signals[i].again : signals[i].level);

    log_write(e->options.log, LOG_LEVEL_INFO, "signal %d (%s)", number, strsignal(number));
    if (!level)
        return;
    e->interrupts++;
    engine_queue(e, (struct event){.kind = EVENT_INTERRUPTED, .level = level});
}

static void open_loop(struct engine *e)
{
    (void)uv_loop_init(&e->loop);
    (void)uv_prepare_init(&e->loop, &e->prepare);
    e->prepare.data = e;
    (void)uv_prepare_start(&e->prepare, on_prepare);
    (void)uv_timer_init(&e->loop, &e->stall_timer);
    e->stall_timer.data = e; /* stall.c starts it */
    (void)uv_timer_init(&e->loop, &e->follow_timer);
    e->follow_timer.data = e; /* follow.c starts it */
    (void)uv_timer_init(&e->loop, &e->admission_timer);
    e->admission_timer.data = e; /* admission.c starts it */
    (void)uv_timer_init(&e->loop, &e->tick_timer);
    e->tick_timer.data = e;
    if (e->options.hooks.tick)
        (void)uv_timer_start(&e->tick_timer, on_tick_timer, TICK_MS, TICK_MS);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        (void)uv_signal_init(&e->loop, &e->signals[i]);
        e->signals[i].data = e;
        (void)uv_signal_start(&e->signals[i], on_signal, signals[i].number);
    }
}

/* Those of the engine itself; all others are of the tree. */
static bool is_own_timer(const struct engine *e, const uv_handle_t *handle)
{
    const uv_timer_t *const own[] = {&e->stall_timer, &e->follow_timer, &e->tick_timer,
                                     &e->admission_timer};

    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (handle == (const uv_handle_t *)own[i])
            return true;
    return false;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    struct engine *e = arg;
    bool of_tree = handle->type == UV_TIMER && !is_own_timer(e, handle);

    if (uv_is_closing(handle))
        return;
    if (handle->type == UV_NAMED_PIPE)
        requests_end(e, handle);
    else if (handle->type == UV_FS_EVENT)
        follow_close(handle);
    else
        uv_close(handle, of_tree ? free_timer : NULL);
}

static void close_loop(struct engine *e)
{
    uv_walk(&e->loop, close_handle, e);
    (void)uv_run(&e->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&e->loop) != 0)
        bug("the loop has handles left");
}

static int make_folders(const struct engine_options *o, struct fault *f)
{
    static const char *const names[] = {"attempts", "clones", "context/results", "cache", "homes"};
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(names); i++) {
        AUTO_FREE char *path = os_path(o->run_dir, names[i]);
        r = os_make_dirs(path, 0700, f);
    }
    return r;
}

static int replay_event(void *context, const struct event *event)
{
    struct engine *e = context;

    tree_apply(e->tree, event, &e->commands);
    e->commands.list.count = 0; /* what is outstanding is asked again by RESUMED */
    return 0;
}

int engine_new(const struct engine_options *options, struct journal *j, struct engine **ret,
               struct fault *f)
{
    struct engine *e = MEM_NEW(struct engine);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    e->options = *options;
    e->journal = j;
    e->tree = tree_new();
    e->workers_max = (uint32_t)(cores > 0 ? cores : 1) * WORKERS_PER_CORE;
    clock_real_init(&e->clock);
    e->opened_ms = clock_now_ms(&e->clock);
    int r = make_folders(options, f);
    if (r == 0)
        r = journal_replay(j, &e->plans, replay_event, e, f);
    if (r < 0) {
        engine_free(e);
        return r;
    }
    *ret = e;
    return 0;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    tree_free(e->tree);
    vector_free(&e->next.events);
    arena_free(&e->next.arena);
    vector_free(&e->commands.list);
    vector_free(&e->waiting);
    vector_free(&e->active);
    vector_free(&e->held_back);
    vector_free(&e->tries);
    vector_free(&e->watched);
    vector_free(&e->followed);
    arena_free(&e->plans);
    arena_free(&e->arena);
    fault_clear(&e->fault);
    free(e);
}

bool engine_has_played(const struct engine *e)
{
    return e->played;
}

const struct tree *engine_tree(const struct engine *e)
{
    return e->tree;
}

/* The run is over: the keeper need not wait for another engine. If it does not hear of it, it
 * leaves by itself a little later. */
static void dismiss(struct engine *e)
{
    AUTO_FAULT ignored = {0};

    if (keeper_dismiss(e->keeper, &ignored) == 0 &&
        keeper_pump(e->keeper, launch_keeper_event, e, &ignored) < 0)
        log_write(e->options.log, LOG_LEVEL_DEBUG, "the keeper left first");
}

int engine_run(struct engine *e, struct fault *f)
{
    int r = keep_open(e, f);

    if (r < 0)
        return r;
    e->ended = false;
    open_loop(e);
    admission_begin(e);
    r = requests_open(e, f);
    if (r == 0)
        (void)uv_run(&e->loop, UV_RUN_DEFAULT);
    if (r == 0 && e->ended && !e->failed) {
        dismiss(e);
        homes_sweep(e);
    }
    requests_close(e);
    keep_close(e);
    close_loop(e);
    if (r < 0)
        return r;
    return e->failed ? fault_move(f, &e->fault) : 0;
}
