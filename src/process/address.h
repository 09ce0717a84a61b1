/* SPDX-License-Identifier: Apache-2.0 */
/* The socket `keeper.sock` in a run's folder, whose path may be longer than a socket address. */
#ifndef KELP_PROCESS_ADDRESS_H
#define KELP_PROCESS_ADDRESS_H

#include "base/fault.h"

#define ADDRESS_NAME "keeper.sock"

/* Replaces a socket that is there; the caller holds the lock of the record file. */
int address_listen(const char *run_dir, int *ret_fd, struct fault *f) MUST_CHECK;
/* FAULT_NOT_FOUND: nobody listens. */
int address_connect(const char *run_dir, int *ret_fd, struct fault *f) MUST_CHECK;
/* Removes the socket; the same lock. */
void address_remove(const char *run_dir);

#endif
