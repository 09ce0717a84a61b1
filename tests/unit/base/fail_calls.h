/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one system call fail. The linker hands the calls that src/base makes to these tests first
 * (tests/unit/base/meson.build), so the code that is tested does not know.
 */
#ifndef KELP_TESTS_FAIL_CALLS_H
#define KELP_TESTS_FAIL_CALLS_H

#include <stdbool.h>

/* The n-th call from here on, 1 or more, fails with `error` and does nothing; 0: none does. */
void fail_call(unsigned n, int error);
/* Whether the call that was to fail was made; from here on none fails. */
bool fail_call_made(void);

#endif
