/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signals that end this program (SIGHUP, SIGINT, SIGTERM; not those that it ignores), held back
 * while it has something temporary to remove or a program that would outlive it. run_command ends
 * early for one that is held back. For a program of one thread.
 *
 *     sigset_t before;
 *     ending_hold(&before);
 *     ...                        make it, use it, remove it
 *     ending_release(&before);   a signal that came meanwhile ends the program here
 *
 * May be nested: the outermost release is where it ends.
 */
#ifndef KELP_PROCESS_ENDING_H
#define KELP_PROCESS_ENDING_H

#include <signal.h>
#include <stdbool.h>

void ending_hold(sigset_t *ret_before);
void ending_release(const sigset_t *before);
/* One came and is held back. */
bool ending_is_due(void);
/* A descriptor for poll that is readable while one is due; -1 if none is held back, or none can be
 * had. Nothing is read from it: that would take the signal away. */
int ending_descriptor(void);

#endif
