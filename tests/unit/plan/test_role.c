/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/role.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text, *summary; /* name|description|model|tools|prompt, or the fault */
} roles[] = {
    {"---\nname: locator\ndescription: Finds things\ntools: Read, Grep,  Bash\nmodel: haiku\n"
     "color: red\n---\n\nYou find things.\n",
     "locator|Finds things|haiku|Read+Grep+Bash|You find things."},
    {"---\nname: a\ntools: [Read, Bash]\n---", "a|||Read+Bash|"},
    {"---\r\nname: a\r\n---\r\nPrompt\r\n", "a||||Prompt"},
    {"---\n---\nJust a prompt", "file||||Just a prompt"},
    {"---\nname: a\ndescription: Use this: \"when\" <x>: y\n\nhooks:\n---\nP",
     "a|Use this: \"when\" <x>: y|||P"},
    {"---\nname: a\nmodel: inherit\ntools: { bash: true, write: false, edit: ask }\n---\nP",
     "a|||bash+edit|P"},
    {"---\nname: a\ndescription: Use it: now\ntools: [Read, \"Bash\"]\n---\nP",
     "a|Use it: now||Read+Bash|P"},
    {"---\nname: a\nmodel: [\n---\n", "dir/file.md:4:1: flow sequence without a closing bracket"},
    {"---\nname: a\ndescription: \"x\n---\n",
     "dir/file.md:3:15: double-quoted scalar without closing quote"},
    {"", "dir/file.md:1:1: a role without front matter"},
    {"# Title\n", "dir/file.md:1:1: a role without front matter"},
    {"---\nname: a\n", "dir/file.md:1:1: front matter without an end"},
    {"---\nname: [a]\n---\n", "dir/file.md:2:7: 'name' must be a text, not a list"},
    {"---\nname: a\ntools:\n  - 'x\n---\n",
     "dir/file.md:4:6: single-quoted scalar without closing quote"},
    {"---\nname: a\ntools: [{x: y}]\n---\n",
     "dir/file.md:3:9: 'tools' must be a text, not a mapping"},
    {"---\nname: \xff\n---\n", "dir/file.md:2:7: not valid UTF-8"},
};

Test(role, front_matter)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        AUTO_TEXT got = {0};
        struct role role;
        if (role_parse(&(struct source){roles[i].text, strlen(roles[i].text), "dir/file.md"}, &a,
                       &role, &f) < 0) {
            AUTO_FREE char *message = fault_text(&f);
            cr_expect_str_eq(message, roles[i].summary);
            cr_expect_not_null(f.hint, "%s", message);
            continue;
        }
        text_printf(&got, "%s|%s|%s|", role.name, role.description, role.model);
        for (size_t k = 0; k < role.tools.count; k++)
            text_printf(&got, "%s%s", k ? "+" : "", role.tools.at[k]);
        text_printf(&got, "|%s", role.prompt);
        cr_expect_str_eq(got.data, roles[i].summary);
    }
}

static void write_file(const char *root, const char *name, const char *text)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *path = os_path(root, name);
    AUTO_FREE char *folder = mem_string_n(path, (size_t)(strrchr(path, '/') - path));

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0);
    cr_assert_eq(os_write_file(path, text, strlen(text), 0600, &f), 0);
}

static const struct {
    const char *text, *summary; /* name|description|model|prompt, or the fault */
} codex_roles[] = {
    {"name = \"r\"\ndescription = 'Reviews'\nmodel = \"gpt-5\"\neffort = 3\n"
     "developer_instructions = \"\"\"\nLook at\nall of it.\n\"\"\"\n[mcp.x]\nname = 'y'\n",
     "r|Reviews|gpt-5|Look at\nall of it."},
    {"", "file|||"},
    {"name = 'a'\nname = 'b'", "dir/file.toml:2:1: 'name' is written twice in a role"},
    {"name = ''", "dir/file.toml:1:8: 'name' is empty"},
    {"name = 'a", "dir/file.toml:1:8: a string without an end"},
};

Test(role, of_codex)
{
    for (size_t i = 0; i < COUNT_OF(codex_roles); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct role role;
        const char *text = codex_roles[i].text;
        int r = role_parse(&(struct source){text, strlen(text), "dir/file.toml"}, &a, &role, &f);
        AUTO_FREE char *got = r < 0 ? fault_text(&f)
                                    : text_format("%s|%s|%s|%s", role.name, role.description,
                                                  role.model, role.prompt);
        cr_expect_str_eq(got, codex_roles[i].summary);
    }
}

/* Models go with their program. */
Test(role, models)
{
    struct role list[] = {{.name = "tester", .model = "haiku", .driver = "claude"},
                          {.name = "writer", .model = "any", .driver = ""}};
    const struct roles roles = {.at = list, .count = 2};
    struct plan_step steps[] = {
        {.role = "Tester", .run = "", .settings = {.agent = "claude", .model = ""}},
        {.role = "Tester", .run = "", .settings = {.agent = "codex", .model = ""}},
        {.role = "Tester", .run = "", .settings = {.agent = "claude", .model = "own"}},
        {.role = "writer", .run = "", .settings = {.agent = "codex", .model = ""}},
        {.role = "writer", .run = "x", .settings = {.agent = "command", .model = ""}},
        {.role = "other", .run = "", .settings = {.agent = "claude", .model = ""}},
    };
    static const char *const expected[] = {"haiku", "", "own", "any", "", ""};
    struct plan_subtask subtask = {.steps = steps, .step_count = COUNT_OF(steps)};
    struct plan plan = {.subtasks = &subtask, .subtask_count = 1};

    roles_fill_models(&roles, &plan);
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        cr_expect_str_eq(steps[i].settings.model, expected[i], "step %zu", i);
}

Test(role, folders)
{
    const char *tmp = getenv("TMPDIR");
    AUTO_FREE char *root = text_format("%s/kelp-role-XXXXXX", tmp ? tmp : "/tmp");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct roles loaded;

    cr_assert_not_null(mkdtemp(root));
    cr_assert_eq(roles_load(root, &a, &loaded, &f), 0);
    cr_assert_eq(loaded.count, 0);
    write_file(root, ".claude/agents/docs/writer.md", "---\nname: Doc_Writer\n---\nfrom claude");
    write_file(root, ".claude/agents/bad.md", "no matter");
    write_file(root, ".claude/agents/notes.txt", "no role");
    write_file(root, ".kelp/agents/w.md", "---\nname: doc-writer\n---\nfrom kelp");
    write_file(root, ".opencode/agent/old.md", "---\nmodel: m\n---\nfrom opencode");
    write_file(root, ".opencode/agents/new.md", "---\nmodel: m\n---\nfrom opencode");
    write_file(root, ".codex/agents/c.toml", "developer_instructions = 'from codex'");
    write_file(root, ".codex/agents/c.md", "no role there");
    cr_assert_eq(roles_load(root, &a, &loaded, &f), 0);
    cr_assert_eq(loaded.count, 5);
    cr_assert_str_eq(roles_find(&loaded, "old")->driver, "opencode");
    cr_assert_str_eq(roles_find(&loaded, "new")->prompt, "from opencode");
    cr_assert_str_eq(roles_find(&loaded, "c")->prompt, "from codex");
    cr_assert_str_eq(roles_find(&loaded, "c")->driver, "codex");
    cr_assert_str_eq(roles_find(&loaded, "Doc Writer")->prompt, "from kelp");
    cr_assert_null(roles_find(&loaded, "doc"));
    cr_assert_eq(loaded.faults.count, 1);
    AUTO_FREE char *bad =
        text_format("%s/.claude/agents/bad.md:1:1: a role without front matter", root);
    cr_assert_str_eq(loaded.faults.at[0], bad);
    cr_assert_eq(os_remove_tree(root, &f), 0);
}
