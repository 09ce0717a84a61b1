/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/roster.h"

#include "temp_dir.h"

#include <string.h>
#include <sys/stat.h>

struct variables {
    const char *path, *home, *key;
};

static const char *get(void *context, const char *name)
{
    const struct variables *v = context;

    return strcmp(name, "PATH") == 0      ? v->path
           : strcmp(name, "HOME") == 0    ? v->home
           : strcmp(name, "ANY_KEY") == 0 ? v->key
                                          : NULL;
}

static void write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_FREE char *folder = mem_string_n(path, (size_t)(strrchr(path, '/') - path));
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(folder, 0755, &f), 0, "%s", f.message);
    cr_assert_eq(os_write_file(path, text, strlen(text), mode, &f), 0, "%s", f.message);
}

Test(roster, files_of_the_user_win)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *shipped = os_path(dir, "shipped");
    AUTO_FREE char *own = os_path(dir, "own");
    AUTO_FREE char *program = os_path(dir, "bin/prog");
    AUTO_FREE char *bin = os_path(dir, "bin");
    struct variables v = {.path = bin, .home = dir};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct roster roster;

    write_file(dir, "bin/prog", "#!/bin/sh\n", 0755);
    write_file(dir, "shipped/drivers/a.yaml", "name: one\nprogram: prog\nwhat: shipped\n", 0644);
    write_file(dir, "shipped/drivers/b.yaml",
               "name: two\nprogram: nowhere\nconfigured_by: [ANY_KEY, ~/.two]\ninstall: make\n",
               0644);
    write_file(dir, "shipped/drivers/.c.yaml", "broken", 0644);
    write_file(dir, "own/drivers/x.yaml", "name: one\nprogram: prog\nwhat: own\ntried: 1.0\n",
               0644);
    write_file(dir, "own/drivers/y.yaml", "name: one\nprogam: prog\n", 0644);
    write_file(dir, "own/drivers/notes.txt", "broken", 0644);
    write_file(dir, ".two", "", 0644);
    const struct roster_options options = {
        .recipes = shipped, .config = own, .environment = {get, &v}};
    cr_assert_eq(roster_load(&options, &a, &roster, &f), 0, "%s", f.message);

    const struct roster_entry *one = roster_find(&roster, "one"),
                              *two = roster_find(&roster, "two");
    cr_assert(one && two);
    cr_expect_str_eq(one->driver->what, "own");
    cr_expect_str_eq(one->program, program);
    cr_expect_str_eq(one->tried, "1.0");
    cr_expect_null(one->trouble);
    cr_expect_lt(one, two, "it keeps its place");
    cr_expect_null(two->program);
    cr_expect_str_eq(two->trouble, "'nowhere' is not in the PATH");
    cr_expect_str_eq(two->configured, "~/.two");
    cr_assert_eq(roster.faults.count, 1);
    AUTO_FREE char *broken =
        text_format("%s/drivers/y.yaml:2:1: unknown key 'progam' in a driver", own);
    cr_expect_str_eq(roster.faults.at[0], broken, "%s", roster.faults.at[0]);

    const struct roster_entry *found = NULL;
    cr_expect_eq(roster_need(&roster, "one", &found, &f), 0);
    cr_expect_eq(found, one);
    cr_expect_eq(roster_need(&roster, "two", &found, &f), -FAULT_ENVIRONMENT);
    cr_expect_str_eq(f.hint, "install it: make");
    fault_clear(&f);
    cr_expect_eq(roster_need(&roster, "onee", &found, &f), -FAULT_ENVIRONMENT);
    cr_expect_str_eq(f.hint, "did you mean 'one'?");
    fault_clear(&f);
    AUTO_FREE char *why = text_format("a driver file is broken: %s", broken);
    cr_expect_eq(roster_need(&roster, "something", &found, &f), -FAULT_ENVIRONMENT);
    cr_expect_str_eq(f.hint, why);
}

Test(roster, compiled_in_ones_are_there_without_any_folder)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct roster roster;

    cr_assert_eq(roster_load(&(struct roster_options){0}, &a, &roster, &f), 0, "%s", f.message);
    for (size_t i = 0; driver_builtin(i); i++) {
        cr_assert_lt(i, roster.count);
        cr_expect_eq(roster.at[i].driver, driver_builtin(i));
        cr_expect_str_eq(roster.names[i], driver_builtin(i)->name);
        cr_expect_null(roster.at[i].file);
    }
    cr_expect_null(roster_find(&roster, "nobody"));
}

Test(roster, like_a_driver_that_is_not_compiled_in)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct roster_options options = {.config = dir};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct roster roster;

    write_file(dir, "drivers/a.yaml", "name: a\nlike: gemini\nprogram: p\n", 0644);
    write_file(dir, "drivers/b.yaml", "name: b\nlike: a\nprogram: p\n", 0644);
    cr_assert_eq(roster_load(&options, &a, &roster, &f), 0, "%s", f.message);
    cr_expect_not_null(roster_find(&roster, "a"));
    cr_expect_null(roster_find(&roster, "b"));
    AUTO_FREE char *broken =
        text_format("%s/drivers/b.yaml:1:1: 'like' names 'a', which is not compiled in", dir);
    cr_assert_eq(roster.faults.count, 1);
    cr_expect_str_eq(roster.faults.at[0], broken, "%s", roster.faults.at[0]);
}

/* What is shipped has no fault, and says what it was tried with. */
Test(roster, shipped)
{
    static const char *const names[] = {"aider",   "claude-acp",   "cline", "codex-acp",
                                        "copilot", "copilot-acp",  "crush", "gemini-acp",
                                        "goose",   "opencode-acp", "qwen",  "qwen-acp"};
    AUTO_FREE char *recipes = text_format("%s/recipes", getenv("KELP_TEST_SOURCE"));
    const struct roster_options options = {.recipes = recipes};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct roster roster;

    cr_assert_eq(roster_load(&options, &a, &roster, &f), 0, "%s", f.message);
    cr_expect_eq(roster.faults.count, 0, "%s", roster.faults.count ? roster.faults.at[0] : "");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct roster_entry *e = roster_find(&roster, names[i]);
        cr_assert_not_null(e, "%s", names[i]);
        cr_expect_not_null(e->driver->install_hint, "%s", names[i]);
        cr_expect(*e->driver->what, "%s", names[i]);
        cr_expect_not_null(e->driver->configured_by[0], "%s", names[i]);
    }
}
