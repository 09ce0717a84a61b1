/* SPDX-License-Identifier: Apache-2.0 */
/* The program kelp-acp with tests/acp/agent.py, which is an agent that behaves as it is told. */
#include "agent/kelp_stream.h"
#include "process/run.h"
#include "temp_dir.h"

#include <string.h>

struct outcome_of {
    int exit_code;
    struct reading reading;
};

static void run(const char *const *options, const char *how, const char *file, const char *prompt,
                struct outcome_of *ret)
{
    AUTO_FREE char *bridge = text_format("%s/kelp-acp", getenv("KELP_TEST_BUILD"));
    AUTO_FREE char *agent = text_format("%s/tests/acp/agent.py", getenv("KELP_TEST_SOURCE"));
    const char *argv[16] = {bridge};
    AUTO_RUN_RESULT result = {0};
    AUTO_FAULT f = {0};
    size_t n = 1;

    for (; *options; options++)
        argv[n++] = *options;
    argv[n++] = "--";
    argv[n++] = "python3";
    argv[n++] = agent;
    argv[n++] = how;
    argv[n++] = file;
    const struct run_spec spec = {.argv = argv, .input = prompt, .limit_ms = 60 * 1000};
    cr_assert_eq(run_command(&spec, &result, &f), 0, "%s", f.message);
    cr_assert_not(result.timed_out, "%s", how);
    ret->exit_code = result.exit_code;
    reading_begin(&ret->reading, &kelp_reader, NULL);
    reading_feed(&ret->reading, text_get(&result.out), result.out.length);
    reading_end(&ret->reading, &(struct reading_exit){.exit_code = result.exit_code,
                                                      .signal = result.signal,
                                                      .stderr_tail = text_get(&result.err)});
}

static const char *const none[] = {NULL};
static const char *const hasty[] = {"--answer-ms", "200", NULL};
static const char *const both[] = {"--answer-ms", "200", "--grace-ms", "200", NULL};
static const char *const stern[] = {"--grace-ms", "200", NULL};

static const struct {
    const char *how;
    const char *const *options;
    int exit_code;
    enum attempt_error error;
    const char *text, *message;
} cases[] = {
    {"ok", none, 0, ERROR_NONE, "all done", ""},
    {"noise", none, 0, ERROR_NONE, "all done", ""},
    {"leave", stern, 0, ERROR_NONE, "all done", ""},
    {"die", none, 3, ERROR_AUTH, "half an ans", "exit status 3: agent: invalid api key"},
    {"kill", none, 1, ERROR_CRASH, "", "kelp-acp: the agent was ended by signal 9"},
    {"late", hasty, 1, ERROR_TIMEOUT, "", "the agent did not answer initialize within 200 ms"},
    {"babble", both, 1, ERROR_TIMEOUT, "", "the agent did not answer initialize within 200 ms"},
    {"chatter", stern, 0, ERROR_NONE, "all done", ""},
    {"heirs", stern, 0, ERROR_NONE, "all done", ""},
    {"surrogate", none, 0, ERROR_NONE,
     "\xef\xbf\xbd"
     "all done",
     ""},
    {"stop", none, 1, ERROR_CANCELLED, "", "it was told to stop"},
    {"deaf", stern, 1, ERROR_CANCELLED, "", "it was told to stop, and did not answer"},
};

Test(bridge, agents_of_all_kinds)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome_of o;

        run(cases[i].options, cases[i].how, "", "do it", &o);
        cr_expect_eq(o.exit_code, cases[i].exit_code, "%s: %d", cases[i].how, o.exit_code);
        cr_expect_eq(o.reading.error, cases[i].error, "%s: %s", cases[i].how,
                     attempt_error_name(o.reading.error));
        cr_expect_str_eq(text_get(&o.reading.text), cases[i].text, "%s: %s", cases[i].how,
                         text_get(&o.reading.text));
        cr_expect_str_eq(text_get(&o.reading.message), cases[i].message, "%s: %s", cases[i].how,
                         text_get(&o.reading.message));
        reading_free(&o.reading);
    }
}

Test(bridge, permissions)
{
    static const char *const read_only[] = {"--read-only", NULL};
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *file = os_path(dir, "made");
    struct outcome_of o;

    run(read_only, "write", file, "do it", &o);
    cr_expect_not(os_exists(file));
    cr_expect_eq(o.reading.denied, 1);
    cr_expect_eq(o.reading.tool_calls, 0);
    reading_free(&o.reading);
    run(none, "write", file, "do it", &o);
    cr_expect(os_exists(file));
    cr_expect_eq(o.reading.denied, 0);
    cr_expect_eq(o.reading.tool_calls, 1);
    cr_expect_str_eq(o.reading.session, "s1");
    cr_expect_eq(o.reading.used.input, 10);
    cr_expect_eq(o.exit_code, 0);
    reading_free(&o.reading);
}

/* Longer than a pipe holds and than an argument may be. */
Test(bridge, a_long_prompt)
{
    enum { LENGTH = 3 * 1024 * 1024 };
    AUTO_FREE char *prompt = mem_alloc(LENGTH + 1);
    struct outcome_of o;

    memset(prompt, 'x', LENGTH);
    prompt[LENGTH] = '\0';
    run(none, "echo", "", prompt, &o);
    cr_expect_str_eq(text_get(&o.reading.text), "3145728");
    reading_free(&o.reading);
}

Test(bridge, an_earlier_session)
{
    static const char *const session[] = {"--session", "old", NULL};
    struct outcome_of o;

    run(session, "ok", "", "go on", &o);
    cr_expect_str_eq(o.reading.session, "old");
    cr_expect_str_eq(text_get(&o.reading.text), "all done");
    reading_free(&o.reading);
}

Test(bridge, wrong_words_and_no_program)
{
    static const char *const lines[][6] = {
        {"--modle", "x", "--", "true"},
        {"--cwd", "rel", "--", "true"},
        {"--usage", "all", "--", "true"},
        {"--answer-ms", "0", "--", "true"},
        {"--read-only"},
        {"--", "kelp-no-such-program"},
    };
    AUTO_FREE char *bridge = text_format("%s/kelp-acp", getenv("KELP_TEST_BUILD"));

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *argv[8] = {bridge};
        AUTO_RUN_RESULT result = {0};
        AUTO_FAULT f = {0};
        for (size_t k = 0; k < 6 && lines[i][k]; k++)
            argv[k + 1] = lines[i][k];
        cr_assert_eq(run_command(&(struct run_spec){.argv = argv}, &result, &f), 0);
        bool last = i == COUNT_OF(lines) - 1;
        cr_expect_eq(result.exit_code, last ? FAULT_SYSTEM : FAULT_USAGE, "%zu", i);
        cr_expect(strstr(text_get(&result.err), last ? "kelp-no-such-program" : "usage:"));
    }
}
