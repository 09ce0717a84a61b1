/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function of the same name stands in front of each of the C library's. Their headers are left
 * out and the names are given to the linker only, so that one shape serves all: the ABI hands whole
 * words in registers to functions with and without a prototype, and a caller looks at as much of
 * the answer as its type has.
 */
#include "preload.h"

#define WRAPPER(name, object, failure)                                                  \
    long wrapped_##name(long a, long b, long c, long d, long e, long f) __asm__(#name); \
    long wrapped_##name(long a, long b, long c, long d, long e, long f)                 \
    {                                                                                   \
        return point_pass(CALL_##name, &(struct point_arguments){{a, b, c, d, e, f}});  \
    }

POINT_CALLS(WRAPPER)
