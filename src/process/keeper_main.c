/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-keeper RUN_DIR [LEAVE_AFTER_MS [METHOD [no-cgroup]]]
 *
 * Started by keeper_open, not by people. It prepares everything, goes to the background, and its
 * first process ends with 0: from then on an engine can connect. Otherwise it says on standard
 * error why not, and ends with the code of the fault.
 */
#include "process/holder.h"

#include "base/text.h"
#include "process/spawn.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LEAVE_AFTER_DEFAULT_MS = 10 * 1000, LEAVE_AFTER_MAX_MS = 24 * 3600 * 1000 };

static int usage(void)
{
    (void)fprintf(stderr, "usage: kelp-keeper RUN_DIR [LEAVE_AFTER_MS [METHOD [no-cgroup]]]\n");
    return FAULT_USAGE;
}

static bool read_words(int argc, char **argv, struct holder_options *ret)
{
    if (argc < 2 || argc > 5 || argv[1][0] != '/')
        return false;
    *ret = (struct holder_options){.run_dir = argv[1], .leave_after_ms = LEAVE_AFTER_DEFAULT_MS};
    if (argc > 2 && !text_to_int64(argv[2], 0, LEAVE_AFTER_MAX_MS, &ret->leave_after_ms))
        return false;
    if (argc > 3 && !spawn_method_parse(argv[3], &ret->method))
        return false;
    ret->no_cgroup = argc > 4 && strcmp(argv[4], "no-cgroup") == 0;
    return argc <= 4 || ret->no_cgroup;
}

static int fail(const struct fault *fault)
{
    (void)fprintf(stderr, "%s\n", fault->message ? fault->message : "unknown");
    return (int)fault->code;
}

/* The streams were its starter's; from here on nobody reads or writes them. */
static void leave_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        (void)dup2(null, fd); /* nothing is said on them anyway */
    if (null > 2)
        (void)close(null);
}

int main(int argc, char **argv)
{
    struct holder_options options;
    struct holder *holder = NULL;
    AUTO_FAULT fault = {0};

    if (!read_words(argc, argv, &options))
        return usage();
    if (chdir("/") < 0 || holder_open(&options, &holder, &fault) < 0)
        return fail(&fault);
    pid_t pid = spawn_detach();
    if (pid < 0)
        (void)fault_system(&fault, -pid, "cannot go to the background");
    if (pid != 0)
        _exit(pid < 0 ? fail(&fault) : 0); /* the child's socket and lock are to stay */
    leave_streams();
    int r = holder_run(holder, &fault);
    holder_close(holder);
    return r < 0;
}
