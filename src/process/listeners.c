/* SPDX-License-Identifier: Apache-2.0 */
#include "process/listeners.h"

#include "base/os.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { TABLE_MAX_BYTES = 64 << 20 };

/* "Num RefCount Protocol Flags Type St Inode Path", of unix(7)'s /proc/net/unix. */
enum { FIELD_FLAGS = 3, FIELDS_BEFORE_PATH = 7, FLAG_LISTENS = 0x10000 };

/* NULL: nobody listens at a path there. */
static const char *listening_path(char *line)
{
    bool listens = false;
    char *rest = line;

    for (int i = 0; i < FIELDS_BEFORE_PATH; i++) {
        const char *field = strtok_r(NULL, " ", &rest);
        if (!field)
            return NULL;
        if (i == FIELD_FLAGS)
            listens = strtoul(field, NULL, 16) & FLAG_LISTENS;
    }
    return listens && *rest == '/' && !text_starts(rest, "/proc/") ? rest : NULL;
}

void listeners_parse(char *text, listener_fn *visit, void *ctx)
{
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        const char *path = listening_path(line);
        if (path)
            visit(ctx, path);
    }
}

int listeners_each(listener_fn *visit, void *ctx)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    if (os_read_file("/proc/net/unix", TABLE_MAX_BYTES, &text, &f) < 0)
        return f.sys_errno ? -f.sys_errno : -EIO;
    if (text.data)
        listeners_parse(text.data, visit, ctx);
    return 0;
}
