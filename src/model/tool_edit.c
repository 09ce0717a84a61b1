/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"

#include <string.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

/* What is replaced by what. */
struct change {
    const char *old;
    size_t old_length;
    const char *new;
};

/* Files may hold NUL bytes, so strstr will not do. NULL: not there. */
static const char *find(const struct change *c, const char *from, const char *end)
{
    return memmem(from, (size_t)(end - from), c->old, c->old_length);
}

/* Appends `whole` with every place replaced. Returns how many there were. */
static size_t replace(const struct change *c, const struct text *whole, struct text *ret)
{
    const char *at = text_get(whole);
    const char *end = at + whole->length;
    size_t count = 0;

    for (const char *place; (place = find(c, at, end)); at = place + c->old_length) {
        text_add_n(ret, at, (size_t)(place - at));
        text_add(ret, c->new);
        count++;
    }
    text_add_n(ret, at, (size_t)(end - at));
    return count;
}

static int run(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f)
{
    const char *path = json_get_string(arguments, "path", "");
    const struct change change = {
        .old = json_get_string(arguments, "old", ""),
        .old_length = strlen(json_get_string(arguments, "old", "")),
        .new = json_get_string(arguments, "new", ""),
    };
    AUTO_TEXT whole = {0};
    AUTO_TEXT changed = {0};

    if (!change.old_length)
        return fault_set(f, FAULT_FORMAT, "`old` is empty; a new file is for the tool `write`");
    int r = inside_read(box->inside, path, FILE_MAX, &whole, f);
    if (r < 0)
        return r;
    size_t count = replace(&change, &whole, &changed);
    if (count == 0)
        return fault_set(f, FAULT_NOT_FOUND, "`old` is not in '%s', byte for byte", path);
    if (count > 1 && !json_get_bool(arguments, "all", false))
        return fault_set(f, FAULT_LIMIT, "`old` is in '%s' %zu times: give more of it, or `all`",
                         path, count);
    r = inside_write(box->inside, path, &changed, f);
    if (r == 0)
        text_printf(ret, "replaced %zu place%s in %s\n", count, count == 1 ? "" : "s", path);
    return r;
}

const struct tool tool_edit = {
    .name = "edit",
    .description =
        "Replace text in a file. `old` has to be in it exactly once, byte for byte; with "
        "`all`, every place is replaced.",
    .parameters =
        "{\"type\": \"object\", \"required\": [\"path\", \"old\", \"new\"], \"properties\": {"
        "\"path\": {\"type\": \"string\"}, \"old\": {\"type\": \"string\"},"
        "\"new\": {\"type\": \"string\"}, \"all\": {\"type\": \"boolean\"}}}",
    .shown = "path",
    .changes = true,
    .run = run,
};
