/* SPDX-License-Identifier: Apache-2.0 */
#include "process/record.h"

#include "process/spawn.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const struct record samples[] = {
    {.kind = RECORD_SESSION,
     .version = RECORD_VERSION,
     .event = {.at_ms = 1, .pid = 77, .start_ticks = 12345},
     .boot_id = "0f2b2f8e-3a54-4a53-9d7b-94a7cbb9d8c1",
     .mark = "00112233445566778899aabbccddeeff",
     .groups = "/sys/fs/cgroup/x"},
    {.kind = RECORD_BEGIN, .event = {.id = "ORG_4729.1/w1.I1.a1", .at_ms = 1763800000000}},
    {.kind = RECORD_STARTED, .event = {.id = "a", .at_ms = 3, .pid = 1, .start_ticks = UINT64_MAX}},
    {.kind = RECORD_FAILED,
     .step = SPAWN_STEP_CWD,
     .event = {.id = "a", .at_ms = 4, .error = ENOENT}},
    {.kind = RECORD_ENDED,
     .event = {.id = "a",
               .at_ms = 5,
               .pid = 9,
               .start_ticks = 10,
               .exit_code = -1,
               .signal = 9,
               .lost = true,
               .user_us = 11,
               .system_us = 12,
               .max_rss_kib = 13,
               .survivors = 14,
               .unkillable = 15,
               .dropped_bytes = 16}},
    {.kind = RECORD_ENDED,
     .event = {.id = "a", .at_ms = 6, .bound = BOUND_FILE_SIZE, .bound_most = UINT64_MAX}},
    {.kind = RECORD_BUSY, .event = {.at_ms = 6}},
    {.kind = RECORD_CONFINED, .event = {.at_ms = 7}},
};

static void expect_same_text(const char *a, const char *b)
{
    cr_expect_str_eq(a ? a : "(none)", b ? b : "(none)");
}

static void expect_same(const struct record *a, const struct record *b)
{
    const struct keeper_event *x = &a->event, *y = &b->event;

    cr_expect_eq(a->kind, b->kind);
    cr_expect_eq(a->step, b->step);
    cr_expect_eq(a->version, b->version);
    expect_same_text(a->boot_id, b->boot_id);
    expect_same_text(a->mark, b->mark);
    expect_same_text(a->groups, b->groups);
    expect_same_text(x->id, y->id);
    cr_expect_eq(x->at_ms, y->at_ms);
    cr_expect_eq(x->pid, y->pid);
    cr_expect_eq(x->start_ticks, y->start_ticks);
    cr_expect_eq(x->exit_code, y->exit_code);
    cr_expect_eq(x->signal, y->signal);
    cr_expect_eq(x->lost, y->lost);
    cr_expect_eq(x->user_us, y->user_us);
    cr_expect_eq(x->system_us, y->system_us);
    cr_expect_eq(x->max_rss_kib, y->max_rss_kib);
    cr_expect_eq(x->survivors, y->survivors);
    cr_expect_eq(x->unkillable, y->unkillable);
    cr_expect_eq(x->dropped_bytes, y->dropped_bytes);
    cr_expect_eq(x->bound, y->bound);
    cr_expect_eq(x->bound_most, y->bound_most);
    cr_expect_eq(x->error, y->error);
}

Test(record, every_kind_comes_back)
{
    AUTO_TEXT t = {0};
    size_t at = 0;

    for (size_t i = 0; i < COUNT_OF(samples); i++)
        record_add(&t, &samples[i]);
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct record record;
        int n = record_read(t.data + at, t.length - at, &record);
        cr_assert_gt(n, 0, "record %zu", i);
        expect_same(&record, &samples[i]);
        at += (size_t)n;
    }
    cr_expect_eq(at, t.length);
}

Test(record, events_are_those_that_an_engine_is_told)
{
    cr_expect(record_is_event(RECORD_STARTED));
    cr_expect(record_is_event(RECORD_FAILED));
    cr_expect(record_is_event(RECORD_ENDED));
    cr_expect_not(record_is_event(RECORD_SESSION));
    cr_expect_not(record_is_event(RECORD_BEGIN));
    cr_expect_not(record_is_event(RECORD_BUSY));
    cr_expect_not(record_is_event(RECORD_CONFINED));
    cr_expect_not(record_is_event((enum record_kind)99));
}

Test(record, a_failed_step_is_said_in_words)
{
    AUTO_TEXT t = {0};
    struct record record;

    record_add(&t, &samples[3]);
    cr_assert_gt(record_read(t.data, t.length, &record), 0);
    cr_expect_str_eq(record.event.error_step, "enter its folder");
    cr_expect_eq(record.event.kind, KEEPER_START_FAILED);
}

Test(record, a_part_is_not_a_record_yet)
{
    AUTO_TEXT t = {0};
    struct record record;

    record_add(&t, &samples[4]);
    for (size_t length = 0; length < t.length; length++)
        cr_expect_eq(record_read(t.data, length, &record), 0, "%zu bytes", length);
}

/* Any single damaged bit is seen: in the fields by the sum, in the length by either. */
Test(record, a_damaged_bit_is_no_record)
{
    AUTO_TEXT t = {0};
    struct record record;

    record_add(&t, &samples[4]);
    for (size_t bit = 0; bit < t.length * 8; bit++) {
        t.data[bit / 8] = (char)(t.data[bit / 8] ^ (1 << bit % 8));
        cr_expect_leq(record_read(t.data, t.length, &record), 0, "bit %zu", bit);
        t.data[bit / 8] = (char)(t.data[bit / 8] ^ (1 << bit % 8));
    }
    cr_expect_gt(record_read(t.data, t.length, &record), 0);
}

Test(record, a_newer_format_is_told_from_damage)
{
    AUTO_TEXT t = {0};
    struct record session = samples[0], record;

    session.version = RECORD_VERSION + 1;
    record_add(&t, &session);
    cr_expect_eq(record_read(t.data, t.length, &record), -FAULT_NEWER);
}

/* A keeper reserves the space of what it will have to write before it starts anything. */
Test(record, no_attempt_takes_more_than_is_reserved_for_it)
{
    const char *const ids[] = {"a", "ORG_4729.1/w1.I1.a1"};

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        AUTO_TEXT t = {0};
        for (size_t k = 1; k < COUNT_OF(samples); k++) {
            struct record record = samples[k];
            record.event.id = ids[i];
            bool least = record.kind == RECORD_ENDED && !record.event.bound;
            if (record.kind != RECORD_FAILED && record.kind != RECORD_BUSY &&
                record.kind != RECORD_CONFINED && !least)
                record_add(&t, &record);
        }
        cr_expect_eq(t.length, record_owed_bytes(ids[i]));
    }
}
