/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/limits.h"

struct bounds limits_of_start(const struct plan_settings *settings, bool driven)
{
    const struct plan_limits *l = &settings->limits;
    const int64_t written[BOUND_COUNT] = {[BOUND_MEMORY] = l->memory_bytes,
                                          [BOUND_PROCESSES] = l->processes,
                                          [BOUND_OPEN_FILES] = l->open_files,
                                          [BOUND_FILE_SIZE] = l->file_bytes};
    struct bounds bounds;

    bounds_of_machine(&bounds);
    bounds.sparing = !driven && l->memory_bytes <= 0 && l->processes <= 0;
    for (size_t i = 0; i < COUNT_OF(written); i++)
        if (written[i])
            bounds.of[i] = written[i] == LIMIT_OFF ? 0 : (uint64_t)written[i];
    return bounds;
}

const char *limits_excess(const struct plan_settings *own, const struct plan_settings *asked)
{
    struct bounds mine = limits_of_start(own, true), more = limits_of_start(asked, true);

    for (unsigned i = BOUND_NONE + 1; i < BOUND_COUNT; i++)
        if (mine.of[i] && (!more.of[i] || more.of[i] > mine.of[i]))
            return bound_key((enum bound)i);
    return NULL;
}
