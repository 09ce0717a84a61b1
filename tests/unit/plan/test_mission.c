/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/mission.h"

#include "base/os.h"
#include "plan/write.h"
#include "plan/yaml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char seed[] = "[EXEC_ID: ORG_4729.1]\n"
                           "\n"
                           "# Documentation Quality Analysis\n"
                           "\n"
                           "## Context\n"
                           "Wave 0 found *68* files.\n"
                           "\n"
                           "### In detail\n"
                           "More.\n"
                           "\n"
                           "## Mission\n"
                           "Consolidate duplicate documentation\n"
                           "\n"
                           "## Tasks\n"
                           "1. Identify duplicates (10 agents)\n"
                           "2. Consolidate content (15 agents),\n"
                           "   as **one** document:\n"
                           "   - first\n"
                           "   - second {{x}}\n"
                           "3. `make docs`\n"
                           "4. Generate report (1 agent)\n"
                           "\n"
                           "## Success Criteria\n"
                           "- 40-60% file reduction\n"
                           "- `test -f README.md`\n"
                           "- No use of `strcpy` anywhere\n"
                           "- Builds: `make {{all}}`\n"
                           "\n"
                           "## Notes\n"
                           "Be kind.\n";

Test(mission, the_form_of_the_seed)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan_subtask s;

    cr_assert_eq(mission_parse(&(struct source){seed, strlen(seed), "m.md"}, &a, &s, &f), 0, "%s",
                 f.message);
    cr_expect_str_eq(s.title, "Documentation Quality Analysis");
    cr_expect_str_eq(s.context, "Wave 0 found *68* files.\n\n### In detail\nMore.\n\n## Notes\n"
                                "Be kind.");
    cr_expect_str_eq(s.mission, "Consolidate duplicate documentation");
    cr_expect(s.explicit_waves);
    cr_assert_eq(s.step_count, 4);
    cr_expect_eq(s.wave_count, 4);
    cr_expect_eq(s.steps[0].count, 10);
    cr_expect_str_eq(s.steps[0].prompt, "Identify duplicates");
    cr_expect_str_eq(s.steps[0].id, "w1.1");
    cr_expect_eq(s.steps[0].place.line, 15);
    cr_expect_eq(s.steps[0].place.column, 4);
    cr_expect_eq(s.steps[1].count, 15);
    cr_expect_str_eq(s.steps[1].prompt,
                     "Consolidate content,\nas **one** document:\n- first\n- second {{{{x}}");
    cr_expect_str_eq(s.steps[1].title, "Consolidate content,");
    cr_expect_str_eq(s.steps[1].role, "Consolidate content,");
    cr_expect_eq(s.steps[1].level, 2);
    cr_expect_str_eq(s.steps[2].run, "make docs");
    cr_expect_str_eq(s.steps[2].settings.agent, "command");
    cr_expect_eq(s.steps[3].count, 1);
    cr_expect_str_eq(s.waves[3].title, "Generate report");
    cr_assert_eq(s.criteria.count, 2);
    cr_expect_str_eq(s.criteria.at[1], "No use of strcpy anywhere");
    cr_assert_eq(s.success.count, 2);
    cr_expect_str_eq(s.success.at[0].run, "test -f README.md");
    cr_expect_str_eq(s.success.at[1].run, "make {{{{all}}");
    cr_expect_eq(s.success.at[1].place.line, 27);
}

Test(mission, bullets_are_one_wave)
{
    static const char text[] = "Title\n=====\n\nTasks\n-----\n\n* one\n* two (3 agents)\n";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan_subtask s;

    cr_assert_eq(mission_parse(&(struct source){text, strlen(text), "m.md"}, &a, &s, &f), 0, "%s",
                 f.message);
    cr_expect_str_eq(s.title, "Title");
    cr_expect_str_eq(s.mission, "Title");
    cr_expect_eq(s.wave_count, 1);
    cr_expect_str_eq(s.steps[1].id, "w1.2");
    cr_expect_eq(s.steps[1].level, 1);
    cr_expect_eq(s.steps[1].count, 3);
}

static const struct {
    const char *text, *message, *hint;
} faults[] = {
    {"", "m.md:1:1: a mission without a title", "begin with '# Title'"},
    {"some text\n", "m.md:1:1: a mission without a title", "begin with '# Title'"},
    {"## Tasks\n1. a\n", "m.md:1:1: a mission without a title", "begin with '# Title'"},
    {"# T\n", "m.md:1:1: a mission without tasks",
     "list them under '## Tasks', one numbered line each"},
    {"# T\n\n## Tasks\n\nnone\n", "m.md:3:1: a mission without tasks",
     "list them under '## Tasks', one numbered line each"},
    {"# T\n## Task\n1. a\n", "m.md:2:1: unknown section 'Task'", "did you mean '## Tasks'?"},
    {"# T\n## Tasks\n1. a\n\n## tasks\n1. b\n", "m.md:5:1: a second section 'Tasks'",
     "write it once"},
    {"# T\n## Tasks\n1. a\n2. b (0 agents)\n", "m.md:4:1: a number of agents that can't work",
     "give a task 1 to 1000000 agents, or leave the number out"},
    {"# T\n## Tasks\n1. (3 agents)\n", "m.md:3:1: an empty task",
     "say what is to be done, or take the entry out"},
    {"# T\n\xff", "m.md:2:1: not valid UTF-8", "save the file as UTF-8"},
    {"[EXEC_ID: ORG_1] x",
     "m.md:1:1: 'ORG_1' is not an execution ID: the number needs four or more digits, up to "
     "4294967295",
     "an execution ID reads ORG_4729, ORG_4729.1 or ORG_4729.1.1"},
};

Test(mission, every_fault_has_a_place_and_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct plan_subtask s;
        cr_expect(mission_parse(&(struct source){faults[i].text, strlen(faults[i].text), "m.md"},
                                &a, &s, &f) < 0,
                  "accepted: %s", faults[i].text);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, faults[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", faults[i].hint);
    }
}

Test(mission, files_become_one_plan)
{
    const char *tmp = getenv("TMPDIR");
    AUTO_FREE char *folder = text_format("%s/kelp-mission-XXXXXX", tmp ? tmp : "/tmp");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0}, missing = {0};
    struct plan *plan, *again;

    cr_assert_not_null(mkdtemp(folder));
    AUTO_FREE char *first = os_path(folder, "a.md"), *second = os_path(folder, "b.md");
    cr_assert_eq(os_write_file(first, seed, strlen(seed), 0600, &f), 0);
    cr_assert_eq(os_write_file(second, "# Other\n## Tasks\n1. `true`\n", 27, 0600, &f), 0);
    const char *const paths[] = {first, second, first}, *const four[] = {second, second, second,
                                                                         second};
    cr_assert_eq(plan_read_missions(paths, 3, &a, &plan, &f), 0, "%s", f.message);
    cr_expect_str_eq(plan->task, "Documentation Quality Analysis; Other; Documentation Quality "
                                 "Analysis");
    cr_expect_str_eq(plan->subtasks[2].id, "documentation-quality-analysis-2");
    json_auto_t *json = plan_to_json(plan);
    cr_assert_eq(plan_from_json(json, "p", &a, &again, &f), 0, "%s", f.message);
    json_auto_t *back = plan_to_json(again);
    cr_expect(json_equal(json, back));
    cr_assert_eq(plan_read_missions(four, 4, &a, &plan, &f), 0);
    cr_expect_str_eq(plan->task, "Other; Other; Other; and 1 more");
    cr_assert_eq(os_remove_tree(folder, &f), 0);
    cr_assert_eq(plan_read_missions(paths, 1, &a, &plan, &missing), -FAULT_NOT_FOUND);
}

Test(mission, many_tasks_are_read_in_one_walk)
{
    AUTO_TEXT t = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct plan_subtask s;

    text_add(&t, "# T\n## Tasks\n");
    for (int i = 0; i < 50000; i++)
        text_add(&t, "1. a\n");
    cr_assert_eq(mission_parse(&(struct source){t.data, t.length, "m.md"}, &a, &s, &f), 0);
    cr_assert_eq(s.steps[49999].place.line, 50002);
}
