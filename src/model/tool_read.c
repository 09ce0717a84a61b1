/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include <string.h>

enum { FILE_MAX = 16 * 1024 * 1024, LINES_DEFAULT = 1000 };

/* The start of line `n`, 1 for the first, or the end of the text. */
static const char *line_start(const char *text, const char *end, int64_t n)
{
    const char *at = text;

    while (n-- > 1 && at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed ? feed + 1 : end;
    }
    return at;
}

static int64_t count_lines(const struct text *t)
{
    int64_t lines = 0;

    for (size_t i = 0; i < t->length; i++)
        lines += t->data[i] == '\n';
    return lines + (t->length && t->data[t->length - 1] != '\n');
}

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    const char *path = json_get_string(arguments, "path", "");
    int64_t first = json_get_int(arguments, "first", 1);
    int64_t lines = json_get_int(arguments, "lines", LINES_DEFAULT);
    AUTO_TEXT whole = {0};

    int r = inside_read(tools_readable(box, path), path, FILE_MAX, &whole, f);
    if (r < 0)
        return r;
    if (memchr(text_get(&whole), '\0', whole.length))
        return fault_set(f, FAULT_FORMAT, "'%s' is not a text file", path);
    int64_t count = count_lines(&whole);
    if (first < 1 || lines < 1 || (first > count && count))
        return fault_set(f, FAULT_LIMIT, "'%s' has the lines 1 to %lld", path, (long long)count);
    const char *end = text_get(&whole) + whole.length;
    const char *from = line_start(text_get(&whole), end, first);
    const char *to = line_start(from, end, lines < count ? lines + 1 : count + 1);
    text_add_n(ret, from, (size_t)(to - from));
    if (!count)
        text_add(ret, "(the file is empty)\n");
    if (to < end)
        text_printf(ret, "(lines %lld to %lld of %lld)\n", (long long)first,
                    (long long)(first + lines - 1), (long long)count);
    return 0;
}

const struct tool tool_read = {
    .name = "read",
    .description = "Read a text file, or some of its lines.",
    .parameters =
        "{\"type\": \"object\", \"required\": [\"path\"], \"properties\": {"
        "\"path\": {\"type\": \"string\"},"
        "\"first\": {\"type\": \"integer\", \"description\": \"line to begin with; default 1\"},"
        "\"lines\": {\"type\": \"integer\", \"description\": \"how many lines; default 1000\"}}}",
    .shown = "path",
    .run = run,
};
