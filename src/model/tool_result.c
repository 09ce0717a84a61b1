/* SPDX-License-Identifier: Apache-2.0 */
/* The result of the whole task, as kelp reads it from $KELP_RESULT. The model does not choose the
 * path. */
#include "model/tools.h"

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    int r = json_write_file(box->result_path, arguments, f);

    if (r == 0)
        text_add(ret, "The result is kept. Say in one sentence what you did, and end.\n");
    return r;
}

const struct tool tool_result = {
    .name = "result",
    .description = "Report the result of the whole task, once, when everything is done: `ok`, "
                   "`failed`, or `blocked` when you can't go on.",
    .parameters =
        "{\"type\": \"object\", \"required\": [\"status\", \"summary\"], \"properties\": {"
        "\"status\": {\"type\": \"string\", \"enum\": [\"ok\", \"failed\", \"blocked\"]},"
        "\"summary\": {\"type\": \"string\"},"
        "\"metrics\": {\"type\": \"object\", \"description\": \"names to numbers\"},"
        "\"findings\": {\"type\": \"array\", \"items\": {\"type\": \"object\"}},"
        "\"subtasks\": {\"type\": \"array\", \"items\": {\"type\": \"object\"}},"
        "\"follow_up\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}}",
    .shown = "summary",
    .changes = true,
    .run = run,
};
