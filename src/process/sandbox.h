/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt may do to the machine, kept by the kernel (Landlock, and for the network also a
 * seccomp filter) without any privilege: it reads everything that its user can read, writes
 * only below named paths and to the harmless devices, and signals and reaches through abstract
 * sockets only its own processes. It can't be taken off again, and all descendants are in it.
 */
#ifndef KELP_PROCESS_SANDBOX_H
#define KELP_PROCESS_SANDBOX_H

#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

/* Plain data. */
struct sandbox {
    const char *const *writable; /* absolute paths of files or folders; what does not exist when
                                  * the attempt starts is passed over */
    size_t writable_count;
    bool deny_network; /* no sockets but local ones */
};

#endif
