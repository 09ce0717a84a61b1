/* SPDX-License-Identifier: Apache-2.0 */
/* Two globs and a path, on a line each: overlap is the same both ways, and two globs that match
 * one path overlap. */
#include "base/memory.h"
#include "core/glob.h"

#include <string.h>

/* The engine's paths have no empty segments; only for those is overlap a promise. */
static bool is_path(const char *path)
{
    size_t length = strlen(path);

    return length && path[0] != '/' && path[length - 1] != '/' && !strstr(path, "//");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    char *a = text;
    char *b = a + strcspn(a, "\n");
    char *path;

    if (size > 600 || !*b)
        return 0;
    *b++ = '\0';
    path = b + strcspn(b, "\n");
    if (!*path)
        return 0;
    *path++ = '\0';
    bool overlap = globs_overlap(a, b);
    if (overlap != globs_overlap(b, a))
        bug("'%s' and '%s' overlap one way", a, b);
    if (is_path(path) && glob_match(a, path) && glob_match(b, path) && !overlap)
        bug("'%s' and '%s' both match '%s'", a, b, path);
    return 0;
}
