/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char plan[] = "version: 1\n"
                           "task: one\n"
                           "research: []\n"
                           "subtasks:\n"
                           "  - title: one\n"
                           "    steps: [ { id: a, role: A, run: x } ]\n";

static struct world w;
static uint32_t job;
static const char *dir; /* of the attempt, below the run's folder */

static void setup(void)
{
    AUTO_FAULT f = {0};

    world_begin(&w, plan, NULL);
    job = world_until(&w, JOB_AGENT);
    AUTO_FREE char *id = job_identity(&w.e, job);
    AUTO_FREE char *results = os_path(w.dir, "context/results");
    dir = arena_format(&w.arena, "attempts/%s", id);
    cr_assert_eq(os_make_dirs(results, 0700, &f), 0);
}

static void teardown(void)
{
    world_end(&w);
}

TestSuite(result, .init = setup, .fini = teardown);

static void leave(const char *name, const char *content)
{
    AUTO_FREE char *path = text_format("%s/%s", dir, name);

    (void)world_write(&w, path, content, strlen(content));
}

static struct outcome read_it(struct keeper_event ev)
{
    struct outcome o;

    result_read(&w.e, job, &ev, &w.arena, &o);
    return o;
}

static const struct keeper_event ended = {.kind = KEEPER_ENDED};

Test(result, the_exit_status_is_a_fact)
{
    static const struct {
        struct keeper_event ev;
        enum attempt_error error;
        int32_t exit_code;
        const char *message;
    } cases[] = {
        {{.kind = KEEPER_ENDED}, ERROR_NONE, 0, NULL},
        {{.kind = KEEPER_ENDED, .exit_code = 3}, ERROR_FAILED, 3, "exit status 3: it broke"},
        {{.kind = KEEPER_ENDED, .exit_code = -1, .signal = 9},
         ERROR_CRASH,
         -1,
         "ended by signal 9 (Killed): it broke"},
        {{.kind = KEEPER_ENDED, .exit_code = -1, .lost = true},
         ERROR_CRASH,
         -1,
         "its end was not seen: the machine or its keeper died: it broke"},
        {{.kind = KEEPER_ENDED,
          .exit_code = -1,
          .signal = 9,
          .bound = BOUND_MEMORY,
          .bound_most = 512 << 20},
         ERROR_LIMIT,
         -1,
         "stopped: used more than 512 MiB of memory (`limits.memory` of one attempt)"},
        {{.kind = KEEPER_ENDED, .bound = BOUND_PROCESSES, .bound_most = 20},
         ERROR_LIMIT,
         0,
         "stopped: used more than 20 processes and threads (`limits.processes` of one attempt)"},
        {{.kind = KEEPER_START_FAILED, .error = 2, .error_step = "find the program"},
         ERROR_FAILED,
         -1,
         "could not start: find the program: No such file or directory"},
    };

    leave("stdout", "fine\n");
    leave("stderr", "a warning\nit broke\n\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome o = read_it(cases[i].ev);
        cr_expect_eq(o.error, cases[i].error, "case %zu", i);
        cr_expect_eq(o.exit_code, cases[i].exit_code, "case %zu", i);
        if (cases[i].message)
            cr_expect(text_starts(o.message ? o.message : "", cases[i].message), "%s", o.message);
        else
            cr_expect_null(o.message);
    }
}

Test(result, without_a_file_the_last_line_stands_in)
{
    leave("stdout", "first\nthe \xff last\n \n");
    struct outcome o = read_it(ended);

    cr_expect_eq(o.claim, CLAIM_NONE);
    cr_expect_str_eq(o.summary, "the \xef\xbf\xbd last");
}

Test(result, the_file_is_a_claim)
{
    leave("result.json", "{\"status\": \"ok\", \"summary\": \"done\", \"metrics\": {\"files\": 3, "
                         "\"word\": \"x\"}, \"findings\": [{}, {}], \"follow_up\": [\"more\", 1], "
                         "\"unknown\": true}");
    leave("stdout", "said\n");
    struct outcome o = read_it(ended);

    cr_expect_eq(o.error, ERROR_NONE);
    cr_expect_eq(o.claim, CLAIM_OK);
    cr_expect_str_eq(o.summary, "done");
    cr_assert_eq(o.metrics.count, 1);
    cr_expect_str_eq(o.metrics.at[0].name, "files");
    cr_expect_eq(o.metrics.at[0].value, 3);
    cr_expect_eq(o.findings, 2);
    cr_assert_eq(o.follow_up.count, 1);
    cr_expect_str_eq(o.follow_up.at[0], "more");
    AUTO_FREE char *kept = text_format("%s/context/results/ORG_4729.1-w1-a1.json", w.dir);
    cr_expect(os_exists(kept), "those after it can't read '%s'", kept);
}

Test(result, an_honest_failure_says_why)
{
    static const struct {
        const char *status;
        enum claim claim;
    } cases[] = {{"failed", CLAIM_FAILED}, {"blocked", CLAIM_BLOCKED}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *text =
            text_format("{\"status\": \"%s\", \"summary\": \"no key\"}", cases[i].status);
        leave("result.json", text);
        struct outcome o = read_it(ended);
        cr_expect_eq(o.claim, cases[i].claim);
        cr_expect_eq(o.error, ERROR_NONE);
        cr_expect_str_eq(o.message, "no key");
    }
}

Test(result, a_malformed_file_says_where)
{
    static const char *const cases[][2] = {
        {"{\n  \"status\": oops }", "result.json:2:1"},
        {"", "result.json:1:"},
        {"[1]", "result.json:1:1: the result is not a JSON object"},
        {"{\"status\": \"super\"}", "`status` is none of ok, failed, blocked"},
        {"{\"status\": 1}", "`status` is none of ok, failed, blocked"},
        {"{\"summary\": \"\xff\"}", "result.json:1:"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        leave("result.json", cases[i][0]);
        struct outcome o = read_it(ended);
        cr_expect_eq(o.error, ERROR_MALFORMED, "case %zu", i);
        cr_expect_not_null(strstr(o.message, cases[i][1]), "%s", o.message);
        cr_expect_not_null(strstr(o.message, "a result reads {"), "%s", o.message);
    }
}

Test(result, a_failure_is_not_hidden_by_a_malformed_file)
{
    leave("result.json", "nothing");
    struct outcome o = read_it((struct keeper_event){.kind = KEEPER_ENDED, .exit_code = 3});

    cr_expect_eq(o.error, ERROR_FAILED);
    cr_expect_eq(o.exit_code, 3);
}

Test(result, only_a_file_is_a_result)
{
    AUTO_FREE char *path = text_format("%s/%s/result.json", w.dir, dir);

    leave("stdout", "");
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    cr_expect_eq(read_it(ended).error, ERROR_MALFORMED);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(read_it(ended).error, ERROR_MALFORMED);
}

Test(result, a_long_summary_is_cut_between_characters)
{
    AUTO_TEXT text = {0};

    text_add(&text, "{\"status\": \"ok\", \"summary\": \"x");
    for (int i = 0; i < 3000; i++)
        text_add(&text, "\xc3\xa9");
    text_add(&text, "\"}");
    leave("result.json", text_get(&text));
    struct outcome o = read_it(ended);
    size_t length = strlen(o.summary);

    cr_expect_eq(length, 3999);
    cr_expect_eq(text_utf8_valid(o.summary, length), length);
}
