/* SPDX-License-Identifier: Apache-2.0 */
/* The ways of making a process, best first. Each costs the same whatever the parent holds, except
 * the last two, which are for kernels and containers that lack the others. */
#ifndef KELP_PROCESS_SPAWN_METHOD_H
#define KELP_PROCESS_SPAWN_METHOD_H

#include <stdbool.h>

#define SPAWN_METHODS(X)                                                                         \
    X(AUTO, "auto")          /* the first of the following that works here */                    \
    X(CLONE3, "clone3")      /* shared memory until exec; can start inside a control group */    \
    X(CLONE, "clone")        /* the same without the control group: the child joins it itself */ \
    X(FORK, "fork")          /* a copied parent, then pidfd_open */                              \
    X(FORK_PLAIN, "waitpid") /* as before, and no pidfd: ends are found by SIGCHLD */

enum spawn_method {
#define SPAWN_METHOD_ENUM(name, word) SPAWN_##name,
    SPAWN_METHODS(SPAWN_METHOD_ENUM)
#undef SPAWN_METHOD_ENUM
        SPAWN_METHOD_COUNT
};

const char *spawn_method_name(enum spawn_method method);
/* False for a word that is none of the list; *ret is then left alone. */
bool spawn_method_parse(const char *word, enum spawn_method *ret);

#endif
