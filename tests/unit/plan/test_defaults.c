/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/defaults.h"

#include "plan/yaml.h"

#include <criterion/criterion.h>
#include <string.h>

static struct plan *read_ok(struct arena *a, const char *text)
{
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;

    cr_assert_eq(plan_read_yaml(&(struct source){text, strlen(text), "p"}, a, &plan, &f), 0, "%s",
                 f.message);
    return plan;
}

static const char text[] = "research: [{prompt: look}]\n"
                           "environment: [A]\n"
                           "land: none\n"
                           "subtasks:\n"
                           "  - title: x\n"
                           "    steps:\n"
                           "      - {prompt: a}\n"
                           "      - {prompt: b, agent: codex, stall: 1}\n"
                           "      - {run: c}\n";

Test(defaults, fill_what_the_plan_leaves_open)
{
    static const char *names[] = {"B", "C"};
    const struct strings more = {names, 2};
    const struct plan_defaults defaults = {.agent = "claude",
                                           .model = "opus",
                                           .stall_minutes = 5,
                                           .environment = &more,
                                           .land_given = true,
                                           .land = LAND_BRANCH,
                                           .push_given = true,
                                           .push = PUSH_ALWAYS};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan *plan = read_ok(&a, text);
    const struct plan_step *steps = plan->subtasks[0].steps;

    cr_assert_eq(plan_apply_defaults(plan, &defaults, &a, &f), 0, "%s", f.message);
    cr_expect_str_eq(plan->research[0].settings.agent, "claude");
    cr_expect_str_eq(plan->settings.agent, "claude");
    cr_expect_str_eq(steps[0].settings.agent, "claude");
    cr_expect_str_eq(steps[0].settings.model, "opus");
    cr_expect_eq(steps[0].settings.stall_minutes, 5);
    cr_expect_str_eq(steps[1].settings.agent, "codex");
    cr_expect_str_eq(steps[1].settings.model, "");
    cr_expect_eq(steps[1].settings.stall_minutes, 1);
    cr_expect_str_eq(steps[2].settings.agent, "command");
    cr_expect(steps[2].settings.stall_minutes < 0);
    cr_expect_eq(plan->environment.count, 3);
    cr_expect_str_eq(plan->environment.at[2], "C");
    cr_expect_eq(plan->land, LAND_NONE);
    cr_expect_eq(plan->push, PUSH_ALWAYS);
}

Test(defaults, a_winning_agent_replaces_the_plans_own)
{
    static const char own[] = "agent: gemini\nmodel: small\nsubtasks:\n  - title: x\n    steps:\n"
                              "      - {prompt: a}\n      - {prompt: b, agent: codex}\n";
    static const struct {
        struct plan_defaults defaults;
        const char *plan, *first, *model, *second;
    } cases[] = {
        {{.agent = "claude"}, "gemini", "gemini", "small", "codex"},
        {{.agent = "claude", .agent_wins = true}, "claude", "claude", "", "codex"},
        {{.agent = "claude", .model = "opus", .agent_wins = true},
         "claude",
         "claude",
         "opus",
         "codex"},
        {{.agent = "", .agent_wins = true}, "gemini", "gemini", "small", "codex"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan = read_ok(&a, own);
        cr_assert_eq(plan_apply_defaults(plan, &cases[i].defaults, &a, &f), 0, "%s", f.message);
        cr_expect_str_eq(plan->settings.agent, cases[i].plan);
        cr_expect_str_eq(plan->subtasks[0].steps[0].settings.agent, cases[i].first);
        cr_expect_str_eq(plan->subtasks[0].steps[0].settings.model, cases[i].model);
        cr_expect_str_eq(plan->subtasks[0].steps[1].settings.agent, cases[i].second);
    }
}

Test(defaults, prompts_need_an_agent)
{
    static const char *const drivers[] = {"command", "claude", "codex"};
    static const struct {
        struct plan_defaults defaults;
        int code;
        const char *message, *hint;
    } cases[] = {
        {{0},
         -FAULT_ENVIRONMENT,
         "p:1:12: no agent is configured for the prompt of 'look'",
         "name one with --agent claude or 'agent: claude', or use 'run'"},
        {{.agent = "command"},
         -FAULT_ENVIRONMENT,
         "p:1:12: no agent is configured for the prompt of 'look'",
         "name one with --agent claude or 'agent: claude', or use 'run'"},
        {{.agent = "cluade", .drivers = drivers, .driver_count = 3},
         -FAULT_PLAN,
         "p:1:12: 'cluade' is not an agent that kelp can start",
         "did you mean 'claude'?"},
        {{.agent = "xyz", .drivers = drivers, .driver_count = 3},
         -FAULT_PLAN,
         "p:1:12: 'xyz' is not an agent that kelp can start",
         "kelp agents lists them"},
        {{.agent = "claude", .drivers = drivers, .driver_count = 2},
         -FAULT_PLAN,
         "p:8:9: 'codex' is not an agent that kelp can start",
         "kelp agents lists them"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        cr_expect_eq(plan_apply_defaults(read_ok(&a, text), &cases[i].defaults, &a, &f),
                     cases[i].code);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, cases[i].message);
        cr_expect_str_eq(f.hint, cases[i].hint);
    }
}
