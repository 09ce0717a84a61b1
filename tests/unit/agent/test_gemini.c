/* SPDX-License-Identifier: Apache-2.0 */
#include "launches.h"
#include "streams.h"

#define BASE "--output-format stream-json --skip-trust"
#define DIR " --include-directories /run/a"

Test(gemini, command_lines)
{
    static const struct {
        const char *model, *session;
        bool read_only;
        const char *words;
    } cases[] = {
        {"", "", false, BASE " --yolo" DIR},
        {"m", "", false, BASE " --yolo" DIR " -m m"},
        {"", "id", false, BASE " --yolo" DIR " --resume id"},
        {"", "", true, BASE DIR},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct driver_launch l = {0};
        struct driver_request q = launch_request((const char *const[]){NULL});
        q.model = cases[i].model;
        q.session = cases[i].session;
        q.read_only = cases[i].read_only;
        launch_prepare("gemini", &q, &a, &l);
        AUTO_FREE char *words = launch_line(&l);
        cr_expect_str_eq(words, cases[i].words);
        cr_expect(launch_has(&l.set, "GEMINI_CLI_NO_RELAUNCH=1"));
        cr_expect(launch_has(&l.set, "GEMINI_CLI_HOME=/run/homes/I1"));
        cr_expect(launch_has(&l.secrets, "GEMINI_API_KEY"));
    }
}

/* The settings file of a launch, parsed. */
static json_t *settings_for(const struct driver_request *q)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_launch l = {0};
    json_t *settings = NULL;

    launch_prepare("gemini", q, &a, &l);
    const struct driver_file *file = launch_file_at(&l, "/run/homes/I1/.gemini/settings.json");
    cr_assert_not_null(file);
    cr_assert_eq(json_parse(file->content, strlen(file->content), "settings", &settings, &f), 0);
    return settings;
}

Test(gemini, settings_and_how_to_log_in)
{
    static const struct {
        const char *variable, *base_url, *login;
    } cases[] = {
        {NULL, "", NULL},
        {"GEMINI_API_KEY=k", "", "gemini-api-key"},
        {"GOOGLE_GENAI_USE_GCA=true", "", "oauth-personal"},
        {"GOOGLE_API_KEY=k", "", "vertex-ai"},
        {"GEMINI_API_KEY=k", "http://h", "gemini-api-key"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const variables[] = {cases[i].variable, NULL};
        struct driver_request q = launch_request(variables);
        q.base_url = cases[i].base_url;
        json_auto_t *settings = settings_for(&q);
        const char *login = json_at_string(settings, "security.auth.selectedType", NULL);
        cr_expect_eq(login != NULL, cases[i].login != NULL);
        if (login && cases[i].login)
            cr_expect_str_eq(login, cases[i].login);
        cr_expect_eq(json_at_int(settings, "general.maxAttempts", 0), 1);
        cr_expect_not(json_at_bool(settings, "privacy.usageStatisticsEnabled", true));
        cr_expect_not(json_at_bool(settings, "general.enableAutoUpdate", true));
    }
}

Test(gemini, the_users_settings_stay_but_for_secrets)
{
    static const char theirs[] =
        "{\"general\":{\"vimMode\":true,\"enableAutoUpdate\":true},"
        "\"security\":{\"auth\":{\"selectedType\":\"oauth-personal\"}},"
        "\"mcpServers\":{\"open\":{\"command\":\"x\",\"env\":{\"K\":\"$K\"}},"
        "\"closed\":{\"command\":\"y\",\"headers\":{\"Authorization\":\"Bearer abc\"}}}}";
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *user = temp_dir_new();
    AUTO_FREE char *folder = os_path(user, ".gemini");
    AUTO_FREE char *path = os_path(folder, "settings.json");
    struct driver_request q = launch_request((const char *const[]){"GEMINI_API_KEY=k", NULL});

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0);
    cr_assert_eq(os_write_file(path, theirs, strlen(theirs), 0600, &f), 0);
    q.user_home = user;
    json_auto_t *settings = settings_for(&q);
    cr_expect(json_at_bool(settings, "general.vimMode", false));
    cr_expect_not(json_at_bool(settings, "general.enableAutoUpdate", true), "kelp's own win");
    cr_expect_str_eq(json_at_string(settings, "security.auth.selectedType", ""), "oauth-personal");
    cr_expect_not_null(json_at(settings, "mcpServers.open"));
    cr_expect_null(json_at(settings, "mcpServers.closed"));
}

Test(gemini, an_endpoint)
{
    AUTO_ARENA a = {0};
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){NULL});

    q.base_url = "http://127.0.0.1:8080/v1";
    launch_prepare("gemini", &q, &a, &l);
    cr_expect(launch_has(&l.set, "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8080"));
}

/* HTTP statuses modulo 256, and what is only said by the exit status. */
Test(gemini, exit_statuses)
{
    static const struct {
        int exit_code;
        enum attempt_error error;
    } cases[] = {
        {144, ERROR_FAILED},    {145, ERROR_AUTH},      {147, ERROR_AUTH}, {173, ERROR_RATE_LIMIT},
        {244, ERROR_TRANSIENT}, {247, ERROR_TRANSIENT}, {41, ERROR_AUTH},  {42, ERROR_CRASH},
        {53, ERROR_FAILED},     {55, ERROR_FAILED},     {1, ERROR_CRASH},  {0, ERROR_CRASH},
        {130, ERROR_CRASH},     {143, ERROR_CRASH},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        stream_read("gemini", "{\"type\":\"init\",\"session_id\":\"s\"}\n", cases[i].exit_code, "",
                    &r);
        cr_expect_eq(r.error, cases[i].error, "%d: %s", cases[i].exit_code,
                     attempt_error_name(r.error));
        cr_expect_gt(r.message.length, 0);
    }
}

/* 429 comes as quota that is gone, with a time to wait, on standard error. */
Test(gemini, standard_error_says_why)
{
    AUTO_TEXT trace = {0};
    AUTO_READING r;

    stream_load("gemini-401.stderr.txt", &trace);
    stream_read("gemini", "{\"type\":\"init\",\"session_id\":\"s\"}\n", 0, text_get(&trace), &r);
    cr_expect_eq(r.error, ERROR_AUTH);
    cr_expect(strstr(text_get(&r.message), "invalid x-api-key"), "%s", text_get(&r.message));
}

#define PIECE(text) \
    "{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"" text "\",\"delta\":true}\n"
#define CALL "{\"type\":\"tool_use\",\"tool_name\":\"t\",\"parameters\":{\"command\":\"make\"}}\n"
#define DONE(stats) "{\"type\":\"result\",\"status\":\"success\",\"stats\":{" stats "}}\n"

Test(gemini, the_answer_is_what_follows_the_last_tool)
{
    AUTO_READING r;

    stream_read("gemini",
                PIECE("I look") PIECE(" first.") CALL
                "{\"type\":\"tool_result\",\"status\":\"success\"}\n" PIECE("All") PIECE(" done.")
                    DONE("\"total_tokens\":1060,\"input_tokens\":1000,\"cached\":200,"
                         "\"output_tokens\":40"),
                0, "", &r);
    cr_expect_eq(r.error, ERROR_NONE);
    cr_expect_str_eq(text_get(&r.text), "All done.");
    cr_expect_eq(r.used.input, 800);
    cr_expect_eq(r.used.cached, 200);
    cr_expect_eq(r.used.output, 60, "with what it thought");
    cr_expect_eq(r.used.reasoning, 20);
    cr_expect_str_eq(text_get(&r.activity), "t make");
}

Test(gemini, a_tool_that_is_not_there_was_refused)
{
    AUTO_READING r;

    stream_read("gemini",
                CALL "{\"type\":\"tool_result\",\"status\":\"error\",\"error\":{\"type\":"
                     "\"tool_not_registered\"}}\n" DONE(""),
                0, "", &r);
    cr_expect_eq(r.denied, 1);
    cr_expect_eq(r.tool_calls, 0);
}
