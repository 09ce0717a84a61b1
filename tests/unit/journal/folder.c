/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"
#include "fill.h"
#include "journal/codec.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct folder folder_new(void)
{
    struct folder folder = {.owner = getpid()};
    const char *parent = getenv("TMPDIR");

    (void)snprintf(folder.path, sizeof folder.path, "%s/kelp-journal-XXXXXX",
                   parent ? parent : "/tmp");
    cr_assert_not_null(mkdtemp(folder.path));
    return folder;
}

void folder_remove(struct folder *folder)
{
    AUTO_FAULT f = {0};

    if (getpid() == folder->owner)
        cr_assert_eq(os_remove_tree(folder->path, &f), 0, "%s", f.message);
}

void event_make(uint32_t n, struct arena *arena, struct event *ret)
{
    struct outcome *outcome = ARENA_NEW(arena, struct outcome);
    const struct event kinds[] = {
        {.kind = EVENT_JOB_STARTED, .job = n},
        {.kind = EVENT_JOB_ENDED, .job = n, .outcome = outcome},
        {.kind = EVENT_TIMER, .timer = n},
    };
    unsigned seed = n;

    *ret = kinds[n % COUNT_OF(kinds)];
    ret->at_ms = 1000000 + n;
    if (n % 60 == 1)
        fill_record(&outcome_record, arena, &seed, outcome);
    else if (n % 2)
        *outcome = (struct outcome){.worked = true, .cpu_us = 1234 + n, .max_rss_kib = 4000};
}

void events_write(struct journal *j, uint32_t first, uint32_t last)
{
    AUTO_FAULT f = {0};

    for (uint32_t n = first; n <= last; n++) {
        AUTO_ARENA arena = {0};
        struct event e;
        event_make(n, &arena, &e);
        cr_assert_eq(journal_append(j, &e, &f), 0, "%s", f.message);
    }
    cr_assert_eq(journal_commit(j, &f), 0, "%s", f.message);
}

int expect_event(void *context, const struct event *e)
{
    struct expected *expected = context;
    AUTO_ARENA arena = {0};
    struct event wanted;

    event_make(++expected->seen, &arena, &wanted);
    if (e->kind != wanted.kind || e->at_ms != wanted.at_ms || e->job != wanted.job ||
        e->timer != wanted.timer || (e->kind == EVENT_JOB_ENDED) != (e->outcome != NULL) ||
        (e->outcome && differs(&outcome_record, e->outcome, wanted.outcome)))
        expected->wrong = true;
    return 0;
}

void journal_fill(const char *run_dir, uint32_t count)
{
    AUTO_FAULT f = {0};
    struct journal *j;

    cr_assert_eq(journal_create(run_dir, &j, &f), 0, "%s", f.message);
    events_write(j, 1, count);
    journal_close(j);
}

uint32_t journal_replayed(struct journal *j, struct fault *f)
{
    AUTO_ARENA plans = {0};
    struct expected expected = {0};
    int r = journal_replay(j, &plans, expect_event, &expected, f);

    cr_assert_not(expected.wrong, "a wrong event among %u", expected.seen);
    cr_assert_eq(r, -(int)f->code);
    return expected.seen;
}
