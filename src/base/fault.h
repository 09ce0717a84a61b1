/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure carried by value. A function that can fail returns `int`, 0 or more on
 * success or minus a fault code, and takes a `struct fault *` as its very last
 * parameter. Success leaves the fault untouched; failure fills it exactly once;
 * callers may add context in front (fault_wrap) and never erase.
 *
 * Messages are lower case, name what failed first and quote the subject; the
 * hint, when there is one, says what to do.
 */
#ifndef KELP_BASE_FAULT_H
#define KELP_BASE_FAULT_H

#include "base/memory.h"

/* Stable numbers: they are printed by `--json` and used in scripts. */
#define FAULT_CODES(X)                                                                  \
    X(USAGE, 1, "usage")             /* wrong words on the command line */              \
    X(PLAN, 2, "plan")               /* a plan, mission or role file is wrong */        \
    X(SYSTEM, 3, "system")           /* a system call failed; sys_errno says how */     \
    X(ENVIRONMENT, 4, "environment") /* not a repository, no git, no agent */           \
    X(CORRUPT, 5, "corrupt")         /* stored data is damaged */                       \
    X(BUSY, 6, "busy")               /* somebody else holds it */                       \
    X(NOT_FOUND, 7, "not-found")     /* the named thing does not exist */               \
    X(LIMIT, 8, "limit")             /* a bound was exceeded */                         \
    X(REFUSED, 9, "refused")         /* allowed never, or not in this state */          \
    X(GIT, 10, "git")                /* git itself said no */                           \
    X(FORMAT, 11, "format")          /* foreign text (JSON, protocol) does not parse */ \
    X(NEWER, 12, "newer")            /* written by a newer kelp */

enum fault_code {
    FAULT_NONE = 0,
#define FAULT_ENUM(name, number, word) FAULT_##name = number,
    FAULT_CODES(FAULT_ENUM)
#undef FAULT_ENUM
};

struct fault {
    enum fault_code code;
    int sys_errno;   /* 0 unless code is FAULT_SYSTEM */
    char *message;   /* owned */
    char *hint;      /* owned, NULL when there is nothing to do */
    char *file;      /* owned, NULL when the fault has no place in a file */
    unsigned line;   /* 1-based, 0 unknown */
    unsigned column; /* 1-based, 0 unknown */
};

/* Each returns minus the code, so that `return fault_set(f, ...)` is the idiom. */
int fault_set(struct fault *f, enum fault_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The message gets ": <strerror>" appended. Keeps sys_errno. */
int fault_system(struct fault *f, int sys_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "<context>: " before the message that is there. */
int fault_wrap(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint if there is none yet (the nearest to the cause knows best). */
void fault_hint(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Records where in a file the fault is; the file name is copied. */
void fault_place(struct fault *f, const char *file, unsigned line, unsigned column);
/* Moves `from` into the empty `to`. */
int fault_move(struct fault *to, struct fault *from);
void fault_clear(struct fault *f);

const char *fault_code_name(enum fault_code code);
/* "FILE:LINE:COL: message" or "message"; the caller frees. */
char *fault_text(const struct fault *f);

#define AUTO_FAULT __attribute__((cleanup(fault_clear))) struct fault

#endif
