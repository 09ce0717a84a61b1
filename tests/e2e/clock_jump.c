/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine that sleeps, or whose date is set, for a program that has this preloaded: the file
 * $CLOCK_JUMP holds how many seconds CLOCK_REALTIME and CLOCK_BOOTTIME are ahead of what they were.
 * CLOCK_MONOTONIC leaves out the time that a machine sleeps.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long ahead_s(void)
{
    const char *path = getenv("CLOCK_JUMP");
    FILE *file = path ? fopen(path, "re") : NULL;
    char line[32] = "";

    if (!file)
        return 0;
    (void)!fgets(line, sizeof line, file); /* nothing in it is no jump */
    (void)fclose(file);
    return strtol(line, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int (*next)(clockid_t, struct timespec *);

    *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int r = next(id, t);
    if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME))
        t->tv_sec += ahead_s();
    return r;
}
