/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KELP_PROCESS_SIGNALS_H
#define KELP_PROCESS_SIGNALS_H

/*
 * Gives signal `s` its default action. Of the signals 1 to NSIG - 1 only KILL and STOP refuse,
 * which have it always. The C library also refuses its own two, 32 and 33, yet they are inherited
 * as ignored like any other; so the kernel is asked. May be called between clone and exec.
 */
void signal_reset(int s);

#endif
