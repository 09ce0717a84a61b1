/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/grant.h"

#include <criterion/criterion.h>

static const char *const own_paths[] = {"~/.cache/thing", "/data"};
static const char *const other_paths[] = {"/data", "~"};

#define LIST(list)                                           \
    {                                                        \
        .at = (const char **)(list), .count = COUNT_OF(list) \
    }

static const struct plan_settings boxed = {.sandbox = {.write = LIST(own_paths)}};
static const struct plan_settings cut_off = {.sandbox = {.network = NETWORK_NONE}};
static const struct plan_settings open_one = {.sandbox = {.off = true}};
static const struct plan_settings in_place = {.isolation = ISOLATION_NONE};
static const struct plan_settings plain = {0};
static const struct plan_settings greedy = {.sandbox = {.write = LIST(other_paths)}};

static const char *const keys[] = {"~/.ssh"};
static const struct plan_settings reader = {.sandbox = {.read = LIST(keys)}};

static const char *const own_host[] = {"a.example:443"};
static const char *const two_hosts[] = {"a.example:443", "b.example:443"};
static const struct plan_settings kept = {
    .base_url = "http://m", .sandbox = {.network = NETWORK_ENDPOINT, .hosts = LIST(two_hosts)}};
static const struct plan_settings kept_more = {
    .base_url = "", .sandbox = {.network = NETWORK_ENDPOINT, .hosts = LIST(own_host)}};
static const struct plan_settings elsewhere = {
    .base_url = "http://n", .sandbox = {.network = NETWORK_ENDPOINT, .hosts = LIST(own_host)}};

static const struct plan_settings narrow = {.limits = {.memory_bytes = 32 << 20, .processes = 20}};
static const struct plan_settings narrower = {
    .limits = {.memory_bytes = 16 << 20, .processes = 20}};
static const struct plan_settings wider = {.limits = {.memory_bytes = 32 << 20, .processes = 21}};
static const struct plan_settings without_end = {.limits = {.open_files = LIMIT_OFF}};

static const struct {
    const struct plan_settings *own, *asked;
    const char *refused; /* the words that the message has; NULL: it is granted */
} cases[] = {
    {&plain, &plain, NULL},
    {&boxed, &boxed, NULL},
    {&boxed, &plain, NULL},
    {&plain, &cut_off, NULL},
    {&open_one, &open_one, NULL},
    {&open_one, &in_place, NULL},
    {&in_place, &greedy, NULL},
    {&plain, &open_one, "`sandbox: off`"},
    {&boxed, &in_place, "`isolation: none`"},
    {&cut_off, &plain, "`sandbox.network`"},
    {&plain, &boxed, "`sandbox.write`"},
    {&plain, &narrow, NULL},
    {&narrow, &narrower, NULL},
    {&narrow, &plain, "`limits.memory`"},
    {&narrower, &narrow, "`limits.memory`"},
    {&narrow, &wider, "`limits.processes`"},
    {&plain, &without_end, "`limits.open_files`"},
    {&without_end, &without_end, NULL},
    {&boxed, &greedy, "`sandbox.write`"},
    {&reader, &reader, NULL},
    {&reader, &plain, NULL},
    {&plain, &reader, "`sandbox.read`"},
    {&kept, &kept, NULL},
    {&kept, &kept_more, NULL},
    {&kept, &cut_off, NULL},
    {&kept, &plain, "`sandbox.network`"},
    {&kept_more, &kept, "`sandbox.hosts`"},
    {&kept, &elsewhere, "`base_url`"},
};

static int check(const struct plan_settings *own, const struct plan_settings *of_subtask,
                 const struct plan_settings *of_step, struct fault *f)
{
    struct plan_step step = {.settings = *of_step};
    struct plan_subtask subtask = {
        .title = "asked", .steps = &step, .step_count = 1, .settings = *of_subtask};
    const struct plan asked = {.subtasks = &subtask, .subtask_count = 1};

    return grant_check(own, &asked, f);
}

static void expect(size_t i, int r, const struct fault *f)
{
    cr_assert_eq(r, cases[i].refused ? -FAULT_REFUSED : 0, "case %zu", i);
    if (cases[i].refused)
        cr_assert(strstr(f->message, cases[i].refused), "case %zu: %s", i, f->message);
}

Test(grant, no_subtask_and_no_step_has_more_than_who_asked)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT of_subtask = {0};
        AUTO_FAULT of_step = {0};
        expect(i, check(cases[i].own, cases[i].asked, cases[i].own, &of_subtask), &of_subtask);
        expect(i, check(cases[i].own, cases[i].own, cases[i].asked, &of_step), &of_step);
    }
}
