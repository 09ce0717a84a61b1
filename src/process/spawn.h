/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place that makes a process. Everything is ready before; between the birth and exec the
 * child makes only async-signal-safe calls. Its cost does not grow with the caller's memory
 * or open descriptors, but for the two fork methods, which are for systems without the others.
 *
 * The child leads a session of its own, has no descriptor but its three streams, no blocked,
 * ignored or handled signal, and the caller's limits.
 */
#ifndef KELP_PROCESS_SPAWN_H
#define KELP_PROCESS_SPAWN_H

#include "base/memory.h"
#include "process/spawn_method.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What can fail, in words that fit behind "cannot". Numbers are on disk: new ones come last. */
#define SPAWN_STEPS(X)                    \
    X(NONE, "")                           \
    X(RECORD, "record the start")         \
    X(FOLDER, "make its folder")          \
    X(PROGRAM, "find the program")        \
    X(GROUP, "make a control group")      \
    X(SANDBOX, "prepare the sandbox")     \
    X(PROCESS, "make a process")          \
    X(DESCRIPTORS, "close descriptors")   \
    X(SIGNALS, "reset signals")           \
    X(SESSION, "start a session")         \
    X(JOIN, "join the control group")     \
    X(STDIN, "open its standard input")   \
    X(STDOUT, "open its standard output") \
    X(STDERR, "open its standard error")  \
    X(CWD, "enter its folder")            \
    X(LIMITS, "restore its limits")       \
    X(RESTRICT, "enter the sandbox")      \
    X(EXEC, "execute the program")        \
    X(BOUND, "enter the groups of its limits")

enum spawn_step {
#define SPAWN_STEP_ENUM(name, words) SPAWN_STEP_##name,
    SPAWN_STEPS(SPAWN_STEP_ENUM)
#undef SPAWN_STEP_ENUM
        SPAWN_STEP_COUNT
};

/* Literals; any number may be asked for. */
const char *spawn_step_words(unsigned step);

struct sandbox_jail;

enum { SPAWN_JOINS_MAX = 2 };

/* Where one of the standard streams comes from. */
struct spawn_stream {
    const char *path; /* opened by the child; NULL: `fd` is used */
    int flags;        /* for open(); files are made with mode 0600 */
    int fd;           /* a descriptor of the caller, who keeps it */
};

/* Plain data. */
struct spawn {
    const char *program; /* what exec is given */
    const char *const *argv;
    const char *const *envp;
    const char *cwd; /* NULL: the caller's */
    struct spawn_stream streams[3];
    int group_fd;                       /* folder of the control group to start in; 0: none */
    const char *joins[SPAWN_JOINS_MAX]; /* "cgroup.procs" of further groups, NULL: none */
    const struct sandbox_jail *jail;    /* NULL: none */
    const struct rlimit *files;         /* RLIMIT_NOFILE of the child; NULL: the caller's */
    rlim_t file_bytes;                  /* RLIMIT_FSIZE of the child; 0: the caller's */
    bool expendable;                    /* dumps no core, and is the first to go where memory is
                                         * short; the same for all that it starts */
    enum spawn_method method;           /* AUTO: each is tried until one can be had */
    bool signals_plain; /* the caller vouches that it neither handles nor ignores any */
};

/* Plain data. */
struct spawned {
    pid_t pid;
    int pidfd; /* the caller's to close; -1 where the method has none */
    uint64_t start_ticks;
    enum spawn_method method; /* that worked */
    enum spawn_step step;     /* that failed */
};

/* Returns 0 once the program runs, or -errno; then there is no child and `ret->step` is set. */
int spawn_process(const struct spawn *spawn, struct spawned *ret) MUST_CHECK;

/* Looks a program up as execvp would, in the PATH of `envp`. Returns 0 and a path (the caller
 * frees), or -errno. A name with a slash is its own path. */
int spawn_find_program(const char *name, const char *const *envp, char **ret_path) MUST_CHECK;

/* The value of a variable of `envp`, or NULL. */
const char *spawn_environment_get(const char *const *envp, const char *name);

/* Whether `try` is true in a child of its own, which then ends. For a process without threads. */
bool spawn_try(bool (*try)(void));

/* Goes on as a child in a session of its own, without parent. Returns 0 in the child, the child's
 * pid in the caller, who is to _exit then, or -errno. */
pid_t spawn_detach(void) MUST_CHECK;

#endif
