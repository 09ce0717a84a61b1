/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace of its own, in which a process may make network namespaces for its children. */
#ifndef KELP_PROCESS_SANDBOX_SPACE_H
#define KELP_PROCESS_SANDBOX_SPACE_H

#include "base/memory.h"

#include <stdbool.h>

/*
 * The user stays who he is, and the rights over namespaces outlast exec. Other users' files belong
 * to "nobody" from here on, and root has no rights over them. *ret_made is false where the machine
 * does not give namespaces to this user, and then nothing has changed. For a child before exec:
 * async-signal-safe. Returns 0 or errno; after an error the process is good for nothing.
 */
int sandbox_space_enter(bool *ret_made) MUST_CHECK;
/* The same, and no right outlasts exec. */
int sandbox_space_plain(bool *ret_made) MUST_CHECK;
/* Tries it in a child of its own: there are systems that give such a namespace and then nothing in
 * it, after which there is no way back. For a process without threads. */
bool sandbox_space_works(void);

#endif
