/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For what a child does between its birth and exec: it runs on a stack that spawn.c gives it
 * (clone(2) with CLONE_VM), of which the address sanitizer does not know that it is one.
 */
#ifndef KELP_PROCESS_OWN_STACK_H
#define KELP_PROCESS_OWN_STACK_H

#define ON_OWN_STACK __attribute__((no_sanitize_address))

#endif
