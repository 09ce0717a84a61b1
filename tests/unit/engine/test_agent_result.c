/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>

static struct world w;
static uint32_t job;
static const char *dir; /* of the attempt, below the run's folder */

static void setup(void)
{
    job = sample_begin(&w);
    AUTO_FREE char *id = job_identity(&w.e, job);
    dir = arena_format(&w.arena, "attempts/%s", id);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(agent_result, .init = setup, .fini = teardown);

static const char *leave(const char *name, const char *content)
{
    AUTO_FREE char *path = text_format("%s/%s", dir, name);

    return world_write(&w, path, content, strlen(content));
}

static struct outcome read_it(struct keeper_event ev)
{
    struct outcome o;

    agent_result_read(&w.e, job, &ev, &w.arena, &o);
    return o;
}

static const struct keeper_event ended = {.kind = KEEPER_ENDED};

#define BEGIN "{\"type\":\"start\",\"version\":1,\"session\":\"s-9\",\"model\":\"big\"}\n"
#define WORK                                                                          \
    "{\"type\":\"tool\",\"id\":\"1\",\"name\":\"edit\",\"detail\":\"a.c\"}\n"         \
    "{\"type\":\"tool_result\",\"id\":\"1\",\"ok\":true}\n"                           \
    "{\"type\":\"usage\",\"input\":100,\"cached\":10,\"output\":5,\"context\":115}\n" \
    "{\"type\":\"text\",\"text\":\"it is mended\"}\n"
#define END "{\"type\":\"end\",\"status\":\"ok\",\"text\":\"it is mended\"}\n"

Test(agent_result, the_stream_says_what_was_observed)
{
    leave("stdout", BEGIN WORK END);
    struct outcome o = read_it(ended);

    cr_expect_eq(o.error, ERROR_NONE, "%s", o.message);
    cr_expect(o.worked);
    cr_expect_eq(o.tool_calls, 1);
    cr_expect_eq(o.tokens, 115);
    cr_expect_eq(o.counts.cached, 10);
    cr_expect_eq(o.context_tokens, 115);
    cr_expect_str_eq(o.session, "s-9");
    cr_expect_str_eq(o.model, "big");
    cr_expect_str_eq(o.summary, "it is mended");
    cr_expect_eq(o.claim, CLAIM_NONE);
    cr_expect_lt(o.usd, 0, "an unknown price is unknown");
}

Test(agent_result, the_result_file_is_the_claim)
{
    leave("stdout", BEGIN WORK END);
    leave("result.json", "{\"status\": \"blocked\", \"summary\": \"no key\"}");
    struct outcome o = read_it(ended);

    cr_expect_eq(o.claim, CLAIM_BLOCKED);
    cr_expect_str_eq(o.summary, "no key");
    cr_expect_str_eq(o.message, "no key");
    cr_expect_eq(o.tokens, 115);
}

Test(agent_result, without_its_last_event_it_crashed_whatever_the_status)
{
    leave("stdout", BEGIN WORK);
    struct outcome o = read_it(ended);

    cr_expect_eq(o.error, ERROR_CRASH);
    cr_expect_eq(o.tokens, 115, "what it used is counted all the same");
    cr_expect_str_eq(o.session, "s-9");
}

Test(agent_result, an_error_of_the_stream_is_more_exact_than_the_exit_status)
{
    leave("stdout", BEGIN "{\"type\":\"error\",\"error\":\"rate_limit\",\"message\":\"slow down\","
                          "\"retry_after_ms\":1500}\n"
                          "{\"type\":\"end\",\"status\":\"failed\"}\n");
    struct outcome o = read_it((struct keeper_event){.kind = KEEPER_ENDED, .exit_code = 1});

    cr_expect_eq(o.error, ERROR_RATE_LIMIT);
    cr_expect_eq(o.exit_code, 1);
    cr_expect_eq(o.retry_after_ms, 1500);
    cr_expect_str_eq(o.message, "slow down");
    cr_expect_not(o.worked);
}

Test(agent_result, a_limit_explains_more_than_stream_and_result)
{
    const struct keeper_event by_limit = {.kind = KEEPER_ENDED,
                                          .exit_code = -1,
                                          .signal = 9,
                                          .bound = BOUND_MEMORY,
                                          .bound_most = 1 << 30};

    leave("result.json", "{\"status\": \"o");
    leave("stdout", BEGIN WORK);
    struct outcome o = read_it(by_limit);
    cr_expect_eq(o.error, ERROR_LIMIT);
    cr_expect(text_starts(o.message, "stopped: used more than 1 GiB of memory"), "%s", o.message);
    cr_expect_eq(o.tokens, 115);
    leave("stdout", BEGIN WORK END);
    o = read_it(by_limit);
    cr_expect_eq(o.error, ERROR_LIMIT, "it was ended although it said that it was done");
}

Test(agent_result, nobody_started_it)
{
    struct outcome o = read_it((struct keeper_event){
        .kind = KEEPER_START_FAILED, .error = 2, .error_step = "find the program"});

    cr_expect_eq(o.error, ERROR_FAILED);
    cr_expect_not_null(strstr(o.message, "find the program"));
    cr_expect_lt(o.usd, 0);
}

/* Neither in what is told nor in what is kept. */
Test(agent_result, secrets_are_nowhere)
{
    const char *files[] = {
        leave("stdout", BEGIN "{\"type\":\"text\",\"text\":\"SAMPLE_KEY is hush-hush-hush\"}\n"
                              "{\"type\":\"error\",\"error\":\"failed\",\"message\":"
                              "\"bad key hush-hush-hush\"}\n"
                              "{\"type\":\"end\",\"status\":\"failed\"}\n"),
        leave("stderr", "key: hush-hush-hush"),
        leave("result.json", "{\"status\": \"failed\", \"summary\": \"hush-hush-hush\"}"),
    };
    struct outcome o = read_it((struct keeper_event){.kind = KEEPER_ENDED, .exit_code = 1});

    cr_expect_str_eq(o.message, "bad key **************");
    cr_expect_str_eq(o.summary, "**************");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_TEXT now = {0};
        AUTO_FAULT f = {0};
        cr_assert_eq(os_read_file(files[i], 1 << 20, &now, &f), 0);
        cr_expect_null(strstr(text_get(&now), "hush"), "%s", files[i]);
    }
}
