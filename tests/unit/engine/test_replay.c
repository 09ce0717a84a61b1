/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/replay.h"

#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>

static struct world w;
static uint32_t job;

static void setup(void)
{
    job = sample_begin(&w);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(replay, .init = setup, .fini = teardown);

static void write_text(const char *name, const char *content)
{
    world_write(&w, name, content, strlen(content));
}

/* As kelp replay leaves the run's folder; `attempt` is what is known of the first one. */
static void be_a_replay(const char *play, const char *attempt)
{
    w.e.tree->request.replay = "recording";
    write_text("recording/play.json", play);
    if (attempt)
        write_text("recording/attempts/1-w1-a1-t1/play.json", attempt);
}

static uint32_t timer_of(enum timer_kind kind)
{
    vector_push(&w.e.tree->timers, (struct timer){.kind = (uint8_t)kind});
    return (uint32_t)w.e.tree->timers.count - 1;
}

static void expect_key(const char *key)
{
    AUTO_FREE char *is = replay_key(w.e.tree, job);

    cr_expect_str_eq(is, key);
}

Test(replay, attempts_are_known_by_who_made_them)
{
    expect_key("1-w1-a1-t1");
    world_end_job(&w, job, (struct outcome){.error = ERROR_RATE_LIMIT, .exit_code = 1, .usd = -1});
    for (size_t i = 0; i < w.e.tree->timers.count; i++)
        tree_apply(w.e.tree,
                   &(struct event){.kind = EVENT_TIMER, .at_ms = 4000, .timer = (uint32_t)i},
                   &w.e.commands);
    job = world_until(&w, JOB_AGENT);
    expect_key("1-w1-a1-t2");
    world_end_job(&w, job,
                  (struct outcome){.claim = CLAIM_OK, .worked = true, .tool_calls = 1, .usd = -1});
    job = world_until(&w, JOB_AGENT);
    expect_key("1-w2-a2-t1");
}

/* Nobody presses Ctrl-C at the same moment twice. */
Test(replay, an_interrupted_attempt_does_not_count)
{
    tree_apply(w.e.tree,
               &(struct event){.kind = EVENT_INTERRUPTED, .at_ms = 2500, .level = INTERRUPT_STOP},
               &w.e.commands);
    world_end_job(&w, job, (struct outcome){.error = ERROR_CRASH, .exit_code = -1, .signal = 15});
    tree_apply(w.e.tree, &(struct event){.kind = EVENT_RESUMED, .at_ms = 4000}, &w.e.commands);
    uint32_t again = world_until(&w, JOB_AGENT);
    cr_assert_neq(again, job);
    job = again;
    expect_key("1-w1-a1-t1");
}

Test(replay, a_program_of_kelps_own_stands_in)
{
    struct keeper_spec spec;
    AUTO_FAULT f = {0};

    be_a_replay("{}", "{}");
    cr_assert_eq(agent_spec(&w.e, job, &w.arena, &spec, &f), 0, "%s", f.message);
    cr_expect(text_ends(spec.argv[0], "/kelp-replay"), "%s", spec.argv[0]);
    cr_expect_str_eq(world_short(&w, mem_string(spec.argv[1])),
                     "RUN/recording/attempts/1-w1-a1-t1");
    cr_expect_null(spec.argv[2]);
    for (size_t i = 0; spec.envp[i]; i++)
        cr_expect_not(text_starts(spec.envp[i], "SAMPLE_"), "%s", spec.envp[i]);
}

Test(replay, in_real_time_it_is_told_so)
{
    const char *const *argv;
    AUTO_FAULT f = {0};

    be_a_replay("{\"real_time\": true}", "{}");
    cr_assert_eq(replay_argv(&w.e, job, &w.arena, &argv, &f), 0, "%s", f.message);
    cr_expect_str_eq(argv[2], "--real-time");
}

Test(replay, what_was_not_recorded_is_said)
{
    struct keeper_spec spec;
    AUTO_FAULT f = {0};

    be_a_replay("{}", NULL);
    cr_assert_eq(agent_spec(&w.e, job, &w.arena, &spec, &f), -FAULT_NOT_FOUND);
    cr_expect_str_eq(f.message, "the recording has no attempt '1-w1-a1-t1'");
}

/* What stopped the recorded run may come later in the replay. */
Test(replay, what_had_not_begun_is_held_back_until_nothing_else_is_due)
{
    be_a_replay("{\"ended\": false}", NULL);
    cr_expect(replay_holds_back(&w.e, job));
    cr_expect(replay_holds_back(&w.e, job), "asked again");
    cr_expect_eq(w.e.held_back.count, 1);

    uint32_t timer = timer_of(TIMER_PROVIDER);
    w.e.tree->outstanding++;
    replay_check_over(&w.e);
    w.e.tree->outstanding--;
    replay_check_over(&w.e);
    cr_expect_eq(w.e.next.events.count, 0, "something else runs, or waits");

    w.e.tree->timers.at[timer].over = true;
    replay_check_over(&w.e);
    cr_assert_eq(w.e.next.events.count, 1);
    cr_expect_eq(w.e.next.events.at[0].kind, EVENT_INTERRUPTED);
    cr_expect_eq(w.e.next.events.at[0].level, INTERRUPT_STOP);
    cr_expect(engine_has_played(&w.e));
    replay_let_go(&w.e, job);
    cr_expect_not(replay_is_held_back(&w.e, job));
}

static const struct {
    const char *play, *attempt;
} not_held_back[] = {
    {"{\"ended\": false}", "{}"}, /* it is recorded */
    {"{\"ended\": true}", NULL},  /* a start says that it is not */
    {"{}", NULL},
};

Test(replay, what_is_recorded_or_should_be_is_not_held_back)
{
    cr_expect_not(replay_holds_back(&w.e, job), "no replay");
    for (size_t i = COUNT_OF(not_held_back); i-- > 0;) {
        be_a_replay(not_held_back[i].play, not_held_back[i].attempt);
        cr_expect_not(replay_holds_back(&w.e, job), "row %zu", i);
    }
}

Test(replay, it_begins_from_the_recorded_commit)
{
    be_a_replay("{\"base\": \"abc\"}", NULL);
    AUTO_FREE char *base = replay_base(&w.e);
    cr_expect_str_eq(base, "abc");
    w.e.tree->request.replay = "";
    cr_expect_null(replay_base(&w.e));
}

static const struct {
    enum timer_kind kind;
    int64_t played, in_real_time;
} waits[] = {
    {TIMER_BACKOFF, 0, 5000},          {TIMER_PROVIDER, 0, 5000},
    {TIMER_ATTEMPT_LIMIT, 5000, 5000}, {TIMER_COMMAND_LIMIT, 5000, 5000},
    {TIMER_RUN_LIMIT, 5000, 5000},
};

Test(replay, only_waits_for_others_are_cut_short)
{
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        uint32_t timer = timer_of(waits[i].kind);
        be_a_replay("{}", NULL);
        cr_expect_eq(replay_wait_ms(&w.e, timer, 5000), waits[i].played, "row %zu", i);
        be_a_replay("{\"real_time\": true}", NULL);
        cr_expect_eq(replay_wait_ms(&w.e, timer, 5000), waits[i].in_real_time, "row %zu", i);
        w.e.tree->request.replay = "";
        cr_expect_eq(replay_wait_ms(&w.e, timer, 5000), 5000, "row %zu", i);
    }
}

Test(replay, what_hung_hangs_for_a_shorter_time)
{
    be_a_replay("{}", "{\"hangs\": true}");
    cr_expect_lt(replay_stall_ms(&w.e, job, 60000), 10000);
    cr_expect_eq(replay_stall_ms(&w.e, job, 0), 0, "for ever is for ever");
    be_a_replay("{}", "{\"hangs\": false}");
    cr_expect_eq(replay_stall_ms(&w.e, job, 60000), 60000);
    be_a_replay("{\"real_time\": true}", "{\"hangs\": true}");
    cr_expect_eq(replay_stall_ms(&w.e, job, 60000), 60000);
}
