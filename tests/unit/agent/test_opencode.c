/* SPDX-License-Identifier: Apache-2.0 */
#include "launches.h"
#include "streams.h"

#define BASE "run --format json --auto"

Test(opencode, command_lines)
{
    static const struct {
        const char *model, *base_url, *session, *words;
    } cases[] = {
        {"", "", "", BASE},
        {"anthropic/x", "", "", BASE " -m anthropic/x"},
        {"org/x", "http://h/v1", "", BASE " -m kelp/org/x"},
        {"", "", "ses_1", BASE " -s ses_1"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct driver_launch l = {0};
        struct driver_request q = launch_request((const char *const[]){NULL});
        q.model = cases[i].model;
        q.base_url = cases[i].base_url;
        q.session = cases[i].session;
        launch_prepare("opencode", &q, &a, &l);
        AUTO_FREE char *words = launch_line(&l);
        cr_expect_str_eq(words, cases[i].words);
        cr_expect(launch_has(&l.set, "OPENCODE_DISABLE_AUTOUPDATE=1"));
        cr_expect(launch_has(&l.set, "XDG_CONFIG_HOME=/run/homes/I1/.config"));
    }
}

/* What kelp configures, which wins over the user's files. */
static json_t *config_for(const struct driver_request *q)
{
    static const char name[] = "OPENCODE_CONFIG_CONTENT=";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_launch l = {0};
    json_t *config = NULL;

    launch_prepare("opencode", q, &a, &l);
    for (size_t i = 0; i < l.set.count; i++) {
        const char *content = l.set.at[i] + strlen(name);
        if (text_starts(l.set.at[i], name))
            cr_assert_eq(json_parse(content, strlen(content), "config", &config, &f), 0);
    }
    cr_assert_not_null(config);
    return config;
}

Test(opencode, configuration)
{
    struct driver_request plain = launch_request((const char *const[]){NULL});
    struct driver_request q = launch_request((const char *const[]){"OPENAI_API_KEY=value", NULL});

    q.base_url = "http://h/v1";
    q.model = "m";
    q.read_only = true;
    json_auto_t *without = config_for(&plain);
    json_auto_t *with = config_for(&q);
    cr_expect_str_eq(json_at_string(without, "share", ""), "disabled");
    cr_expect_null(json_at(without, "provider"));
    cr_expect_null(json_at(without, "permission"));
    cr_expect_str_eq(json_at_string(with, "provider.kelp.options.baseURL", ""), "http://h/v1");
    cr_expect_str_eq(json_at_string(with, "provider.kelp.options.apiKey", ""),
                     "{env:OPENAI_API_KEY}", "named, not copied");
    cr_expect_str_eq(json_at_string(with, "provider.kelp.models.m.name", ""), "m");
    cr_expect_str_eq(json_at_string(with, "permission.edit", ""), "deny");
}

Test(opencode, an_endpoint_needs_a_model)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){NULL});
    const struct driver *d = driver_builtin_find("opencode");

    q.base_url = "http://h/v1";
    cr_expect_eq(d->prepare(d, &q, &a, &l, &f), -FAULT_ENVIRONMENT);
    cr_expect_not_null(f.hint);
}

Test(opencode, login_and_configuration_are_linked)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *user = temp_dir_new();
    AUTO_FREE char *data = os_path(user, ".local/share/opencode");
    AUTO_FREE char *config = os_path(user, ".config/opencode");
    AUTO_FREE char *login = os_path(data, "auth.json");
    AUTO_FREE char *own = os_path(config, "opencode.json");
    struct driver_launch l = {0};
    struct driver_request q = launch_request((const char *const[]){NULL});

    cr_assert_eq(os_make_dirs(data, 0700, &f), 0);
    cr_assert_eq(os_make_dirs(config, 0700, &f), 0);
    cr_assert_eq(os_write_file(login, "{}", 2, 0600, &f), 0);
    cr_assert_eq(os_write_file(own, "{}", 2, 0600, &f), 0);
    q.user_home = user;
    launch_prepare("opencode", &q, &a, &l);
    cr_assert_eq(l.file_count, 2);
    cr_expect_str_eq(launch_file_at(&l, "/run/homes/I1/.config/opencode/opencode.json")->target,
                     own);
    cr_expect_str_eq(launch_file_at(&l, "/run/homes/I1/.local/share/opencode/auth.json")->target,
                     login);
    cr_expect(launch_has(&l.writable, login));
}

#define STEP(reason, more)                                                                    \
    "{\"type\":\"step_start\",\"sessionID\":\"s\"}\n{\"type\":\"step_finish\",\"sessionID\":" \
    "\"s\",\"part\":{\"reason\":\"" reason                                                    \
    "\",\"tokens\":{\"input\":10,\"output\":2,\"reasoning\""                                  \
    ":1,\"cache\":{\"read\":4,\"write\":3}}" more "}}\n"
#define API_ERROR(data) \
    "{\"type\":\"error\",\"error\":{\"name\":\"APIError\",\"data\":{" data "}}}\n"

/* There is no final event: the last step says whether it was an end. */
Test(opencode, ends)
{
    static const struct {
        const char *lines;
        int exit_code;
        enum attempt_error error;
    } cases[] = {
        {STEP("tool-calls", "") STEP("stop", ""), 0, ERROR_NONE},
        {STEP("stop", ""), 1, ERROR_FAILED},
        {STEP("tool-calls", ""), 0, ERROR_CRASH},
        {STEP("stop", "") "{\"type\":\"step_start\"}\n", 0, ERROR_CRASH},
        {STEP("length", ""), 0, ERROR_FAILED},
        {STEP("content-filter", ""), 0, ERROR_REFUSED},
        {API_ERROR("\"message\":\"no\",\"statusCode\":401"), 1, ERROR_AUTH},
        {API_ERROR("\"message\":\"no\",\"statusCode\":429,\"responseBody\":\"insufficient_quota\""),
         1, ERROR_QUOTA},
        {API_ERROR("\"message\":7,\"statusCode\":\"429\""), 1, ERROR_FAILED},
        {"{\"type\":\"error\",\"error\":{\"name\":\"ProviderAuthError\"}}\n", 1, ERROR_AUTH},
        {"{\"type\":\"error\",\"error\":\"odd\"}\n", 1, ERROR_FAILED},
        {"{\"type\":\"tool_use\",\"part\":{\"tool\":\"bash\",\"state\":{\"status\":\"error\","
         "\"error\":\"The user rejected permission to use this.\"}}}\n" STEP("tool-calls", ""),
         0, ERROR_BLOCKED},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_READING r;
        stream_read("opencode", cases[i].lines, cases[i].exit_code, "", &r);
        cr_expect_eq(r.error, cases[i].error, "case %zu: %s", i, attempt_error_name(r.error));
    }
}

Test(opencode, steps_add_up_and_a_price_of_nothing_is_unknown)
{
    AUTO_READING priced, free_of_charge;

    stream_read("opencode", STEP("tool-calls", ",\"cost\":0.25") STEP("stop", ",\"cost\":0.5"), 0,
                "", &priced);
    cr_expect_float_eq(priced.usd, 0.75, 1e-9);
    cr_expect_eq(priced.used.input, 20);
    cr_expect_eq(priced.used.cached, 14);
    cr_expect_eq(priced.used.output, 6);
    cr_expect_eq(priced.used.reasoning, 2);
    cr_expect_eq(priced.context_tokens, 17);
    stream_read("opencode", STEP("stop", ",\"cost\":0"), 0, "", &free_of_charge);
    cr_expect_lt(free_of_charge.usd, 0);
}

Test(opencode, the_provider_says_when_to_try_again)
{
    AUTO_READING r;

    stream_read("opencode",
                API_ERROR("\"message\":\"slow down\",\"statusCode\":429,\"responseHeaders\":"
                          "{\"retry-after\":\"7\"}"),
                1, "", &r);
    cr_expect_eq(r.error, ERROR_RATE_LIMIT);
    cr_expect_eq(r.retry_after_ms, 7000);
}
