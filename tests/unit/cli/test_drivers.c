/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drivers.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct driver telling = {.name = "telling", .can = DRIVER_TOKENS | DRIVER_COST};
static const struct driver silent = {.name = "silent", .can = DRIVER_TOKENS};

Test(drivers, a_limit_in_money_needs_a_price)
{
    static const struct {
        const char *agent, *model, *run;
        double usd;
        const char *named; /* in the warning; NULL: there is none */
    } cases[] = {
        {"silent", "", "", 0, NULL},         {"silent", "", "", 5, "'silent'"},
        {"silent", "dear", "", 5, "'dear'"}, {"silent", "known-1", "", 5, NULL},
        {"telling", "dear", "", 5, NULL},    {"command", "", "make", 5, NULL},
    };
    const struct roster_entry entries[] = {{.driver = &telling}, {.driver = &silent}};
    const char *const names[] = {"telling", "silent"};
    const struct roster roster = {.at = entries, .count = COUNT_OF(entries), .names = names};
    struct config_price prices[] = {{.model = "known-*", .input = 1, .cached = 1, .output = 1}};
    const struct config_prices table = {.at = prices, .count = 1};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct plan_step step = {.run = cases[i].run,
                                 .settings = {.agent = cases[i].agent,
                                              .model = cases[i].model,
                                              .limits = {.usd = cases[i].usd}}};
        struct plan_subtask subtask = {.steps = &step, .step_count = 1};
        const struct plan plan = {.subtasks = &subtask, .subtask_count = 1};
        const char *got = drivers_price_warning(&roster, &plan, &table, &a);
        if (cases[i].named)
            cr_expect(strstr(got, cases[i].named), "row %zu: '%s'", i, got);
        else
            cr_expect_str_eq(got, "", "row %zu", i);
    }
}
