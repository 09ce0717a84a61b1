/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of a play on a disk that fails. */
#include "sim/storage.h"

#include "sim/play.h"
#include "sim/tape.h"

#include <criterion/criterion.h>

static size_t read_back(struct storage *s)
{
    AUTO_FAULT f = {0};
    struct event_sums sums = {0};

    cr_assert_eq(storage_open(s, &sums, &f), 0, "%s", f.message);
    size_t count = sums.list.count;
    vector_free(&sums.list);
    return count;
}

/* Opens, writes one event, and commits it unless the disk has something against it. */
static int write_one(struct storage *s)
{
    const struct event e = {.kind = EVENT_TIMER, .at_ms = 5, .timer = 1};
    AUTO_FAULT f = {0};
    int r = storage_append(s, &e, &f);

    return r < 0 ? r : storage_commit(s, &f);
}

Test(storage, keeps_what_was_committed_and_nothing_else)
{
    const struct event e = {.kind = EVENT_TIMER, .at_ms = 6, .timer = 2};
    AUTO_FAULT f = {0};
    struct storage *s;

    cr_assert_eq(storage_new(1, &s, &f), 0);
    cr_expect_eq(read_back(s), 0);
    cr_expect_eq(write_one(s), 0);
    cr_expect_eq(storage_append(s, &e, &f), 0);
    cr_expect_eq(storage_end(s, DISK_POWER), DISK_POWER);
    cr_expect_eq(read_back(s), 1, "the second was never committed");
    cr_expect_eq(write_one(s), 0);
    cr_expect_eq(storage_end(s, DISK_SOUND), DISK_SOUND);
    cr_expect_eq(read_back(s), 2);
    storage_free(s);
}

Test(storage, a_full_disk_refuses_and_loses_nothing)
{
    AUTO_FAULT f = {0};
    struct storage *s;

    cr_assert_eq(storage_new(2, &s, &f), 0);
    cr_expect_eq(read_back(s), 0);
    cr_expect_eq(write_one(s), 0);
    disk_plan(storage_disk(s), disk_operations(storage_disk(s)) + 1, DISK_FULL);
    cr_expect_lt(write_one(s), 0);
    cr_expect_eq(storage_end(s, DISK_SOUND), DISK_FULL);
    cr_expect_eq(read_back(s), 1);
    storage_free(s);
}

/* A play goes on from what its journal holds, wherever the disk was cut. */
Test(storage, a_cut_at_any_of_the_first_operations_is_got_over)
{
    struct play_options o = {.shape = shape_small(3), .journal = true};
    struct play_result calm, cut;

    o.shape.faults = 0;
    play(&o, &calm);
    cr_assert_null(calm.broken, "%s", calm.why);
    cr_expect_gt(calm.disk_operations, 40);
    for (uint64_t at = 1; at <= 40; at++) {
        const struct accident strike = {ACCIDENT_STRIKE, at, at % 2 ? DISK_POWER : DISK_KILL};
        o.forced = &strike;
        play(&o, &cut);
        cr_expect_null(cut.broken, "operation %lu: %s", (unsigned long)at, cut.why);
        cr_expect_eq(cut.counts.accidents[ACCIDENT_STRIKE], 1);
        play_result_free(&cut);
    }
    play_result_free(&calm);
}
