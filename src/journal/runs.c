/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/runs.h"

#include "base/os.h"
#include "core/exec_id.h"
#include "journal/journal.h"
#include "journal/lock.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where the highest number that was ever taken is kept, for when its folder is gone. */
static char *last_path(const char *root)
{
    return text_format("%s/.kelp/last-run", root);
}

char *runs_dir(const char *root, uint32_t number)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(exec_id_root(number), id);
    return text_format("%s/.kelp/runs/%s", root, id);
}

/* False for folders that are no run's. */
static bool parse_name(const char *name, uint32_t *ret)
{
    AUTO_FAULT f = {0};
    struct exec_id id;

    if (exec_id_parse(name, &id, &f) < 0 || id.depth != 0)
        return false;
    *ret = id.root;
    return true;
}

static int by_number_descending(const void *a, const void *b)
{
    const struct run_entry *x = a, *y = b;

    return (x->number < y->number) - (x->number > y->number);
}

/* The numbers alone, newest first. */
static int list_numbers(const char *root, struct runs *ret, struct fault *f)
{
    AUTO_FREE char *path = text_format("%s/.kelp/runs", root);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    struct run_entry run = {0};

    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return fault_system(f, errno, "cannot list '%s'", path);
    int r;
    while ((r = os_next_entry(dir, path, &entry, f)) > 0)
        if (parse_name(entry->d_name, &run.number))
            vector_push(&ret->list, run);
    (void)closedir(dir); /* only read from */
    if (ret->list.count)
        qsort(ret->list.at, ret->list.count, sizeof *ret->list.at, by_number_descending);
    return r;
}

static uint32_t read_last(const char *root)
{
    AUTO_FREE char *path = last_path(root);
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};
    int64_t number = 0;

    if (os_read_file(path, 32, &text, &f) < 0)
        return 0; /* the folders alone decide */
    if (text.length && text.data[text.length - 1] == '\n')
        text.data[text.length - 1] = '\0';
    return text_to_int64(text_get(&text), 0, UINT32_MAX, &number) ? (uint32_t)number : 0;
}

int runs_peek(const char *root, uint32_t *ret_number, struct fault *f)
{
    struct runs runs = {0};
    uint32_t last = read_last(root);
    int r = list_numbers(root, &runs, f);

    if (r == 0 && runs.list.count && runs.list.at[0].number > last)
        last = runs.list.at[0].number;
    if (last < RUNS_FIRST_NUMBER)
        last = RUNS_FIRST_NUMBER - 1;
    if (r == 0 && last == UINT32_MAX)
        r = fault_set(f, FAULT_LIMIT, "no run number is left in '%s/.kelp/runs'", root);
    if (r == 0)
        *ret_number = last + 1;
    runs_free(&runs);
    return r;
}

static int make_ground(const char *root, struct fault *f)
{
    static const char everything[] = "*\n";
    AUTO_FREE char *runs = text_format("%s/.kelp/runs", root);
    AUTO_FREE char *ignore = text_format("%s/.kelp/.gitignore", root);

    int r = os_make_dirs(runs, 0755, f);
    if (r == 0 && !os_exists(ignore))
        r = os_write_file(ignore, everything, strlen(everything), 0644, f);
    if (r < 0)
        fault_hint(f, "kelp keeps its state in '%s/.kelp', which has to be writable", root);
    return r;
}

static int write_last(const char *root, uint32_t number, struct fault *f)
{
    AUTO_FREE char *path = last_path(root);
    AUTO_FREE char *line = text_format("%u\n", number);

    return os_write_file(path, line, strlen(line), 0644, f);
}

int runs_take(const char *root, uint32_t *ret_number, char **ret_dir, struct fault *f)
{
    uint32_t number;
    int r = make_ground(root, f);

    if (r == 0)
        r = runs_peek(root, &number, f);
    if (r != 0)
        return r;
    AUTO_FREE char *dir = runs_dir(root, number);
    while (mkdir(dir, 0755) < 0) {
        if (errno != EEXIST || number == UINT32_MAX)
            return fault_system(f, errno, "cannot make folder '%s'", dir);
        free(dir);
        dir = runs_dir(root, ++number);
    }
    r = write_last(root, number, f);
    if (r < 0)
        return r;
    *ret_number = number;
    *ret_dir = dir;
    dir = NULL;
    return 0;
}

/* A journal that can't be read is a run all the same: whoever opens it is told why. One without a
 * single event is of a run that never began. */
static void look(const char *root, struct run_entry *run)
{
    AUTO_FREE char *dir = runs_dir(root, run->number);
    AUTO_FREE char *status = NULL;
    AUTO_FAULT f = {0};
    struct journal *j = NULL;

    (void)run_lock_held(dir, &run->engine); /* 0 says the same */
    if (journal_open(dir, JOURNAL_READ, &j, &f) == 0 && journal_status(j, &status, &f) == 0) {
        run->ended = status[0] != '\0';
        run->journalled = journal_count(j) > 0;
        (void)snprintf(run->status, sizeof run->status, "%s", status);
    } else if (f.code != FAULT_NOT_FOUND) {
        run->journalled = true;
        run->trouble = f.code;
    }
    journal_close(j);
}

int runs_look(const char *root, uint32_t number, struct run_entry *ret, struct fault *f)
{
    AUTO_FREE char *dir = runs_dir(root, number);

    if (!os_is_dir(dir)) {
        int r = fault_set(f, FAULT_NOT_FOUND, "there is no run '%s'", strrchr(dir, '/') + 1);
        fault_hint(f, "'kelp ls' lists the runs of this repository");
        return r;
    }
    *ret = (struct run_entry){.number = number};
    look(root, ret);
    return 0;
}

int runs_list(const char *root, struct runs *ret, struct fault *f)
{
    int r = list_numbers(root, ret, f);

    for (size_t i = 0; i < ret->list.count; i++)
        look(root, &ret->list.at[i]);
    return r;
}

void runs_free(struct runs *runs)
{
    vector_free(&runs->list);
}

int runs_newest_unfinished(const char *root, uint32_t *ret_number, struct fault *f)
{
    struct runs runs = {0};
    int r = list_numbers(root, &runs, f);
    bool found = false;

    for (size_t i = 0; r == 0 && !found && i < runs.list.count; i++) {
        struct run_entry *run = &runs.list.at[i];
        look(root, run);
        found = run->journalled && !run->ended;
        if (found)
            *ret_number = run->number;
    }
    runs_free(&runs);
    if (r == 0 && !found)
        r = fault_set(f, FAULT_NOT_FOUND, "there is no unfinished run in '%s'", root);
    return r;
}
