/* SPDX-License-Identifier: Apache-2.0 */
#include "process/marker.h"

#include "process/proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define ID_NAME "KELP_ATTEMPT_ID"
#define MARK_NAME "KELP_KEEPER_MARK"

int marker_new(char ret_mark[RECORD_MARK_BYTES], struct fault *f)
{
    unsigned char bytes[(RECORD_MARK_BYTES - 1) / 2];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fault_system(f, errno, "cannot get a random number");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(ret_mark + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static bool is_ours(const char *variable)
{
    return text_starts(variable, ID_NAME "=") || text_starts(variable, MARK_NAME "=");
}

const char *const *marker_add(const char *const *envp, const char *id, const char *mark,
                              struct arena *arena)
{
    size_t count = 0, at = 0;

    while (envp[count])
        count++;
    const char **marked = arena_array(arena, count + 3, sizeof *marked);
    marked[at++] = arena_format(arena, ID_NAME "=%s", id);
    marked[at++] = arena_format(arena, MARK_NAME "=%s", mark);
    for (size_t i = 0; i < count; i++) {
        if (!is_ours(envp[i]))
            marked[at++] = envp[i];
    }
    return marked;
}

char *marker_of(pid_t pid, const char *mark)
{
    AUTO_FREE char *found = proc_environ(pid, MARK_NAME);

    return found && strcmp(found, mark) == 0 ? proc_environ(pid, ID_NAME) : NULL;
}
