/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/variables.h"

#include "plan/yaml.h"

#include <criterion/criterion.h>
#include <string.h>

#define STEPS(work) "subtasks:\n  - title: A\n    steps:\n" work
#define FAN "subtasks:\n  - title: A {{item}}\n    for_each: [x]\n"
#define WAVES(first, second)                                                        \
    "subtasks:\n  - title: A\n    waves:\n      - agents:\n          - " first "\n" \
    "      - agents:\n          - " second "\n"

static const char *const accepted[] = {
    STEPS("      - prompt: '{{task}} {{ title }} {{index}} {{role}} {{findings}}'\n"),
    STEPS("      - {run: 'echo {{item}} {{items}}', for_each: [a]}\n"),
    STEPS("      - {id: a, run: x}\n      - {run: 'echo {{steps.a.summary}}', needs: a}\n"),
    STEPS("      - {id: a, run: x}\n      - {id: b, run: y, needs: a}\n"
          "      - {run: 'echo {{steps.a.summary}} {{waves.2.summary}}', needs: b}\n"),
    STEPS("      - run: docker ps --format '{{{{.Names}}'\n"),
    WAVES("{id: a, run: x}", "{run: 'echo {{waves.1.summary}} {{steps.a.summary}}'}"),
    WAVES("{run: x}", "{run: 'echo {{steps.w1.1.summary}}'}"),
    FAN "    setup: 'npm ci {{item}}'\n    steps: [{run: 'x {{item}}', for_each: {run: 'ls "
        "{{item}}'}}]\n    success: ['test -f {{item}}']\n",
    STEPS("      - run: x\n    success: ['echo {{waves.1.summary}}', 'ls {{context}}']\n"),
    "research: [{run: '{{recipes}}/x {{instance}}'}]\n" STEPS("      - run: x\n"),
};

Test(variables, accepted)
{
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan;
        cr_expect_eq(
            plan_read_yaml(&(struct source){accepted[i], strlen(accepted[i]), "p"}, &a, &plan, &f),
            0, "%s: %s (%s)", accepted[i], f.message, f.hint);
    }
}

static const struct {
    const char *text, *message, *hint;
} refused[] = {
    {STEPS("      - prompt: '{{tsk}}'\n"), "p:4:17: unknown variable '{{tsk}}'",
     "did you mean {{task}}?"},
    {STEPS("      - run: echo {{zzzzzzz}}\n"), "p:4:14: unknown variable '{{zzzzzzz}}'",
     "write {{{{ for a plain {{"},
    {STEPS("      - run: docker ps --format '{{.Names}}'\n"),
     "p:4:14: unknown variable '{{.Names}}'", "write {{{{ for a plain {{"},
    {STEPS("      - run: |\n          x\n          echo {{task\n"), "p:5:1: '{{' is not closed",
     "write {{{{ for a plain {{"},
    {STEPS("      - prompt: '{{}}'\n"), "p:4:17: '{{}}' names no variable",
     "write {{{{ for a plain {{"},
    {STEPS("      - run: echo `{{task}}`\n"),
     "p:4:14: '{{task}}' can't be quoted safely inside backquotes",
     "put it into a shell variable first: x={{task}}"},
    {STEPS("      - run: echo {{item}}\n"), "p:4:14: unknown variable '{{item}}'",
     "there is no for_each around it"},
    {STEPS("      - {id: a, run: x}\n      - {run: 'echo {{steps.a.summary}}'}\n"),
     "p:5:15: unknown variable '{{steps.a.summary}}'", "add 'a' to the needs of this step"},
    {STEPS("      - {id: a, run: 'x {{steps.a.summary}}'}\n"),
     "p:4:22: unknown variable '{{steps.a.summary}}'", "add 'a' to the needs of this step"},
    {STEPS("      - {id: a, run: 'x {{steps.b.summary}}'}\n"),
     "p:4:22: unknown variable '{{steps.b.summary}}'", "the subtask has no step 'b'"},
    {STEPS("      - {run: 'x {{waves.1.summary}}'}\n"),
     "p:4:15: unknown variable '{{waves.1.summary}}'", "the first wave has none before it"},
    {WAVES("{id: a, run: x}", "{run: 'echo {{waves.2.summary}}'}"),
     "p:7:19: unknown variable '{{waves.2.summary}}'", "name a wave from 1 to 1"},
    {WAVES("{run: 'echo {{steps.b.summary}}'}", "{id: b, run: x}"),
     "p:5:19: unknown variable '{{steps.b.summary}}'", "name a step of an earlier wave"},
    {STEPS("      - run: x\n    cleanup: ['echo {{index}}']\n"),
     "p:5:15: unknown variable '{{index}}'", "only what an agent runs has it"},
    {STEPS("      - run: x\n    setup: 'echo {{waves.1.summary}}'\n"),
     "p:5:12: unknown variable '{{waves.1.summary}}'", "write {{{{ for a plain {{"},
    {"cleanup: ['rm {{title}} {{item}}']\n" STEPS("      - run: x\n"),
     "p:1:11: unknown variable '{{item}}'", "there is no for_each around it"},
    {"setup: npm ci {{x}}\n" STEPS("      - run: x\n"), "p:1:8: unknown variable '{{x}}'",
     "write {{{{ for a plain {{"},
    {"research: [{run: 'ls {{steps.r1.summary}}'}]\n" STEPS("      - run: x\n"),
     "p:1:18: unknown variable '{{steps.r1.summary}}'", "write {{{{ for a plain {{"},
    {"subtasks:\n  - {title: 'A {{item}}', steps: [{run: x}]}\n",
     "p:2:5: '{{' in the title 'A {{item}}'",
     "a title has no variable but {{item}}, and that below a for_each"},
    {"subtasks:\n  - {title: '{{item}} {{task}}', for_each: [a], steps: [{run: x}]}\n",
     "p:2:5: '{{' in the title '{{item}} {{task}}'", "a title has no variable but {{item}}"},
    {"subtasks:\n  - {title: A, for_each: {run: 'ls {{item}}'}, steps: [{run: x}]}\n",
     "p:2:26: unknown variable '{{item}}'", "there is no for_each around it"},
    {STEPS("      - {run: x, for_each: {run: 'ls {{item}}'}}\n"),
     "p:4:28: unknown variable '{{item}}'", "there is no for_each around it"},
};

Test(variables, refused_with_a_place_and_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan *plan;
        cr_expect_eq(plan_read_yaml(&(struct source){refused[i].text, strlen(refused[i].text), "p"},
                                    &a, &plan, &f),
                     -FAULT_PLAN, "accepted: %s", refused[i].text);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, refused[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", refused[i].hint);
    }
}
