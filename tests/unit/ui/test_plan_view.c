/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/plan_view.h"

#include "plan/yaml.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <string.h>

static const char plan_text[] =
    "version: 1\n"
    "task: two\n"
    "subtasks:\n"
    "  - title: \"one \\e[31m\"\n"
    "    minutes: 15\n"
    "    waves:\n"
    "      - title: Look\n"
    "        agents: [ { role: A, count: 3, run: x }, { role: B, run: x } ]\n"
    "      - agents: [ { role: B, run: x } ]\n"
    "      - agents: [ { role: B, run: x } ]\n"
    "  - title: two\n"
    "    for_each: [x, y]\n"
    "    minutes: 15\n"
    "    steps: [ { id: a, role: A, run: x }, { id: b, role: A, run: x }, { id: c, role: A, run: x "
    "} "
    "]\n";

struct shown {
    struct arena arena;
    struct plan *plan;
    struct decision decision;
    struct plan_view view;
};

static void begin(struct shown *s)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "plan.yaml");
    AUTO_FAULT f = {0};

    *s = (struct shown){.plan = NULL};
    cr_assert_eq(os_write_file(path, plan_text, strlen(plan_text), 0600, &f), 0);
    cr_assert_eq(plan_read_file(path, &s->arena, &s->plan, &f), 0, "%s", f.message);
    decide(s->plan, 0, &(struct decide_options){.min_steps = 0}, &s->arena, &s->decision);
    s->view = (struct plan_view){.number = 4729, .plan = s->plan, .decision = &s->decision};
}

static void end(struct shown *s)
{
    arena_free(&s->arena);
}

static void expect_line(const char *text, const char *line)
{
    cr_expect_not_null(strstr(text, line), "no '%s' in:\n%s", line, text);
}

Test(plan_view, says_the_decision_and_the_waves)
{
    struct shown s;
    AUTO_TEXT out = {0};

    begin(&s);
    plan_view_text(&s.view, &out);
    expect_line(text_get(&out), "Decision: child orchestrators (meta)\n");
    expect_line(text_get(&out), "  yes depth ");
    expect_line(text_get(&out), "  ORG_4729.1 one \\x1b[31m: 3 waves, 6 agents, 15 min\n");
    expect_line(text_get(&out), "    Wave 1 (Look): 3 x A, B [I4]\n");
    expect_line(text_get(&out), "    Wave 2: B [I4, again]\n");
    expect_line(text_get(&out), "  ORG_4729.2 two (x): ");
    expect_line(text_get(&out), "  ORG_4729.3 two (y): ");
    expect_line(text_get(&out), "  ORG_4729.4 cleanup of the result\n");
    cr_expect_null(strchr(text_get(&out), '\033'));
    end(&s);
}

Test(plan_view, scripts_find_their_keys)
{
    static const char *const keys[] = {"version", "task",   "decision", "subtasks",
                                       "waves",   "agents", "estimate"};
    struct shown s;

    begin(&s);
    json_auto_t *made = plan_view_json(&s.view);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        cr_expect_not_null(json_object_get(made, keys[i]), "no '%s'", keys[i]);
    const json_t *decision = json_object_get(made, "decision");
    cr_expect_str_eq(json_get_string(decision, "pattern", ""), "meta");
    cr_expect_eq(json_array_size(json_object_get(decision, "criteria")), 4);
    cr_expect_eq(json_array_size(json_object_get(made, "waves")), 0);
    const json_t *subtasks = json_object_get(made, "subtasks");
    cr_assert_eq(json_array_size(subtasks), 3);
    const json_t *one = json_array_get(subtasks, 0);
    cr_expect_str_eq(json_get_string(one, "exec_id", ""), "ORG_4729.1");
    cr_expect_eq(json_get_number(one, "minutes", 0), 15);
    const json_t *wave = json_array_get(json_object_get(one, "waves"), 1);
    const json_t *agent = json_array_get(json_object_get(wave, "agents"), 0);
    cr_expect_str_eq(json_get_string(agent, "instance", ""), "I4");
    cr_expect(json_get_bool(agent, "reused", false));
    end(&s);
}
