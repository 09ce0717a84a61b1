/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/prompt.h"

#include "../temp_dir.h"

#include <string.h>

static void write_file(const char *root, const char *name, const char *text)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *path = os_path(root, name);
    AUTO_FREE char *folder = mem_string_n(path, (size_t)(strrchr(path, '/') - path));

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0, "%s", f.message);
    cr_assert_eq(os_write_file(path, text, strlen(text), 0600, &f), 0, "%s", f.message);
}

static const struct {
    const char *text, *expected; /* what comes out, or the fault behind "FILE:" */
} templates[] = {
    {"[EXEC_ID: {{exec_id}}]\n", "[EXEC_ID: ORG_1.1]\n"},
    {"a\n## X\n\n{{context}}\n\n## Y\n{{work}}\n", "a\n## Y\nthe work\n"},
    {"a\n## X\n{{context}}{{work}}\n", "a\n## X\nthe work\n"},
    {"# A\nno variable\n# B\n{{context}}\n", "# A\nno variable\n"},
    {"{{context}}\n# B\n{{work}}", "# B\nthe work"},
    {"{{{{work}} {{ mission }}", "{{work}} {{work}} # no heading\n# nor this"},
    {"", ""},
    {"a\n  {{worc}}\n", ":2:3: unknown variable '{{worc}}'"},
    {"# A\n\n{{work\n", ":3:1: '{{' is not closed"},
    {"a\xff", ":1:1: not UTF-8 text"},
};

static const struct prompt_values some = {
    .exec_id = "ORG_1.1",
    .work = "the work",
    .mission = "{{work}} # no heading\n# nor this", /* a value is no template */
    .context = "",
};

Test(prompt, sections_and_values)
{
    for (size_t i = 0; i < COUNT_OF(templates); i++) {
        AUTO_TEMP_DIR char *dir = temp_dir_new();
        AUTO_FAULT f = {0};
        AUTO_TEXT out = {0};
        write_file(dir, "prompts/agent.md", templates[i].text);
        text_add(&out, "before ");
        int r = prompt_render(&(struct prompt_folders){.recipes = dir}, "agent", &some, &out, &f);
        if (r == 0) {
            cr_expect_str_eq(text_get(&out) + strlen("before "), templates[i].expected);
            continue;
        }
        AUTO_FREE char *message = fault_text(&f);
        AUTO_FREE char *expected = text_format("%s/prompts/agent.md%s", dir, templates[i].expected);
        cr_expect_str_eq(message, expected);
        cr_expect_str_eq(text_get(&out), "before ");
        cr_expect_not_null(f.hint);
    }
}

Test(prompt, the_nearest_file_counts)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *user = os_path(dir, "user"), *recipes = os_path(dir, "recipes");
    const struct prompt_folders folders = {dir, user, recipes};
    static const char *const steps[][2] = {
        {"recipes/prompts/agent.md", "shipped"},
        {"user/prompts/agent.md", "user's"},
        {".kelp/prompts/agent.md", "repository's"},
    };
    AUTO_FAULT none = {0};
    AUTO_TEXT nothing = {0};

    cr_assert_eq(prompt_render(&folders, "agent", &some, &nothing, &none), -FAULT_NOT_FOUND);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        AUTO_FAULT f = {0};
        AUTO_TEXT out = {0};
        write_file(dir, steps[i][0], steps[i][1]);
        cr_assert_eq(prompt_render(&folders, "agent", &some, &out, &f), 0, "%s", f.message);
        cr_expect_str_eq(text_get(&out), steps[i][1]);
    }
}

Test(prompt, a_users_broken_file_is_found_before_it_is_needed)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *recipes = text_format("%s/recipes", getenv("KELP_TEST_SOURCE"));
    const struct prompt_folders folders = {dir, NULL, recipes};
    AUTO_FAULT f = {0};

    cr_assert_eq(prompt_check(&folders, &f), 0, "%s", f.message);
    write_file(dir, ".kelp/prompts/handover.md", "ok\n{{sumaries}}");
    cr_assert_eq(prompt_check(&folders, &f), -FAULT_PLAN);
    AUTO_FREE char *message = fault_text(&f);
    AUTO_FREE char *expected =
        text_format("%s/.kelp/prompts/handover.md:2:1: unknown variable '{{sumaries}}'", dir);
    cr_expect_str_eq(message, expected);
    cr_expect_str_eq(f.hint, "did you mean {{summaries}}?");
}

static const struct {
    const char *name, *line; /* of the shipped prompt, with everything filled */
} lines[] = {
    {"agent", "You are I1, role Tester, in wave 2 of 3."},
    {"agent", "/run/a/result.json"},
    {"agent", "src/**"},
    {"continue", "/run/a/result.json"},
    {"correction", "plan:1:2: no"},
    {"planner", "\"Fix it: {{steps.analyse.summary}}\""},
};

/* Each of them begins with the tag, and what is empty leaves no trace. */
Test(prompt, shipped)
{
    AUTO_FREE char *recipes = text_format("%s/recipes", getenv("KELP_TEST_SOURCE"));
    const struct prompt_folders folders = {.recipes = recipes};
    const struct prompt_values values = {.exec_id = "ORG_4729.1",
                                         .instance = "I1",
                                         .role = "Tester",
                                         .wave = "2",
                                         .waves = "3",
                                         .work = "do it",
                                         .folder = "/copy",
                                         .result_file = "/run/a/result.json",
                                         .writes = "src/**",
                                         .task = "Fix it",
                                         .error = "plan:1:2: no",
                                         .schema = "{}"};

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        AUTO_FAULT f = {0};
        AUTO_TEXT out = {0};
        cr_assert_eq(prompt_render(&folders, lines[i].name, &values, &out, &f), 0, "%s", f.message);
        const char *text = text_get(&out);
        cr_expect_not_null(strstr(text, lines[i].line), "%s: %s", lines[i].name, text);
        cr_expect_null(strstr(text, "## Findings"), "%s", text);
        cr_expect_null(strstr(text, "## Handover"), "%s", text);
        if (strcmp(lines[i].name, "correction") != 0)
            cr_expect(text_starts(text, "[EXEC_ID: ORG_4729.1]\n"), "%s", text);
    }
}
