/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"
#include "journal/runs.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t must_peek(const char *root)
{
    AUTO_FAULT f = {0};
    uint32_t number;

    cr_assert_eq(runs_peek(root, &number, &f), 0, "%s", f.message);
    return number;
}

static uint32_t must_take(const char *root, char **ret_dir)
{
    AUTO_FAULT f = {0};
    uint32_t number;

    cr_assert_eq(runs_take(root, &number, ret_dir, &f), 0, "%s", f.message);
    cr_assert(os_is_dir(*ret_dir));
    return number;
}

Test(runs, numbers_go_up_and_never_come_back)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *first = NULL, *second = NULL, *third = NULL;
    AUTO_FREE char *stray = text_format("%s/.kelp/runs/ORG_12x", root.path);
    AUTO_FREE char *child = text_format("%s/.kelp/runs/ORG_9000.1", root.path);
    AUTO_FREE char *state = os_path(root.path, ".kelp");

    cr_assert_eq(must_peek(root.path), RUNS_FIRST_NUMBER);
    cr_assert_not(os_exists(state), "looking touches nothing");
    cr_assert_eq(must_take(root.path, &first), 1001);
    cr_assert(text_ends(first, "/.kelp/runs/ORG_1001"));
    cr_assert(mkdir(stray, 0755) == 0 && mkdir(child, 0755) == 0);
    cr_assert_eq(must_peek(root.path), 1002);
    cr_assert_eq(must_take(root.path, &second), 1002);
    cr_assert_eq(rmdir(second), 0);
    cr_assert_eq(must_take(root.path, &third), 1003);
}

Test(runs, the_folder_ignores_itself)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *dir = NULL, *again = NULL;
    AUTO_FREE char *ignore = text_format("%s/.kelp/.gitignore", root.path);
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    (void)must_take(root.path, &dir);
    cr_assert_eq(os_read_file(ignore, 100, &text, &f), 0);
    cr_assert_str_eq(text.data, "*\n");
    cr_assert_eq(os_write_file(ignore, "*\n!keep\n", 8, 0644, &f), 0);
    (void)must_take(root.path, &again);
    text_clear(&text);
    cr_assert_eq(os_read_file(ignore, 100, &text, &f), 0);
    cr_assert_str_eq(text.data, "*\n!keep\n", "what the user wrote there stays");
}

Test(runs, programs_at_once_get_different_numbers)
{
    enum { TAKERS = 8, EACH = 20 };
    AUTO_FOLDER root = folder_new();
    AUTO_FAULT f = {0};
    struct runs runs = {0};
    pid_t takers[TAKERS];
    int status;

    for (size_t i = 0; i < TAKERS; i++) {
        takers[i] = fork();
        if (takers[i] != 0)
            continue;
        for (int k = 0; k < EACH; k++) {
            AUTO_FREE char *dir = NULL, *mine = NULL;
            (void)must_take(root.path, &dir);
            mine = os_path(dir, "mine");
            if (mkdir(mine, 0755) < 0)
                _exit(1); /* somebody else was given the same folder */
        }
        _exit(0);
    }
    for (size_t i = 0; i < TAKERS; i++)
        cr_assert(waitpid(takers[i], &status, 0) == takers[i] && status == 0);
    cr_assert_eq(runs_list(root.path, &runs, &f), 0);
    cr_assert_eq(runs.list.count, TAKERS * EACH);
    for (size_t i = 0; i < runs.list.count; i++)
        cr_assert_eq(runs.list.at[i].number, 1000 + TAKERS * EACH - i);
    runs_free(&runs);
}

static void set_status(const char *dir, const char *status)
{
    AUTO_FAULT f = {0};
    struct journal *j;

    cr_assert_eq(journal_open(dir, JOURNAL_WRITE, &j, &f), 0, "%s", f.message);
    cr_assert_eq(journal_set_status(j, status, &f), 0);
    cr_assert_eq(journal_commit(j, &f), 0);
    journal_close(j);
}

Test(runs, are_listed_newest_first_with_their_state)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *done = NULL, *open = NULL, *live = NULL, *empty = NULL;
    AUTO_FAULT f = {0}, none = {0}, missing = {0};
    struct runs runs = {0};
    struct run_entry one;
    struct journal *j;
    uint32_t number;

    cr_assert_eq(runs_newest_unfinished(root.path, &number, &none), -FAULT_NOT_FOUND);
    (void)must_take(root.path, &done);
    journal_fill(done, 5);
    set_status(done, "partial");
    (void)must_take(root.path, &open);
    journal_fill(open, 5);
    (void)must_take(root.path, &live);
    cr_assert_eq(journal_create(live, &j, &f), 0);
    events_write(j, 1, 5);
    (void)must_take(root.path, &empty);

    cr_assert_eq(runs_list(root.path, &runs, &f), 0, "%s", f.message);
    cr_assert_eq(runs.list.count, 4);
    const struct run_entry *at = runs.list.at;
    cr_assert(at[0].number == 1004 && !at[0].journalled && !at[0].ended && at[0].engine == 0);
    cr_assert(at[1].number == 1003 && at[1].journalled && !at[1].ended);
    cr_assert_eq(at[1].engine, getpid());
    cr_assert(at[2].number == 1002 && at[2].journalled && !at[2].ended && at[2].engine == 0);
    cr_assert(at[3].number == 1001 && at[3].ended);
    cr_assert_str_eq(at[3].status, "partial");
    runs_free(&runs);

    cr_assert_eq(runs_newest_unfinished(root.path, &number, &f), 0);
    cr_assert_eq(number, 1003);
    journal_close(j);
    set_status(live, "done");
    cr_assert_eq(runs_newest_unfinished(root.path, &number, &f), 0);
    cr_assert_eq(number, 1002);
    cr_assert(runs_look(root.path, 1001, &one, &f) == 0 && one.ended);
    cr_assert_eq(runs_look(root.path, 77, &one, &missing), -FAULT_NOT_FOUND);
    cr_assert_str_eq(missing.message, "there is no run 'ORG_0077'");
}

Test(runs, one_without_an_event_never_began)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *dir = NULL;
    AUTO_FAULT f = {0}, none = {0};
    struct run_entry entry;
    uint32_t number;

    (void)must_take(root.path, &dir);
    journal_fill(dir, 0);
    cr_assert_eq(runs_look(root.path, 1001, &entry, &f), 0, "%s", f.message);
    cr_assert(!entry.journalled && !entry.ended && entry.engine == 0);
    cr_assert_eq(runs_newest_unfinished(root.path, &number, &none), -FAULT_NOT_FOUND);
}

Test(runs, a_damaged_run_is_unfinished)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *dir = NULL;
    AUTO_FAULT f = {0};
    uint32_t number = 0;

    (void)must_take(root.path, &dir);
    AUTO_FREE char *journal = os_path(dir, "journal.db");
    cr_assert_eq(os_write_file(journal, "not a database", 14, 0644, &f), 0);
    cr_assert_eq(runs_newest_unfinished(root.path, &number, &f), 0);
    cr_assert_eq(number, 1001);
}

Test(runs, a_folder_that_is_read_only_is_named)
{
    AUTO_FOLDER root = folder_new();
    AUTO_FREE char *dir = NULL;
    AUTO_FAULT f = {0};
    uint32_t number;

    cr_assert_eq(chmod(root.path, 0555), 0);
    if (geteuid() == 0)
        cr_assert(setegid(65534) == 0 && seteuid(65534) == 0);
    int r = runs_take(root.path, &number, &dir, &f);
    if (getuid() == 0)
        cr_assert(seteuid(0) == 0 && setegid(0) == 0);
    cr_assert_eq(r, -FAULT_SYSTEM);
    cr_assert(strstr(f.message, "Permission denied") && strstr(f.hint, "writable"));
}
