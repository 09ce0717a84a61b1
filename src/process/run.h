/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one program to its end and hands back what it said. For short work (git, doctor): the
 * caller waits, at most for the time limit. No shell. The program leads a session of its
 * own; when it ends, or its time is over, its process group is killed.
 */
#ifndef KELP_PROCESS_RUN_H
#define KELP_PROCESS_RUN_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sandbox;

/* Plain data; right when zeroed but for argv. */
struct run_spec {
    const char *const *argv;       /* argv[0] has a slash, or is looked up in the PATH of envp */
    const char *const *envp;       /* NULL: the caller's own environment */
    const char *cwd;               /* NULL: the caller's own folder */
    const char *input;             /* given to its standard input; NULL: /dev/null */
    size_t input_bytes;            /* 0: up to the NUL */
    int64_t limit_ms;              /* 0: 60 s */
    size_t stdout_max_bytes;       /* 0: 16 MiB. More is read and dropped, and `truncated` is set */
    size_t stderr_max_bytes;       /* 0: 64 KiB */
    const struct sandbox *sandbox; /* NULL: none */
    bool ends_with_us;             /* killed when a signal is due (process/ending.h) */
};

/* Plain data; end with run_result_free. */
struct run_result {
    int exit_code;      /* 0..255, or -1 if a signal ended it */
    int signal;         /* the signal that ended it, or 0 */
    bool timed_out;     /* it was killed because its time was over */
    bool ended_with_us; /* it was killed because a signal is due */
    bool truncated;     /* one of the outputs was longer than its bound */
    struct text out;    /* always NUL-terminated through text_get; may hold NUL bytes */
    struct text err;
};

/* 0 when the program ran, whatever its status. A fault when it could not be started
 * (FAULT_NOT_FOUND: no such program). `ret` is filled only on 0. */
int run_command(const struct run_spec *spec, struct run_result *ret, struct fault *f) MUST_CHECK;
void run_result_free(struct run_result *result);
#define AUTO_RUN_RESULT __attribute__((cleanup(run_result_free))) struct run_result

/* 0 when the program ended with 0, else a fault with `code` that names the program, how it ended
 * and the last line of its standard error. */
int run_check(const struct run_spec *spec, const struct run_result *result, enum fault_code code,
              struct fault *f) MUST_CHECK;

#endif
