/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of processes, groups, pressure and sockets. A process names itself, and
 * mounts and sockets may be called anything. Two texts, divided by a line feed twice. */
#include "process/capacity.h"
#include "process/groups.h"
#include "process/listeners.h"

#include "base/text.h"

#include <string.h>

static void read_stat(const char *text)
{
    AUTO_FREE char *line = mem_string(text);
    struct proc_stat stat = {0};

    if (proc_stat_parse(line, &stat) == 0 && stat.dead && stat.state != 'X' && stat.state != 'Z')
        bug("dead in state '%c'", stat.state);
}

static void read_home(const char *cgroup, const char *mounts, const char *controller)
{
    AUTO_FREE char *lines = mem_string(cgroup), *more = mem_string(mounts);
    AUTO_FREE char *home = NULL;

    if (groups_parse_home(lines, more, controller, &home) == 0 && (!*home || strchr(home, '\n')))
        bug("'%s' is no folder", home);
}

static void check_path(void *ctx, const char *path)
{
    (void)ctx;
    if (*path != '/' || strchr(path, '\n'))
        bug("'%s' is no path", path);
}

static void read_listeners(const char *text)
{
    AUTO_FREE char *lines = mem_string(text);

    listeners_parse(lines, check_path, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    char *second = strstr(text, "\n\n");

    if (second)
        *second++ = '\0';
    read_stat(text);
    read_listeners(text);
    read_home(text, second ? second : "", NULL);
    read_home(text, second ? second : "", "memory");
    if (capacity_parse_stall(text) > 1000)
        bug("stalled for more than all the time");
    (void)capacity_parse_field(text, "MemTotal:");
    (void)capacity_parse_field(text, "inactive_file");
    return 0;
}
