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
                           "land: none\n"
                           "subtasks:\n"
                           "  - title: x\n"
                           "    steps:\n"
                           "      - {prompt: a}\n"
                           "      - {prompt: b, agent: codex}\n"
                           "      - {run: c}\n";

Test(defaults, fill_what_the_plan_leaves_open)
{
    const struct plan_defaults defaults = {.agent = "claude",
                                           .model = "opus",
                                           .land_given = true,
                                           .land = LAND_BRANCH,
                                           .push_given = true,
                                           .push = PUSH_ALWAYS};
    AUTO_ARENA a = {0};
    struct plan *plan = read_ok(&a, text);
    const struct plan_step *steps = plan->subtasks[0].steps;

    plan_apply_defaults(plan, &defaults, &a);
    cr_expect_str_eq(plan->research[0].settings.agent, "claude");
    cr_expect_str_eq(plan->settings.agent, "claude");
    cr_expect_str_eq(plan->subtasks[0].settings.agent, "claude");
    cr_expect_str_eq(steps[0].settings.agent, "claude");
    cr_expect_str_eq(steps[0].settings.model, "opus");
    cr_expect_str_eq(steps[1].settings.agent, "codex");
    cr_expect_str_eq(steps[1].settings.model, "");
    cr_expect_str_eq(steps[2].settings.agent, "command");
    cr_expect_eq(plan->land, LAND_NONE);
    cr_expect_eq(plan->push, PUSH_ALWAYS);
    cr_expect(plan->push_given);
}

Test(defaults, endings)
{
    const struct plan_defaults defaults = {.land_given = true, .land = LAND_BRANCH};
    AUTO_ARENA a = {0};
    struct plan *plan = read_ok(&a, "push: never\nsubtasks: [{title: x, steps: [{run: y}]}]\n");

    plan_apply_defaults(plan, &defaults, &a);
    cr_expect_eq(plan->land, LAND_BRANCH);
    cr_expect(plan->land_given);
    cr_expect_eq(plan->push, PUSH_NEVER);
}

Test(defaults, a_winning_agent_replaces_the_plans_own)
{
    static const char own[] = "agent: gemini\nmodel: small\nsubtasks:\n  - title: x\n    steps:\n"
                              "      - {prompt: a}\n      - {prompt: b, agent: codex}\n";
    static const struct {
        struct plan_defaults defaults;
        const char *plan, *first, *model, *second, *second_url;
    } cases[] = {
        {{.agent = "claude"}, "gemini", "gemini", "small", "codex", ""},
        {{.agent = "codex", .base_url = "http://x"},
         "gemini",
         "gemini",
         "small",
         "codex",
         "http://x"},
        {{.agent = "claude", .agent_wins = true}, "claude", "claude", "", "codex", ""},
        {{.agent = "claude", .model = "opus", .agent_wins = true},
         "claude",
         "claude",
         "opus",
         "codex",
         ""},
        {{.agent = "", .agent_wins = true}, "gemini", "gemini", "small", "codex", ""},
        {{0}, "gemini", "gemini", "small", "codex", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct plan *plan = read_ok(&a, own);
        plan_apply_defaults(plan, &cases[i].defaults, &a);
        cr_expect_str_eq(plan->settings.agent, cases[i].plan);
        cr_expect_str_eq(plan->subtasks[0].steps[0].settings.agent, cases[i].first);
        cr_expect_str_eq(plan->subtasks[0].steps[0].settings.model, cases[i].model);
        cr_expect_str_eq(plan->subtasks[0].steps[1].settings.agent, cases[i].second);
        cr_expect_str_eq(plan->subtasks[0].steps[1].settings.base_url, cases[i].second_url);
    }
}

Test(defaults, prompts_need_an_agent)
{
    static const char *const drivers[] = {"command", "claude", "codex"};
    static const struct {
        const char *agent;
        size_t drivers; /* 0: any */
        const char *message, *hint;
    } cases[] = {
        {NULL, 0, "p:1:12: no agent is configured for the prompt of 'look'",
         "name one with --agent claude or 'agent: claude', or use 'run'"},
        {"command", 3, "p:1:12: no agent is configured for the prompt of 'look'",
         "name one with --agent claude or 'agent: claude', or use 'run'"},
        {"cluade", 3, "p:1:12: 'cluade' is not an agent that kelp can start",
         "did you mean 'claude'?"},
        {"xyz", 3, "p:1:12: 'xyz' is not an agent that kelp can start", "`kelp agents` lists them"},
        {"claude", 2, "p:7:9: 'codex' is not an agent that kelp can start",
         "`kelp agents` lists them"},
        {"xyz", 0, "no error", NULL},
        {"claude", 3, "no error", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan = read_ok(&a, text);
        const struct plan_defaults defaults = {.agent = cases[i].agent};
        plan_apply_defaults(plan, &defaults, &a);
        int r = plan_check_agents(plan, cases[i].drivers ? drivers : NULL, cases[i].drivers, &f);
        cr_expect_eq(r, cases[i].hint ? -FAULT_ENVIRONMENT : 0);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, cases[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", cases[i].hint ? cases[i].hint : "");
    }
}
