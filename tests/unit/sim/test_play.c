/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/play.h"

#include <criterion/criterion.h>
#include <string.h>

static void play_seed(uint64_t seed, double crash_chance, struct text *trace,
                      struct play_result *ret)
{
    struct play_options o = {
        .shape = shape_usual(seed), .crash_chance = crash_chance, .trace = trace};

    play(&o, ret);
}

Test(play, the_same_options_give_the_same_play)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        AUTO_TEXT first = {0};
        AUTO_TEXT second = {0};
        struct play_result a, b;
        play_seed(seed, 0.05, &first, &a);
        play_seed(seed, 0.05, &second, &b);
        cr_assert_null(a.broken, "seed %lu: %s", (unsigned long)seed, a.why);
        cr_expect(first.length > 0);
        cr_expect_str_eq(text_get(&first), text_get(&second));
        cr_expect_eq(a.events, b.events);
        cr_expect_eq(a.makespan_ms, b.makespan_ms);
        play_result_free(&a);
        play_result_free(&b);
    }
}

Test(play, a_crash_happens_at_its_point)
{
    struct play_result calm, crashed;
    struct play_options o = {.shape = shape_small(4)};

    play(&o, &calm);
    cr_assert_null(calm.broken);
    cr_expect_eq(calm.counts.accidents[ACCIDENT_CRASH], 0);
    for (uint32_t point = 0; point < calm.crash_points; point++) {
        const struct accident crash = {.kind = ACCIDENT_CRASH, .at = point};
        o.forced = &crash;
        play(&o, &crashed);
        cr_expect_null(crashed.broken, "point %u: %s", point, crashed.why);
        cr_expect_eq(crashed.counts.accidents[ACCIDENT_CRASH], 1, "point %u", point);
        play_result_free(&crashed);
    }
    play_result_free(&calm);
}

Test(play, without_faults_everything_is_done)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct play_options o = {.shape = shape_usual(seed)};
        struct play_result r;
        o.shape.faults = 0;
        play(&o, &r);
        cr_expect_null(r.broken, "seed %lu: %s", (unsigned long)seed, r.why);
        cr_expect_eq(r.counts.ends[RUN_STATUS_DONE], 1, "seed %lu", (unsigned long)seed);
        play_result_free(&r);
    }
}

/* What the clones had that nothing else has is in bundles then, and a retry makes new ones. */
Test(play, clones_that_gc_removes_take_nothing_along)
{
    uint64_t bundles = 0, retries = 0;

    for (uint64_t seed = 1; seed <= 60; seed++) {
        const struct accident collect = {.kind = ACCIDENT_COLLECT};
        struct play_options o = {.shape = shape_usual(seed), .forced = &collect};
        struct play_result r;
        play(&o, &r);
        cr_expect_null(r.broken, "seed %lu: %s", (unsigned long)seed, r.why);
        cr_expect(r.counts.accidents[ACCIDENT_COLLECT], "seed %lu", (unsigned long)seed);
        bundles += r.counts.bundles;
        retries += r.counts.accidents[ACCIDENT_RETRY];
        play_result_free(&r);
    }
    cr_expect(bundles && retries);
}

/* Whatever people do in a turn, and where a commit finds no space. */
Test(play, goes_on_after_an_act_or_a_full_disk_at_any_place)
{
    static const enum accident_kind kinds[] = {ACCIDENT_DRAIN, ACCIDENT_STOP,   ACCIDENT_FINAL,
                                               ACCIDENT_SLEEP, ACCIDENT_KEEPER, ACCIDENT_FULL,
                                               ACCIDENT_UNTOLD};
    struct play_options o = {.shape = shape_small(4)};
    struct play_result calm, struck;

    o.shape.faults = 0;
    play(&o, &calm);
    cr_assert_null(calm.broken);
    for (uint32_t at = 1; at < calm.turns; at++) {
        for (size_t i = 0; i < COUNT_OF(kinds); i++) {
            const struct accident a = {kinds[i], at, kinds[i] == ACCIDENT_SLEEP ? 36000000 : 0};
            o.forced = &a;
            play(&o, &struck);
            cr_expect_null(struck.broken, "%s@%u: %s", accident_kind_name(a.kind), at, struck.why);
            cr_expect_eq(struck.counts.accidents[a.kind], 1, "%s@%u", accident_kind_name(a.kind),
                         at);
            play_result_free(&struck);
        }
    }
    play_result_free(&calm);
}

static uint64_t strikes_written(const struct play_result *r)
{
    uint64_t n = 0;

    for (size_t i = 0; i < r->happened.list.count; i++)
        n += r->happened.list.at[i].kind == ACCIDENT_STRIKE;
    return n;
}

/* The last thing that the disk does is to close the journal. */
Test(play, a_strike_at_the_very_end_is_written_down)
{
    struct play_options o = {.shape = shape_small(4), .journal = true};
    struct play_result calm, struck;
    uint64_t seen = 0;

    o.shape.faults = 0;
    play(&o, &calm);
    cr_assert_null(calm.broken);
    for (uint64_t at = calm.disk_operations - 2; at < calm.disk_operations + 4; at++) {
        const struct accident last = {ACCIDENT_STRIKE, at, DISK_BROKEN};
        o.forced = &last;
        play(&o, &struck);
        cr_expect_null(struck.broken, "%s", struck.why);
        cr_expect_eq(struck.counts.strikes[DISK_BROKEN], strikes_written(&struck));
        seen += strikes_written(&struck);
        play_result_free(&struck);
    }
    cr_expect(seen);
    play_result_free(&calm);
}
