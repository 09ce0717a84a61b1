/* SPDX-License-Identifier: Apache-2.0 */
/* Search is git's: it knows what is ignored and what is binary, and it is a process of its own, so
 * that an expression which takes for ever meets a time limit. */
#include "model/tools.h"

#include "base/os.h"
#include "process/run.h"

#include <fcntl.h>

enum { LIMIT_MS = 30 * 1000 };

static int search(const struct toolbox *box, const char *pattern, const char *below,
                  struct run_result *ret, struct fault *f)
{
    const char *const argv[] = {"git",
                                "--no-pager",
                                "--literal-pathspecs",
                                "grep",
                                "--no-index",
                                "--no-color",
                                "--exclude-standard",
                                "-n",
                                "-I",
                                "-E",
                                "--max-count=50",
                                "-e",
                                pattern,
                                "--",
                                below,
                                NULL};
    struct run_spec spec = {
        .argv = argv,
        .cwd = box->inside->root,
        .limit_ms = LIMIT_MS,
        .stdout_max_bytes = 4 * TOOL_RESULT_MAX,
    };

    return run_command(&spec, ret, f);
}

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    AUTO_RUN_RESULT result = {0};
    AUTO_FREE char *below = NULL;
    AUTO_CLOSE fd = -1;

    int r = inside_open(box->inside, json_get_string(arguments, "path", "."), O_PATH, &fd, f);
    if (r == 0)
        r = inside_path_of(box->inside, fd, &below, f);
    if (r == 0)
        r = search(box, json_get_string(arguments, "pattern", ""), below, &result, f);
    if (r < 0)
        return r;
    if (result.timed_out)
        return fault_set(f, FAULT_LIMIT, "the search took longer than %d s", LIMIT_MS / 1000);
    if (result.exit_code > 1 || result.exit_code < 0)
        return fault_set(f, FAULT_FORMAT, "%s", text_get(&result.err));
    text_add_n(ret, text_get(&result.out), result.out.length);
    if (!result.out.length)
        text_add(ret, "(nothing found)\n");
    if (result.truncated)
        text_add(ret, "\n(there is more; search more narrowly)\n");
    return 0;
}

const struct tool tool_search = {
    .name = "search",
    .description = "Search text files for a POSIX extended regular expression. Files that git "
                   "ignores are left out; of each file the first 50 lines are shown.",
    .parameters = "{\"type\": \"object\", \"required\": [\"pattern\"], \"properties\": {"
                  "\"pattern\": {\"type\": \"string\"},"
                  "\"path\": {\"type\": \"string\", \"description\": \"file or folder; default: "
                  "the working folder\"}}}",
    .shown = "pattern",
    .run = run,
};
