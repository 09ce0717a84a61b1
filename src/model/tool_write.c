/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include "base/os.h"

#include <string.h>

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    const char *path = json_get_string(arguments, "path", "");
    AUTO_TEXT content = {0};

    text_add(&content, json_get_string(arguments, "content", ""));
    /* Prompts name the result's path, so this one path outside is good. */
    bool result = box->result_path && strcmp(path, box->result_path) == 0;
    int r = result ? os_write_file(path, text_get(&content), content.length, 0644, f)
                   : inside_write(box->inside, path, &content, f);
    if (r == 0)
        text_printf(ret, "wrote %zu bytes to %s\n", content.length, path);
    return r;
}

const struct tool tool_write = {
    .name = "write",
    .description = "Write a whole file, made or replaced; its folders are made.",
    .parameters = "{\"type\": \"object\", \"required\": [\"path\", \"content\"], \"properties\": {"
                  "\"path\": {\"type\": \"string\"}, \"content\": {\"type\": \"string\"}}}",
    .shown = "path",
    .changes = true,
    .run = run,
};
