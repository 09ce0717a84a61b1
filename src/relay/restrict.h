/* SPDX-License-Identifier: Apache-2.0 */
/* The steps by which a process gives up the network, for good and for all of its descendants. All
 * but the first need no_new_privs. Each returns 0 or -errno. */
#ifndef KELP_RELAY_RESTRICT_H
#define KELP_RELAY_RESTRICT_H

#include "base/memory.h"

#include <stdint.h>

/* A network namespace with a loopback interface that is up. */
int restrict_to_own_network(void) MUST_CHECK;
/* TCP connects to these ports alone and binds to none; it signals and reaches by abstract sockets
 * only what comes after it. -EOPNOTSUPP: the kernel's Landlock does not know of ports. */
int restrict_to_ports(const uint16_t *ports, unsigned count) MUST_CHECK;
/* The second half of that alone; where the kernel cannot, 0 without effect. */
int restrict_signals(void) MUST_CHECK;

#endif
