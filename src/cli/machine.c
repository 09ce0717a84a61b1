/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/machine.h"

#include "base/fault.h"
#include "base/os.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PROC_FILE_MAX = 64 * 1024 };

/* What the first word of `s` says; 0 if that is no number. */
static uint64_t first_number(const char *s)
{
    static const char spaces[] = " \t\n";
    const char *start = s + strspn(s, spaces);
    AUTO_FREE char *word = mem_string_n(start, strcspn(start, spaces));
    int64_t value;

    return text_to_int64(word, 0, INT64_MAX, &value) ? (uint64_t)value : 0;
}

/* "MemAvailable:   12345 kB" of /proc/meminfo (proc(5)). */
static uint64_t memory_available(void)
{
    static const char key[] = "MemAvailable:";
    AUTO_TEXT info = {0};
    AUTO_FAULT ignored = {0};

    if (os_read_file("/proc/meminfo", PROC_FILE_MAX, &info, &ignored) < 0)
        return 0;
    const char *line = strstr(text_get(&info), key);
    return line ? first_number(line + strlen(key)) * 1024 : 0;
}

static uint64_t pid_max(void)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT ignored = {0};

    if (os_read_file("/proc/sys/kernel/pid_max", PROC_FILE_MAX, &text, &ignored) < 0)
        return 0;
    return first_number(text_get(&text));
}

static uint64_t limit_of(int resource)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0 || limit.rlim_max == RLIM_INFINITY)
        return 0;
    return limit.rlim_max;
}

void machine_read(struct scale_machine *ret)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t pids = pid_max(), user = limit_of(RLIMIT_NPROC);

    *ret = (struct scale_machine){.cores = cores > 0 ? (unsigned)cores : 1,
                                  .memory_bytes = memory_available(),
                                  .descriptors = limit_of(RLIMIT_NOFILE),
                                  .processes = user && user < pids ? user : pids};
}
