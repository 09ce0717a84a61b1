/* SPDX-License-Identifier: Apache-2.0 */
#include "hold.h"

#include "folder.h"

#include "base/text.h"
#include "process/proc.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Generous: it bounds a failure, it measures nothing. */
enum { LIMIT_MS = 60 * 1000, LOOK_MS = 5 };

static char *keeper_program(void)
{
    const char *build = getenv("KELP_TEST_BUILD");

    cr_assert_not_null(build, "KELP_TEST_BUILD names the build folder");
    return text_format("%s/kelp-keeper", build);
}

static void take(void *ctx, const struct keeper_event *event)
{
    struct hold *hold = ctx;

    hold->events = mem_resize(hold->events, hold->count + 1, sizeof *hold->events);
    hold->events[hold->count] = *event;
    hold->events[hold->count++].id = mem_string(event->id);
}

static void forget_events(struct hold *hold)
{
    for (size_t i = 0; i < hold->count; i++)
        free((char *)(uintptr_t)hold->events[i].id);
    free(hold->events);
    hold->events = NULL;
    hold->count = 0;
}

/* False: the keeper is gone. */
static bool pump(struct hold *hold, int64_t until_us)
{
    AUTO_FAULT fault = {0};
    short events = (short)(POLLIN | (keeper_wants_write(hold->keeper) ? POLLOUT : 0));
    struct pollfd ready = {.fd = keeper_fd(hold->keeper), .events = events};

    cr_assert_gt(until_us, proc_now_us(), "it takes too long");
    (void)poll(&ready, 1, LOOK_MS * 20);
    bool there = keeper_pump(hold->keeper, take, hold, &fault) >= 0;
    if (keeper_pid(hold->keeper))
        hold->keeper_pid = keeper_pid(hold->keeper);
    return there;
}

static int64_t limit(void)
{
    return proc_now_us() + 1000 * LIMIT_MS;
}

void hold_open_again(struct hold *hold)
{
    AUTO_FAULT fault = {0};

    forget_events(hold);
    int r = keeper_open(hold->folder, &hold->options, &hold->keeper, &fault);
    cr_assert_eq(r, 0, "%s", fault.message);
    hold->keeper_pid = 0;
    for (int64_t until_us = limit(); !hold->keeper_pid;)
        cr_assert(pump(hold, until_us));
}

void hold_open(struct hold *hold, const struct keeper_options *options)
{
    *hold = (struct hold){.folder = folder_make()};
    if (options)
        hold->options = *options;
    hold->options.program = keeper_program();
    hold_open_again(hold);
}

void hold_drop(struct hold *hold)
{
    keeper_close(hold->keeper);
    hold->keeper = NULL;
}

void hold_await_keeper_gone(const struct hold *hold)
{
    struct proc_stat stat;

    for (int64_t until_us = limit(); proc_stat_read(hold->keeper_pid, &stat) == 0 && !stat.dead;) {
        cr_assert_gt(until_us, proc_now_us(), "the keeper stays");
        (void)poll(NULL, 0, LOOK_MS);
    }
}

void hold_close(struct hold *hold)
{
    AUTO_FAULT fault = {0};
    int64_t until_us = limit();

    if (!hold->keeper)
        hold_open_again(hold);
    for (size_t i = 0; i < hold->started.count; i++) {
        hold_stop(hold, hold->started.at[i], 0);
        free(hold->started.at[i]);
    }
    vector_free(&hold->started);
    cr_assert_eq(keeper_dismiss(hold->keeper, &fault), 0);
    while (pump(hold, until_us))
        ;
    hold_await_keeper_gone(hold);
    hold_drop(hold);
    forget_events(hold);
    free((char *)(uintptr_t)hold->options.program);
    folder_remove(hold->folder);
}

void hold_start_spec(struct hold *hold, const struct keeper_spec *spec)
{
    AUTO_FAULT fault = {0};

    vector_push(&hold->started, mem_string(spec->id));
    cr_assert_eq(keeper_start(hold->keeper, spec, &fault), 0, "%s", fault.message);
    int r = keeper_pump(hold->keeper, take, hold, &fault);
    cr_assert(r >= 0 || hold->keeper_dies, "%s", fault.message);
}

void hold_start(struct hold *hold, const char *id, const char *script)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};
    AUTO_FREE char *out = text_format("%s/%s.out", hold->folder, id);
    AUTO_FREE char *err = text_format("%s/%s.err", hold->folder, id);
    struct keeper_spec spec = {
        .id = id,
        .argv = argv,
        .envp = envp,
        .cwd = hold->folder,
        .stdout_path = out,
        .stderr_path = err,
    };

    hold_start_spec(hold, &spec);
}

void hold_stop(struct hold *hold, const char *id, int64_t grace_ms)
{
    AUTO_FAULT fault = {0};

    cr_assert_eq(keeper_stop(hold->keeper, id, grace_ms, &fault), 0, "%s", fault.message);
    cr_assert_geq(keeper_pump(hold->keeper, take, hold, &fault), 0, "%s", fault.message);
}

static const struct keeper_event *find(const struct hold *hold, const char *id,
                                       enum keeper_event_kind kind)
{
    for (size_t i = 0; i < hold->count; i++) {
        if (hold->events[i].kind == kind && strcmp(hold->events[i].id, id) == 0)
            return &hold->events[i];
    }
    return NULL;
}

struct keeper_event hold_await(struct hold *hold, const char *id, enum keeper_event_kind kind)
{
    int64_t until_us = limit();

    while (!find(hold, id, kind)) {
        const struct keeper_event *failed = find(hold, id, KEEPER_START_FAILED);
        cr_assert_null(failed, "'%s' cannot %s: %s", id, failed->error_step,
                       strerror(failed->error));
        cr_assert(pump(hold, until_us), "the keeper is gone");
    }
    return *find(hold, id, kind);
}

struct keeper_event hold_await_over(struct hold *hold, const char *id)
{
    int64_t until_us = limit();

    for (;;) {
        const struct keeper_event *ended = find(hold, id, KEEPER_ENDED);
        const struct keeper_event *failed = find(hold, id, KEEPER_START_FAILED);
        if (ended || failed)
            return ended ? *ended : *failed;
        cr_assert(pump(hold, until_us), "the keeper is gone");
    }
}

size_t hold_seen(const struct hold *hold, const char *id, enum keeper_event_kind kind)
{
    size_t seen = 0;

    for (size_t i = 0; i < hold->count; i++)
        seen += hold->events[i].kind == kind && strcmp(hold->events[i].id, id) == 0;
    return seen;
}

void hold_await_lines(const struct hold *hold, const char *name, size_t lines)
{
    for (int64_t until_us = limit();;) {
        const char *text = folder_read(hold->folder, name);
        size_t count = 0;
        for (const char *p = text; *p; p++)
            count += *p == '\n';
        if (count >= lines)
            return;
        cr_assert_gt(until_us, proc_now_us(), "'%s' has only %zu lines", name, count);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

size_t hold_alive(const struct hold *hold, const char *name)
{
    const char *at = folder_read(hold->folder, name);
    size_t alive = 0;

    while (*at) {
        struct proc_stat stat;
        char *end;
        long pid = strtoll(at, &end, 10);
        cr_assert(pid > 0 && *end == '\n', "'%s' is no list of pids", name);
        alive += proc_stat_read((pid_t)pid, &stat) == 0 && !stat.dead;
        at = end + 1;
    }
    return alive;
}

void hold_await_none_alive(const struct hold *hold, const char *name)
{
    for (int64_t until_us = limit(); hold_alive(hold, name) > 0;) {
        cr_assert_gt(until_us, proc_now_us(), "some of '%s' live on", name);
        (void)poll(NULL, 0, LOOK_MS);
    }
}
