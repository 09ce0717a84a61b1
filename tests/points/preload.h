/* SPDX-License-Identifier: Apache-2.0 */
/* What every wrapper calls. */
#ifndef KELP_POINTS_PRELOAD_H
#define KELP_POINTS_PRELOAD_H

#include "calls.h"

/* What a call was given: whole words in the order of its parameters. All calls of the table take
 * no more than these six, and none takes a floating-point number or a structure. */
struct point_arguments {
    long at[6];
};

/* Makes the call, or does what the point says. */
long point_pass(enum point_call call, const struct point_arguments *arguments);

#endif
