/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "engine/ending.h"

#include <criterion/criterion.h>
#include <string.h>

static struct world w;
static uint32_t job;

static void setup(void)
{
    static const char stream[] = "{\"type\":\"start\",\"version\":1,\"session\":\"s-9\"}\n"
                                 "{\"type\":\"end\",\"status\":\"ok\",\"text\":\"mended\"}\n";

    job = sample_begin(&w);
    AUTO_FREE char *id = job_identity(&w.e, job);
    AUTO_FREE char *path = text_format("attempts/%s/stdout", id);
    (void)world_write(&w, path, stream, strlen(stream));
    (void)uv_loop_init(&w.e.loop);
}

static void teardown(void)
{
    (void)uv_run(&w.e.loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&w.e.loop), 0);
    world_end(&w);
}

TestSuite(ending, .init = setup, .fini = teardown);

static const struct keeper_event ended = {.kind = KEEPER_ENDED, .at_ms = 7};

Test(ending, is_told_when_what_is_left_was_read)
{
    size_t before = w.e.next.events.count;

    ending_begin(&w.e, job, &ended);
    cr_assert_eq(w.e.next.events.count, before, "nothing is read on the loop");
    (void)uv_run(&w.e.loop, UV_RUN_DEFAULT);
    cr_assert_eq(w.e.next.events.count, before + 1);
    const struct event *e = &w.e.next.events.at[before];
    cr_expect_eq(e->kind, EVENT_JOB_ENDED);
    cr_expect_eq(e->job, job);
    cr_expect_eq(e->at_ms, 7);
    cr_expect_eq(e->outcome->error, ERROR_NONE, "%s", e->outcome->message);
    cr_expect_str_eq(e->outcome->summary, "mended");
}

Test(ending, is_told_once)
{
    size_t before = w.e.next.events.count;

    ending_begin(&w.e, job, &ended);
    ending_begin(&w.e, job, &ended);
    (void)uv_run(&w.e.loop, UV_RUN_DEFAULT);
    cr_expect_eq(w.e.next.events.count, before + 1);
    cr_expect_null(w.e.endings);
}

Test(ending, an_engine_that_gave_up_is_told_nothing)
{
    size_t before = w.e.next.events.count;

    ending_begin(&w.e, job, &ended);
    w.e.failed = true;
    (void)uv_run(&w.e.loop, UV_RUN_DEFAULT);
    cr_expect_eq(w.e.next.events.count, before);
    cr_expect_null(w.e.endings);
}
