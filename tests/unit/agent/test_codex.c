/* SPDX-License-Identifier: Apache-2.0 */
#include "launches.h"
#include "streams.h"

static char *words_for(const char *const *variables, const char *base_url, const char *session,
                       const char *schema)
{
    AUTO_ARENA a = {0};
    struct driver_launch l = {0};
    struct driver_request q = launch_request(variables);

    q.base_url = base_url;
    q.session = session;
    q.schema = schema;
    launch_prepare("codex", &q, &a, &l);
    return launch_line(&l);
}

#define NOTHING ((const char *const[]){NULL})
#define KEY ((const char *const[]){"OPENAI_API_KEY=k", NULL})

Test(codex, command_lines)
{
    static const char head[] =
        "exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -c ";
    AUTO_FREE char *plain = words_for(NOTHING, "", "", "");
    AUTO_FREE char *resumed = words_for(NOTHING, "", "id", "{}");

    cr_expect(text_starts(plain, head), "%s", plain);
    cr_expect(text_ends(plain, " -c agents.max_depth=1 -"), "%s", plain);
    cr_expect(text_ends(resumed, " --output-schema /run/a/schema.json resume id -"), "%s", resumed);
    cr_expect_null(strstr(plain, "model_provider"), "the user's stays");
}

Test(codex, an_endpoint_is_a_provider_that_does_not_retry)
{
    AUTO_FREE char *with_key = words_for(KEY, "http://h/\"v1", "", "");
    AUTO_FREE char *without = words_for(NOTHING, "http://h/v1", "", "");

    cr_expect_not_null(strstr(with_key, "-c model_provider=\"kelp\" "));
    cr_expect_not_null(strstr(with_key, "{name=\"kelp\",base_url=\"http://h/\\\"v1\","
                                        "wire_api=\"responses\",env_key=\"OPENAI_API_KEY\","
                                        "request_max_retries=0,stream_max_retries=0}"),
                       "%s", with_key);
    cr_expect_null(strstr(without, "env_key"));
}

/* The program itself looks at no OPENAI_API_KEY. */
Test(codex, a_key_alone_is_enough)
{
    static const char *const own_key[] = {"OPENAI_API_KEY=k", "CODEX_API_KEY=k", NULL};
    AUTO_FREE char *alone = words_for(KEY, "", "", "");
    AUTO_FREE char *its_own = words_for(own_key, "", "", "");

    cr_expect_not_null(strstr(alone, "base_url=\"https://api.openai.com/v1\""), "%s", alone);
    cr_expect_null(strstr(its_own, "model_provider"));
}

Test(codex, home_and_files)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *user = temp_dir_new();
    AUTO_FREE char *folder = os_path(user, ".codex");
    AUTO_FREE char *login = os_path(folder, "auth.json");
    AUTO_FREE char *config = os_path(folder, "config.toml");
    struct driver_launch l = {0};
    struct driver_request q = launch_request(KEY);

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0);
    cr_assert_eq(os_write_file(login, "{}", 2, 0600, &f), 0);
    cr_assert_eq(os_write_file(config, "", 0, 0600, &f), 0);
    q.user_home = user;
    q.schema = "{\"type\":\"object\"}";
    launch_prepare("codex", &q, &a, &l);
    cr_expect(launch_has(&l.set, "CODEX_HOME=/run/homes/I1"));
    cr_expect_str_eq(launch_file_at(&l, "/run/homes/I1/auth.json")->target, login);
    cr_expect_str_eq(launch_file_at(&l, "/run/homes/I1/config.toml")->target, config);
    cr_expect_str_eq(launch_file_at(&l, "/run/a/schema.json")->content, q.schema);
    cr_expect_eq(l.writable.count, 1);
    cr_expect(launch_has(&l.secrets, "OPENAI_API_KEY"));
    AUTO_FREE char *words = launch_line(&l);
    cr_expect_null(strstr(words, "model_provider"), "the user has a configuration");
}

#define USAGE \
    "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":1000,\"cached_input_tokens\":"
#define FAILED(text) "{\"type\":\"turn.failed\",\"error\":{\"message\":\"" text "\"}}\n"

Test(codex, ends)
{
    static const struct {
        const char *lines;
        int exit_code;
        enum attempt_error error;
        const char *message;
    } cases[] = {
        {USAGE "400}}\n", 0, ERROR_NONE, ""},
        {USAGE "400}}\n", 1, ERROR_FAILED, "it ended with exit status 1"},
        {FAILED("unexpected status 401 Unauthorized: no, url: http://h, request id: 7"), 1,
         ERROR_AUTH, "unexpected status 401 Unauthorized: no"},
        {FAILED("Incomplete response returned, reason: max_output_tokens"), 1, ERROR_FAILED,
         "its answer was cut off: too many tokens"},
        {FAILED("Missing environment variable: `OPENAI_API_KEY`."), 1, ERROR_AUTH,
         "Missing environment variable: `OPENAI_API_KEY`."},
        {FAILED("{\\\"error\\\":{\\\"message\\\":\\\"no such model\\\"}}"), 1, ERROR_FAILED,
         "no such model"},
        {"{\"type\":\"error\",\"message\":\"Reconnecting... 1/5 (status 500)\"}\n", 0,
         ERROR_TRANSIENT, "it ended while it waits: Reconnecting... 1/5 (status 500)"},
        {"{\"type\":\"turn.failed\",\"error\":\"odd\"}\n", 1, ERROR_FAILED, "its turn failed"},
        {"{\"type\":\"item.completed\",\"item\":[]}\n{\"type\":{}}\nplain\n", 0, ERROR_CRASH,
         "its output ended before its last word"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        stream_read("codex", cases[i].lines, cases[i].exit_code, "", &r);
        cr_expect_eq(r.error, cases[i].error, "case %zu: %s", i, attempt_error_name(r.error));
        cr_expect_str_eq(text_get(&r.message), cases[i].message);
    }
}

Test(codex, usage_is_that_of_the_whole_thread)
{
    AUTO_ARENA a = {0};
    AUTO_READING r;
    struct outcome o = {0};
    struct session_use before = {.tokens = {.input = 500, .cached = 300}};

    stream_read("codex", USAGE "400}}\n", 0, "", &r);
    cr_expect_eq(r.used.input, 600, "what was cached is in the input");
    reading_outcome(&r, &before, &a, &o);
    cr_expect_eq(o.counts.input, 100);
    cr_expect_eq(o.counts.cached, 100);
    cr_expect_lt(o.usd, 0, "it tells no cost");
}

Test(codex, what_it_does)
{
    static const struct {
        const char *item, *activity;
        unsigned calls, denied;
    } cases[] = {
        {"\"type\":\"command_execution\",\"command\":\"/bin/bash -lc 'make test'\"",
         "shell make test", 1, 0},
        {"\"type\":\"command_execution\",\"command\":\"ls\"", "shell ls", 1, 0},
        {"\"type\":\"file_change\",\"changes\":[{\"path\":\"/copy/src/a.c\"}]", "edit src/a.c", 1,
         0},
        {"\"type\":\"mcp_tool_call\",\"tool\":\"report\",\"error\":{\"message\":\"requires "
         "approval, but approval policy is never\"}",
         "report", 0, 1},
        {"\"type\":\"command_execution\",\"status\":\"declined\"", "shell", 0, 1},
        {"\"type\":\"reasoning\",\"text\":\"hm\"", "", 0, 0},
        {"\"type\":\"error\",\"message\":\"Model metadata not found\"", "", 0, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        AUTO_FREE char *line =
            text_format("{\"type\":\"item.completed\",\"item\":{%s}}\n", cases[i].item);
        stream_read("codex", line, 0, "", &r);
        cr_expect_str_eq(text_get(&r.activity), cases[i].activity);
        cr_expect_eq(r.tool_calls, cases[i].calls, "%s", cases[i].item);
        cr_expect_eq(r.denied, cases[i].denied, "%s", cases[i].item);
    }
}
