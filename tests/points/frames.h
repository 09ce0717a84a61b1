/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the program a call comes from. */
#ifndef KELP_POINTS_FRAMES_H
#define KELP_POINTS_FRAMES_H

#include <stddef.h>
#include <stdint.h>

enum { FRAMES_MAX = 16 };

/* Where the program itself, not its libraries, lies in memory. */
struct program_text {
    uintptr_t base, first, last;
};

/* Innermost first: return addresses in the program itself as offsets in its file, which addr2line
 * takes (less one). Frames of libraries in between are left out. Allocates nothing and may be
 * called wherever the program may call the C library. */
struct frames {
    uint64_t at[FRAMES_MAX];
    size_t count;
};

struct program_text program_text_find(void);
void frames_walk(const struct program_text *text, struct frames *ret);

#endif
