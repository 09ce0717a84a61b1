/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The point that a run is to be hit at, as the runner says it in KELP_POINT:
 *
 *     PROGRAM WORK CALL[,CALL...] OBJECT FRAMES NTH ACT
 *
 * Each of the first five may be "*" for any. WORK is the program's first argument (the operation of
 * kelp-worker), OBJECT a part of the name of the file that is meant, FRAMES the innermost
 * frames as hexadecimal offsets, joined by commas. NTH counts from 1 over all processes of the run.
 * ACT is one of
 *
 *     fail:ERRNO                        the call is not made and fails so
 *     lie                               it is not made, and says that it was
 *     before:VICTIMS, after:VICTIMS     these are killed before or after it: letters of e (engine),
 *                                       k (keeper), s (the program that calls)
 */
#ifndef KELP_POINTS_TARGET_H
#define KELP_POINTS_TARGET_H

#include "calls.h"
#include "frames.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum point_act { ACT_NONE, ACT_FAIL, ACT_LIE, ACT_BEFORE, ACT_AFTER };

struct target {
    char program[32], work[32], object[64], victims[8];
    bool calls[POINT_CALL_COUNT];
    struct frames frames;
    unsigned nth;
    enum point_act act;
    int error;
};

/* Shared by all processes of a run, in the file KELP_POINT_STATE. */
struct point_state {
    atomic_uint hits, fired;
    atomic_int engine, keeper;
};

/* False, and nothing is said, where `text` is not of that form. */
bool target_parse(const char *text, struct target *ret);
bool target_calls_from(const struct target *target, const struct frames *frames);
const char *point_call_name(enum point_call call);

#endif
