/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/launch.h"

#include "launches.h"

Test(launch, options_without_a_value_are_left_out)
{
    AUTO_ARENA a = {0};
    const struct driver_request q = launch_request((const char *const[]){NULL});
    struct driver_launch ret = {0};
    struct launch l = {.q = &q, .arena = &a};

    launch_arg(&l, q.program);
    launch_option(&l, "--none", "");
    launch_option(&l, "--some", "value");
    launch_finish(&l, &ret);
    AUTO_FREE char *words = launch_line(&ret);
    cr_expect_str_eq(words, "--some value");
    cr_expect_eq(ret.set.count + ret.pass.count + ret.secrets.count + ret.writable.count, 0);
    cr_expect_eq(ret.file_count, 0);
}

Test(launch, only_what_is_there_is_linked)
{
    static const char *const names[] = {"there", "missing", NULL};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_TEMP_DIR char *user = temp_dir_new();
    AUTO_FREE char *there = os_path(user, "there");
    const struct driver_request q = launch_request((const char *const[]){NULL});
    struct driver_launch ret = {0};
    struct launch l = {.q = &q, .arena = &a};

    cr_assert_eq(os_write_file(there, "", 0, 0600, &f), 0);
    launch_links(&l, "/to", user, names);
    launch_links(&l, "/to", "", names); /* a user without a home */
    launch_login_links(&l, "/login", user, names);
    launch_finish(&l, &ret);
    cr_assert_eq(ret.file_count, 2);
    cr_expect_str_eq(ret.files[0].path, "/to/there");
    cr_expect_str_eq(ret.files[0].target, there);
    cr_assert_eq(ret.writable.count, 1);
    cr_expect_str_eq(ret.writable.at[0], there);
}

Test(launch, folders_of_the_user)
{
    AUTO_ARENA a = {0};
    const char *const variables[] = {"SET=/elsewhere", "EMPTY=", NULL};
    struct driver_request q = launch_request(variables);
    struct launch l = {.q = &q, .arena = &a};

    cr_expect_str_eq(launch_user_dir(&l, "SET", ".x"), "/elsewhere");
    cr_expect_str_eq(launch_user_dir(&l, "EMPTY", ".x"), "/nobody/.x");
    cr_expect_str_eq(launch_user_dir(&l, "UNSET", ".x"), "/nobody/.x");
    q.user_home = "";
    cr_expect_str_eq(launch_user_dir(&l, "UNSET", ".x"), "");
    q.environment.get = NULL;
    cr_expect_null(launch_variable(&l, "SET"));
}

Test(launch, urls_without_a_version)
{
    static const struct {
        const char *url, *expected;
    } cases[] = {
        {"http://h:1/v1", "http://h:1"},      {"http://h:1/v1/", "http://h:1"},
        {"http://h:1", "http://h:1"},         {"http://h:1/x/v1//", "http://h:1/x"},
        {"http://h:1/v12", "http://h:1/v12"}, {"", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct driver_request q = launch_request((const char *const[]){NULL});
        struct launch l = {.q = &q, .arena = &a};
        q.base_url = cases[i].url;
        cr_expect_str_eq(launch_url_without(&l, "/v1"), cases[i].expected);
    }
}
