/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES_MAX = 1000, DEPTH_MAX = 32 };

/* A listing that is being made. */
struct listing {
    struct text *out;
    bool recursive;
    unsigned count;
};

static int wanted(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
           strcmp(entry->d_name, ".git") != 0;
}

static void list(struct listing *l, int dir, const char *prefix, unsigned depth);

static void list_below(struct listing *l, int dir, const char *name, const char *path,
                       unsigned depth)
{
    AUTO_CLOSE below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (below >= 0 && depth < DEPTH_MAX)
        list(l, below, path, depth + 1);
}

static void list_entry(struct listing *l, const struct dirent *entry, const char *prefix)
{
    static const char *const marks[] = {[DT_DIR] = "/", [DT_LNK] = "@", [DT_FIFO] = "|"};
    const char *mark = entry->d_type < COUNT_OF(marks) ? marks[entry->d_type] : NULL;

    text_printf(l->out, "%s%s%s\n", prefix, entry->d_name, mark ? mark : "");
    l->count++;
}

/* In the order of their bytes. What can't be read is empty. */
static void list(struct listing *l, int dir, const char *prefix, unsigned depth)
{
    struct dirent **entries = NULL;
    int count = scandirat(dir, ".", &entries, wanted, alphasort);

    for (int i = 0; i < count; i++) {
        if (l->count < ENTRIES_MAX) {
            AUTO_FREE char *path = text_format("%s%s/", prefix, entries[i]->d_name);
            list_entry(l, entries[i], prefix);
            if (l->recursive && entries[i]->d_type == DT_DIR)
                list_below(l, dir, entries[i]->d_name, path, depth);
        }
        free(entries[i]);
    }
    free(entries);
}

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    struct listing l = {.out = ret, .recursive = json_get_bool(arguments, "recursive", false)};
    AUTO_CLOSE dir = -1;

    const char *path = json_get_string(arguments, "path", ".");
    int r = inside_open(tools_readable(box, path), path, O_RDONLY | O_DIRECTORY, &dir, f);
    if (r < 0)
        return r;
    list(&l, dir, "", 0);
    if (!l.count)
        text_add(ret, "(empty)\n");
    if (l.count == ENTRIES_MAX)
        text_printf(ret, "(only the first %d are shown)\n", ENTRIES_MAX);
    return 0;
}

const struct tool tool_list = {
    .name = "list",
    .description = "List a folder. Names of folders end in a slash.",
    .parameters =
        "{\"type\": \"object\", \"properties\": {"
        "\"path\": {\"type\": \"string\", \"description\": \"folder; default: the working "
        "folder\"},"
        "\"recursive\": {\"type\": \"boolean\", \"description\": \"what is below it, too\"}}}",
    .shown = "path",
    .run = run,
};
