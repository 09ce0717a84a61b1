/* SPDX-License-Identifier: Apache-2.0 */
#include "launches.h"
#include "streams.h"

#define BASE "-p --output-format stream-json --verbose --dangerously-skip-permissions"

Test(claude, command_lines)
{
    static const struct {
        const char *model, *session, *schema;
        bool read_only;
        const char *words;
    } cases[] = {
        {"", "", "", false, BASE},
        {"opus", "", "", false, BASE " --model opus"},
        {"", "s1", "", false, BASE " --resume s1"},
        {"", "", "{}", true, BASE " --disallowedTools Edit,Write,NotebookEdit --json-schema {}"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct driver_launch l = {0};
        struct driver_request q = launch_request((const char *const[]){NULL});
        q.model = cases[i].model;
        q.session = cases[i].session;
        q.schema = cases[i].schema;
        q.read_only = cases[i].read_only;
        launch_prepare("claude", &q, &a, &l);
        AUTO_FREE char *words = launch_line(&l);
        cr_expect_str_eq(words, cases[i].words);
        cr_expect(l.prompt_on_stdin);
    }
}

Test(claude, environment)
{
    AUTO_ARENA a = {0};
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){NULL});

    q.root = true;
    q.base_url = "http://127.0.0.1:8080/v1/"; /* it adds the version by itself */
    launch_prepare("claude", &q, &a, &l);
    cr_expect(launch_has(&l.set, "IS_SANDBOX=1"));
    cr_expect(launch_has(&l.set, "CLAUDE_CONFIG_DIR=/run/homes/I1/.claude"));
    cr_expect(launch_has(&l.set, "CLAUDE_CODE_TMPDIR=/run/a/tmp"));
    cr_expect(launch_has(&l.set, "CLAUDE_CODE_MAX_RETRIES=0"));
    cr_expect(launch_has(&l.set, "CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH=1"));
    cr_expect(launch_has(&l.set, "DISABLE_AUTOUPDATER=1"));
    cr_expect(launch_has(&l.set, "ANTHROPIC_BASE_URL=http://127.0.0.1:8080"));
    cr_expect(launch_has(&l.pass, "ANTHROPIC_API_KEY"));
    cr_expect(launch_has(&l.secrets, "ANTHROPIC_API_KEY"));
    cr_expect_not(launch_has(&l.secrets, "ANTHROPIC_BASE_URL"));
    cr_expect_eq(l.file_count, 0, "there is nothing of the user's to link");
    q.root = false;
    launch_prepare("claude", &q, &a, &l);
    cr_expect_not(launch_has(&l.set, "IS_SANDBOX=1"));
}

Test(claude, a_cloud_passes_only_where_it_is_used)
{
    static const char *const bedrock[] = {"CLAUDE_CODE_USE_BEDROCK=1", NULL};
    static const char *const none[] = {"AWS_SECRET_ACCESS_KEY=k", NULL};
    AUTO_ARENA a = {0};
    struct driver_launch with = {0}, without = {0};
    struct driver_request q = launch_request(none);

    launch_prepare("claude", &q, &a, &without);
    cr_expect_not(launch_has(&without.pass, "AWS_SECRET_ACCESS_KEY"));
    q = launch_request(bedrock);
    launch_prepare("claude", &q, &a, &with);
    cr_expect(launch_has(&with.pass, "AWS_SECRET_ACCESS_KEY"));
    cr_expect(launch_has(&with.secrets, "AWS_SECRET_ACCESS_KEY"));
    cr_expect_not(launch_has(&with.pass, "GOOGLE_APPLICATION_CREDENTIALS"));
}

Test(claude, a_login_is_linked_and_never_copied)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *user = temp_dir_new();
    AUTO_FREE char *folder = os_path(user, ".claude");
    AUTO_FREE char *login = os_path(folder, ".credentials.json");
    AUTO_FREE char *settings = os_path(folder, "settings.json");
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){NULL});

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0);
    cr_assert_eq(os_write_file(login, "secret", 6, 0600, &f), 0);
    cr_assert_eq(os_write_file(settings, "{}", 2, 0600, &f), 0);
    q.user_home = user;
    launch_prepare("claude", &q, &a, &l);
    const struct driver_file *link = launch_file_at(&l, "/run/homes/I1/.claude/.credentials.json");
    cr_assert_not_null(link);
    cr_expect_null(link->content);
    cr_expect_str_eq(link->target, login);
    cr_expect(launch_has(&l.writable, login), "tokens are renewed");
    cr_expect_not_null(launch_file_at(&l, "/run/homes/I1/.claude/settings.json"));
    cr_expect_not(launch_has(&l.writable, settings));
}

Test(claude, the_users_own_folder_may_be_elsewhere)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *folder = temp_dir_new();
    AUTO_FREE char *memory = os_path(folder, "CLAUDE.md");
    AUTO_FREE char *variable = text_format("CLAUDE_CONFIG_DIR=%s", folder);
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){variable, NULL});

    cr_assert_eq(os_write_file(memory, "x", 1, 0600, &f), 0);
    launch_prepare("claude", &q, &a, &l);
    cr_assert_eq(l.file_count, 1);
    cr_expect_str_eq(l.files[0].target, memory);
}

#define RESULT(rest) "{\"duration_ms\":1," rest ",\"type\":\"result\"}\n"

Test(claude, results)
{
    static const struct {
        const char *line;
        int exit_code;
        enum attempt_error error;
    } cases[] = {
        {RESULT("\"is_error\":false,\"result\":\"ok\""), 0, ERROR_NONE},
        /* An API error is a success with a flag. */
        {RESULT("\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":500,"
                "\"result\":\"x\""),
         1, ERROR_TRANSIENT},
        {RESULT("\"subtype\":\"success\",\"is_error\":true,\"result\":\"Not logged in\""), 0,
         ERROR_AUTH},
        {RESULT("\"is_error\":true,\"terminal_reason\":\"prompt_too_long\",\"result\":\"x\""), 1,
         ERROR_CONTEXT_FULL},
        {RESULT("\"is_error\":true,\"stop_reason\":\"refusal\",\"result\":\"x\""), 1,
         ERROR_REFUSED},
        {RESULT("\"is_error\":false,\"stop_reason\":\"max_tokens\",\"result\":\"half\""), 0,
         ERROR_FAILED},
        {RESULT("\"is_error\":true,\"subtype\":\"error_max_turns\",\"errors\":[\"limit 429\"]"), 1,
         ERROR_FAILED},
        {RESULT("\"is_error\":true,\"terminal_reason\":\"aborted_tools\""), 0, ERROR_CRASH},
        /* An exit status that says otherwise than the last line. */
        {RESULT("\"is_error\":false,\"result\":\"ok\""), 1, ERROR_FAILED},
        /* Of wrong types everywhere. */
        {RESULT("\"is_error\":\"no\",\"result\":7,\"errors\":{},\"usage\":[],\"total_cost_usd\":"
                "\"1\",\"permission_denials\":3,\"model_usage_since_last_result\":\"x\""),
         0, ERROR_NONE},
        {"{\"type\":7}\n", 0, ERROR_CRASH},
        {"{\"type\":\"result\"", 0, ERROR_CRASH},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        stream_read("claude", cases[i].line, cases[i].exit_code, "", &r);
        cr_expect_eq(r.error, cases[i].error, "case %zu: %s", i, attempt_error_name(r.error));
    }
}

#define MODEL_USE(rest)                                                    \
    RESULT("\"is_error\":false,\"result\":\"ok\",\"total_cost_usd\":9,"    \
           "\"model_usage_since_last_result\":{\"m\":{\"inputTokens\":10," \
           "\"outputTokens\":2,\"costUSD\":0.5,\"contextWindow\":200000" rest "}}")
#define INIT "{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"m\",\"session_id\":\"s\"}\n"

/* What is told since the last result is this attempt's; total_cost_usd is the whole session's. */
Test(claude, cost_of_a_resumed_session_is_counted_once)
{
    AUTO_READING r;

    stream_read("claude", INIT MODEL_USE(""), 0, "", &r);
    cr_expect_float_eq(r.usd, 0.5, 1e-9);
    cr_expect_not(r.cumulative_usd);
    cr_expect_eq(r.context_window, 200000);
    cr_expect_str_eq(r.session, "s");
}

Test(claude, older_releases_tell_the_cost_of_the_whole_session)
{
    AUTO_READING r;

    stream_read("claude",
                RESULT("\"is_error\":false,\"result\":\"ok\",\"total_cost_usd\":0.75,"
                       "\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":4}"),
                0, "", &r);
    cr_expect_float_eq(r.usd, 0.75, 1e-9);
    cr_expect(r.cumulative_usd);
    cr_expect_eq(r.used.input, 10);
    cr_expect_eq(r.used.cached, 4);
}

Test(claude, the_price_of_an_unknown_model_is_unknown)
{
    AUTO_READING by_stream, by_stderr;

    stream_read("claude", INIT MODEL_USE(",\"costBasis\":\"unknown\""), 0, "", &by_stream);
    cr_expect_lt(by_stream.usd, 0);
    cr_expect_eq(by_stream.context_window, 0, "that is made up as well");
    stream_read("claude", INIT MODEL_USE(""), 0, "[claude-code:unrecognized_model] {}\n",
                &by_stderr);
    cr_expect_lt(by_stderr.usd, 0);
    cr_expect_eq(by_stderr.context_window, 0);
}

#define CALL                                                                                 \
    "{\"type\":\"assistant\",\"message\":{\"id\":\"1\",\"content\":[{\"type\":\"tool_use\"," \
    "\"name\":\"Edit\",\"input\":{\"file_path\":\"/copy/src/a.c\"}}]}}\n"

Test(claude, a_refused_tool_call_is_none)
{
    static const char *const lines =
        CALL "{\"type\":\"system\",\"subtype\":\"permission_denied\"}\n"
             "{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"tool_result\","
             "\"tool_use_id\":\"t\",\"is_error\":true}]},\"tool_result_meta\":[{\"id\":\"t\","
             "\"permission_decision\":{\"decision\":\"reject\"}}]}\n" RESULT(
                 "\"is_error\":false,\"result\":\"sorry\",\"permission_denials\":[{}]");
    AUTO_READING r;

    stream_read("claude", lines, 0, "", &r);
    cr_expect_eq(r.tool_calls, 0);
    cr_expect_eq(r.denied, 1);
    cr_expect_str_eq(text_get(&r.activity), "Edit src/a.c");
}

Test(claude, while_it_retries_it_is_limited)
{
    AUTO_READING r;
    static const char retry[] = "{\"type\":\"system\",\"subtype\":\"api_retry\",\"error\":"
                                "\"rate_limit\",\"error_status\":429,\"retry_delay_ms\":1000}\n";

    reading_begin(&r, driver_builtin_find("claude")->reader, NULL);
    reading_feed(&r, retry, strlen(retry));
    cr_expect(r.limited);
    cr_expect_eq(r.limit, ERROR_RATE_LIMIT);
    cr_expect_eq(r.retry_after_ms, 1000);
    reading_feed(&r, CALL, strlen(CALL));
    cr_expect_not(r.limited);
    cr_expect_eq(r.retry_after_ms, 0);
}

Test(claude, what_it_says_before_its_first_line_is_the_reason)
{
    AUTO_READING r;

    stream_read("claude", "", 1, "--dangerously-skip-permissions cannot be used with root\n", &r);
    cr_expect_eq(r.error, ERROR_CRASH);
    cr_expect_str_eq(text_get(&r.message),
                     "--dangerously-skip-permissions cannot be used with root");
}
