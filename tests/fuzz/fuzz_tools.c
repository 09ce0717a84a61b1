/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says a tool is to do: any arguments are carried out below its folder, or refused in
 * words. The first byte picks the tool; `run` and
 * `search` are not among them: a shell and git read their arguments. */
#include "model/tools.h"

#include "base/os.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"list", "read", "write", "edit", "result", "none"};

enum { OUTSIDE_ENTRIES = 5 }; /* ".", "..", the folder, the file beside it, the result */

static char top[] = "/tmp/kelp-fuzz-tools-XXXXXX";

static void must(int r, const struct fault *f)
{
    if (r < 0)
        bug("%s", f->message);
}

static void put(const char *name, const char *content)
{
    AUTO_FREE char *path = os_path(top, name);
    AUTO_FAULT f = {0};

    must(os_write_file(path, content, strlen(content), 0600, &f), &f);
}

static void remove_top(void)
{
    AUTO_FAULT f = {0};

    must(os_remove_tree(top, &f), &f);
}

/* A folder of the model's, and a file beside it that is none of its business. */
static void make_world(void)
{
    static bool made;
    AUTO_FAULT f = {0};

    if (!made && (!mkdtemp(top) || atexit(remove_top) != 0))
        bug("no folder '%s'", top);
    made = true;
    AUTO_FREE char *in = os_path(top, "in");
    must(os_remove_tree(in, &f), &f);
    must(os_make_dirs(in, 0700, &f), &f);
    put("in/file", "one\ntwo\nthree\n");
    put("result.json", "");
    put("outside", "outside\n");
}

static void check_outside(void)
{
    AUTO_FREE char *path = os_path(top, "outside");
    AUTO_TEXT content = {0};
    AUTO_FAULT f = {0};
    size_t entries = 0;

    must(os_read_file(path, 64, &content, &f), &f);
    if (strcmp(text_get(&content), "outside\n") != 0)
        bug("a file outside of the folder was changed");
    DIR *folder = opendir(top);
    while (folder && readdir(folder))
        entries++;
    if (!folder || closedir(folder) != 0 || entries != OUTSIDE_ENTRIES)
        bug("%zu entries beside the folder", entries);
}

static void call(const char *name, const char *json)
{
    AUTO_FREE char *in = os_path(top, "in");
    AUTO_FREE char *result = os_path(top, "result.json");
    json_auto_t *arguments = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    struct inside inside;
    struct tool_outcome outcome;
    AUTO_FAULT f = {0};

    must(inside_init(&inside, in, &f), &f);
    const struct toolbox box = {.inside = &inside, .result_path = result};
    const struct call one = {.id = (char *)"1",
                             .name = (char *)name,
                             .arguments = json_is_object(arguments) ? arguments : NULL};
    tools_call(&box, &one, &outcome);
    if (!outcome.ok && !text_starts(text_get(&outcome.text), "error: "))
        bug("'%s' failed without a word", name);
    if (outcome.text.length > TOOL_RESULT_MAX + 256)
        bug("%zu bytes for a model", outcome.text.length);
    (void)tools_detail(&one);
    text_free(&outcome.text);
    inside_fini(&inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    AUTO_FREE char *json = mem_string_n((const char *)data + 1, size - 1);
    make_world();
    call(names[data[0] % COUNT_OF(names)], json);
    check_outside();
    return 0;
}
