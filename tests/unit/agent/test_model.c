/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/model.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct driver_request usual = {
    .program = "/libexec/kelp-agent",
    .model = "qwen",
    .base_url = "http://127.0.0.1:8080/v1",
    .prompt = "Do it.",
    .prompt_file = "/run/attempt/prompt.md",
    .dir = "/run/attempt",
    .home = "/run/home",
    .work = "/run/clone",
    .user_home = "/home/u",
    .session = "",
    .schema = "",
};

static char *command_line(const struct driver_launch *launch)
{
    struct text line = {0};

    for (const char *const *word = launch->argv; *word; word++)
        text_printf(&line, "%s%s", line.length ? " " : "", *word);
    return text_take(&line);
}

Test(model, usual)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    struct driver_launch launch;

    cr_assert_eq(driver_model.prepare(&driver_model, &usual, &arena, &launch, &f), 0);
    AUTO_FREE char *line = command_line(&launch);
    cr_assert_str_eq(line, "/libexec/kelp-agent --base-url=http://127.0.0.1:8080/v1 --model=qwen "
                           "--work=/run/clone --session-dir=/run/home");
    cr_assert(launch.prompt_on_stdin);
    cr_assert_eq(launch.file_count, 0);
    cr_assert_eq(launch.secrets.count, 3);
    cr_assert_str_eq(launch.secrets.at[0], MODEL_KEY_ANY);
    cr_assert_eq(driver_builtin_find("model"), &driver_model);
}

Test(model, all_of_it)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    struct driver_launch launch;
    struct driver_request q = usual;

    q.base_url = "";
    q.session = "abc";
    q.schema = "{\"type\":\"object\"}";
    q.read_only = true;
    cr_assert_eq(driver_model.prepare(&driver_model, &q, &arena, &launch, &f), 0);
    AUTO_FREE char *line = command_line(&launch);
    cr_assert_str_eq(line, "/libexec/kelp-agent --model=qwen --work=/run/clone "
                           "--session-dir=/run/home --resume=abc "
                           "--schema=/run/attempt/schema.json --read-only");
    cr_assert_eq(launch.file_count, 1);
    cr_assert_str_eq(launch.files[0].path, "/run/attempt/schema.json");
    cr_assert_str_eq(launch.files[0].content, q.schema);
}

Test(model, needs_a_model)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    struct driver_launch launch;
    struct driver_request q = usual;

    q.model = "";
    cr_assert_eq(driver_model.prepare(&driver_model, &q, &arena, &launch, &f), -FAULT_ENVIRONMENT);
    cr_assert_not_null(strstr(f.hint, "--model"));
}
