/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read before each source file by clang-tidy, never by a compiler. The analyser sees one file at a
 * time: here it learns that these functions of base/fault.c always fail, so that it does not follow
 * paths on which they succeed.
 */
#include "base/fault.h"

#define fault_set(f, code, ...) (fault_set(f, code, __VA_ARGS__), -(int)(code))
#define fault_system(f, ...) (fault_system(f, __VA_ARGS__), -(int)FAULT_SYSTEM)
#define fault_wrap(f, ...) (fault_wrap(f, __VA_ARGS__), -(int)FAULT_SYSTEM)
#define fault_move(to, from) (fault_move(to, from), -(int)FAULT_SYSTEM)
