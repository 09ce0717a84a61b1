/* SPDX-License-Identifier: Apache-2.0 */
/* The part of "no network" that Landlock does not cover (UDP, raw and other sockets). */
#ifndef KELP_PROCESS_SANDBOX_FILTER_H
#define KELP_PROCESS_SANDBOX_FILTER_H

#include "base/memory.h"

/*
 * From here on socket() makes only local (AF_UNIX) and netlink sockets, and gives EACCES for
 * others; io_uring, which could make them by another door, gives ENOSYS, as in many containers.
 * System calls of another architecture are refused. Needs no_new_privs. Async-signal-safe.
 * Returns 0 or errno.
 */
int sandbox_filter_network(void) MUST_CHECK;

#endif
