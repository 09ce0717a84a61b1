/* SPDX-License-Identifier: Apache-2.0 */
/* The stories that the report is tested with. */
#ifndef KELP_TESTS_REPORT_PLANS_H
#define KELP_TESTS_REPORT_PLANS_H

#include "story.h"

/* Four bugs: two are fixed and land, one fails, one conflicts and is left out. */
extern const struct story story_partial;
/* One feature in waves, research before it; everything is done, the push is refused. */
extern const struct story story_waves;
/* The same four bugs, looked at in the middle. */
extern const struct story story_running;

#endif
