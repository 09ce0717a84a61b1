/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a model runs leads a session of its own, so Ctrl-C does not reach it: a program that is
 * ended by a signal takes it along.
 */
#ifndef KELP_MODEL_LEAVE_H
#define KELP_MODEL_LEAVE_H

/* From now on SIGINT, SIGTERM and SIGHUP kill the groups of all children of the calling thread,
 * then the process. */
void leave_with_children(void);

#endif
