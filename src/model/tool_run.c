/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include "base/os.h"
#include "model/trim.h"
#include "process/run.h"

enum { LIMIT_DEFAULT_S = 120, LIMIT_MAX_S = 3600 };

static int64_t limit_s(const json_t *arguments)
{
    int64_t seconds = json_get_int(arguments, "seconds", LIMIT_DEFAULT_S);

    if (seconds < 1)
        return LIMIT_DEFAULT_S;
    return seconds < LIMIT_MAX_S ? seconds : LIMIT_MAX_S;
}

static void add_end(struct text *t, const struct run_result *result, int64_t seconds)
{
    if (t->length && t->data[t->length - 1] != '\n')
        text_add_char(t, '\n');
    if (result->timed_out)
        text_printf(t, "(ended after %lld s: its time was over)\n", (long long)seconds);
    else if (result->signal)
        text_printf(t, "(ended by signal %d)\n", result->signal);
    else
        text_printf(t, "(exit status %d)\n", result->exit_code);
}

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    /* Both streams in one, in the order in which they were written. */
    AUTO_FREE char *command =
        text_format("exec 2>&1\n%s", json_get_string(arguments, "command", ""));
    const char *shell = os_exists("/bin/bash") ? "/bin/bash" : "/bin/sh";
    const char *const argv[] = {shell, "-c", command, NULL};
    int64_t seconds = limit_s(arguments);
    AUTO_RUN_RESULT result = {0};
    struct run_spec spec = {.argv = argv, .cwd = box->inside->root, .limit_ms = 1000 * seconds};

    int r = run_command(&spec, &result, f);
    if (r < 0)
        return r;
    text_add_n(ret, text_get(&result.out), result.out.length);
    for (size_t i = 0; i < ret->length; i++)
        if (!ret->data[i])
            ret->data[i] = ' ';
    trim_middle(ret, TOOL_RESULT_MAX - 200); /* how it ended has room behind it */
    add_end(ret, &result, seconds);
    return 0;
}

const struct tool tool_run = {
    .name = "run",
    .description = "Run a shell command in the working folder. It gets no input; what it leaves "
                   "running is ended with it. Of long output the middle is left out.",
    .parameters = "{\"type\": \"object\", \"required\": [\"command\"], \"properties\": {"
                  "\"command\": {\"type\": \"string\"},"
                  "\"seconds\": {\"type\": \"integer\", \"description\": \"time limit; default "
                  "120\"}}}",
    .shown = "command",
    .changes = true,
    .run = run,
};
