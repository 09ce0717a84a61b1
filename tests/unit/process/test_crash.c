/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides are killed at random moments, again and again, while attempts start and end. In the
 * end each has ended once, none has run twice, none that is said to have ended well has not run,
 * and nothing is left. A failing seed is printed; KELP_TEST_SEED tries one.
 */
#include "process/keeper.h"

#include "folder.h"
#include "hold.h"

#include "base/text.h"
#include "process/proc.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS = 60, CRASHES = 8, IN_FLIGHT = 16 };

struct outcome {
    unsigned started, ended;
    bool lost;
    int exit_code;
};

struct story {
    struct hold hold;
    uint32_t state;
    struct outcome outcomes[ATTEMPTS];
};

static uint32_t draw(struct story *story, uint32_t below)
{
    story->state = story->state * 1664525 + 1013904223;
    return (story->state >> 8) % below;
}

static size_t number_of(const char *id)
{
    return strtoul(id + 1, NULL, 10);
}

static void learn(void *ctx, const struct keeper_event *event)
{
    struct outcome *outcome = &((struct story *)ctx)->outcomes[number_of(event->id)];

    cr_assert_neq(event->kind, KEEPER_START_FAILED, "cannot %s: %s", event->error_step,
                  strerror(event->error));
    if (event->kind == KEEPER_STARTED) {
        outcome->started++;
        return;
    }
    outcome->ended++;
    outcome->lost = event->lost;
    outcome->exit_code = event->exit_code;
}

/* As an engine does after a crash: what it learns from the records counts, and every start that has
 * no end there is asked for again. */
static void start_outstanding(struct story *story)
{
    size_t open = 0;

    for (size_t i = 0; i < ATTEMPTS && open < IN_FLIGHT; i++) {
        char id[32], script[160];
        if (story->outcomes[i].ended)
            continue;
        open++;
        (void)snprintf(id, sizeof id, "a%zu", i);
        (void)snprintf(script, sizeof script,
                       "echo x >> ran-%zu; setsid sh -c 'echo $$ >> pids; sleep 1000' & "
                       "sleep 0.0%u; exit %zu",
                       i, draw(story, 10), i % 7);
        hold_start(&story->hold, id, script);
    }
}

/* A process that kills the keeper after a while, whatever happens here then. */
static pid_t killer(pid_t keeper, uint32_t after_us)
{
    struct timespec after = {.tv_nsec = (long)after_us * 1000};
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    (void)nanosleep(&after, NULL);
    (void)kill(keeper, SIGKILL);
    _exit(0);
}

static void relearn(struct story *story)
{
    AUTO_FAULT fault = {0};

    memset(story->outcomes, 0, sizeof story->outcomes);
    int r = keeper_records_read(story->hold.folder, learn, story, &fault);
    cr_assert_geq(r, 0, "%s", fault.message);
}

/* Pumps until the keeper is gone or the time is over. */
static void live_on(struct story *story, uint32_t for_us)
{
    AUTO_FAULT fault = {0};

    for (int64_t until_us = proc_now_us() + for_us; proc_now_us() < until_us;) {
        struct pollfd ready = {.fd = keeper_fd(story->hold.keeper), .events = POLLIN};
        (void)poll(&ready, 1, 1);
        if (keeper_pump(story->hold.keeper, NULL, NULL, &fault) < 0)
            return;
    }
}

static void crash(struct story *story)
{
    bool the_keeper = draw(story, 2) == 0;
    uint32_t after_us = draw(story, 60 * 1000);
    pid_t pid = the_keeper ? killer(story->hold.keeper_pid, after_us) : 0;

    story->hold.keeper_dies = the_keeper;
    start_outstanding(story);
    live_on(story, the_keeper ? 200 * 1000 : after_us);
    if (the_keeper) {
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        hold_await_keeper_gone(&story->hold);
    }
    story->hold.keeper_dies = false;
    hold_drop(&story->hold);
    hold_open_again(&story->hold);
    relearn(story);
}

static bool all_ended(const struct story *story)
{
    for (size_t i = 0; i < ATTEMPTS; i++) {
        if (!story->outcomes[i].ended)
            return false;
    }
    return true;
}

static size_t ran(const struct story *story, size_t i)
{
    char name[32];

    (void)snprintf(name, sizeof name, "ran-%zu", i);
    return strlen(folder_read(story->hold.folder, name)) / 2;
}

static void check(const struct story *story, uint32_t seed)
{
    for (size_t i = 0; i < ATTEMPTS; i++) {
        const struct outcome *o = &story->outcomes[i];
        cr_expect_eq(o->ended, 1, "seed %u: attempt %zu ended %u times", seed, i, o->ended);
        cr_expect_leq(o->started, 1, "seed %u: attempt %zu started %u times", seed, i, o->started);
        cr_expect_leq(ran(story, i), 1, "seed %u: attempt %zu ran twice", seed, i);
        cr_expect(o->lost || o->exit_code == (int)(i % 7), "seed %u: attempt %zu: exit %d", seed, i,
                  o->exit_code);
        cr_expect(o->lost || ran(story, i) == 1, "seed %u: attempt %zu did not run", seed, i);
    }
    cr_expect_eq(hold_alive(&story->hold, "pids"), 0, "seed %u: something is left", seed);
}

static const uint32_t seeds[] = {1, 2, 3, 4};

ParameterizedTestParameters(crash, nothing_is_lost_and_nothing_runs_twice)
{
    return cr_make_param_array(uint32_t, (uint32_t *)(uintptr_t)seeds, COUNT_OF(seeds));
}

ParameterizedTest(uint32_t *param, crash, nothing_is_lost_and_nothing_runs_twice)
{
    static struct story story;
    const char *given = getenv("KELP_TEST_SEED");
    uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 10) : *param;

    story.state = seed;
    hold_open(&story.hold, &(struct keeper_options){.no_cgroup = seed % 2});
    for (int i = 0; i < CRASHES; i++)
        crash(&story);
    while (!all_ended(&story)) {
        start_outstanding(&story);
        live_on(&story, 100 * 1000);
        relearn(&story);
    }
    check(&story, seed);
    hold_close(&story.hold);
}
