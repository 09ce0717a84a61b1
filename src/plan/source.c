/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/source.h"

#include "base/os.h"

#include <errno.h>
#include <string.h>

/* The name is wrong, not the machine. */
static bool names_no_file(int error)
{
    return error == EISDIR || error == EACCES || error == ENOTDIR || error == ELOOP ||
           error == ENAMETOOLONG;
}

int source_read(const char *path, size_t max_bytes, struct text *ret, struct fault *f)
{
    AUTO_FAULT read = {0};

    if (os_read_file(path, max_bytes, ret, &read) == 0)
        return 0;
    if (read.code == FAULT_SYSTEM && read.sys_errno == ENOENT) {
        int r = fault_set(f, FAULT_NOT_FOUND, "there is no file '%s'", path);
        fault_hint(f, "what ends in .yaml, .yml or .md is a file; end the text of a task with a "
                      "full stop");
        return r;
    }
    if (read.code == FAULT_SYSTEM && names_no_file(read.sys_errno)) {
        read.code = FAULT_USAGE;
        fault_hint(&read, "name a file that you may read");
    }
    if (read.code == FAULT_LIMIT)
        fault_hint(&read, "split it into files, or repeat work with for_each");
    return fault_move(f, &read);
}

struct plan_place source_place(const char *text, size_t offset, struct source_cursor *cursor)
{
    if (!cursor->at.line || offset < cursor->offset)
        *cursor = (struct source_cursor){0, {1, 1}};
    for (; cursor->offset < offset; cursor->offset++) {
        unsigned char c = (unsigned char)text[cursor->offset];
        if (c == '\n') {
            cursor->at.line++;
            cursor->at.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            cursor->at.column++;
        }
    }
    return cursor->at;
}

int source_fail(const struct source *source, size_t offset, const char *message, struct fault *f)
{
    struct source_cursor cursor = {0};
    struct plan_place at = source_place(source->text, offset, &cursor);
    int r = fault_set(f, FAULT_PLAN, "%s", message);

    fault_place(f, source->name, at.line, at.column);
    return r;
}

static int too_large(const struct source *source, size_t max_bytes, struct fault *f)
{
    int r = fault_set(f, FAULT_LIMIT, "larger than %zu MiB", max_bytes / (1024 * 1024));

    fault_hint(f, "split it into files, or repeat work with for_each");
    fault_place(f, source->name, 1, 1);
    return r;
}

int source_check(const struct source *source, size_t max_bytes, struct fault *f)
{
    const char *text = source->text;

    if (source->length > max_bytes)
        return too_large(source, max_bytes, f);
    const char *nul = source->length ? memchr(text, '\0', source->length) : NULL;
    if (nul) {
        int r = source_fail(source, (size_t)(nul - text), "a NUL byte", f);
        fault_hint(f, "the file must be text in UTF-8");
        return r;
    }
    size_t valid = text_utf8_valid(text, source->length);
    if (valid < source->length) {
        int r = source_fail(source, valid, "not valid UTF-8", f);
        fault_hint(f, "save the file as UTF-8");
        return r;
    }
    return 0;
}
