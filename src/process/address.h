/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets in a run's folder, whose path may be longer than a socket address: `keeper.sock`, where
 * the keeper listens, and `engine.sock`, where the engine does. */
#ifndef KELP_PROCESS_ADDRESS_H
#define KELP_PROCESS_ADDRESS_H

#include "base/fault.h"

#define ADDRESS_KEEPER "keeper.sock"
#define ADDRESS_ENGINE "engine.sock"

/* Replaces a socket that is there; the caller holds the lock that lets only one listen. */
int address_listen(const char *run_dir, const char *name, int *ret_fd, struct fault *f) MUST_CHECK;
/* FAULT_NOT_FOUND: nobody listens. Neither descriptor blocks. */
int address_connect(const char *run_dir, const char *name, int *ret_fd, struct fault *f) MUST_CHECK;
/* Removes the socket; the same lock. */
void address_remove(const char *run_dir, const char *name);

#endif
