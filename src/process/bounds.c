/* SPDX-License-Identifier: Apache-2.0 */
#include "process/bounds.h"

#include "base/size.h"
#include "base/text.h"
#include "process/fence.h"

#include <inttypes.h>

enum { PROCESSES_MOST = 4096, OPEN_FILES_MOST = 65536 };

void bounds_of_machine(struct bounds *ret)
{
    struct fence_limits run;

    fence_limits_of_machine(&run);
    uint64_t half = run.of[FENCE_PROCESSES] / 2;
    *ret = (struct bounds){{0}};
    ret->of[BOUND_MEMORY] = run.of[FENCE_MEMORY] / 4 * 3;
    ret->of[BOUND_PROCESSES] = half && half < PROCESSES_MOST ? half : PROCESSES_MOST;
    ret->of[BOUND_OPEN_FILES] = OPEN_FILES_MOST;
}

const char *bound_key(enum bound bound)
{
    static const char *const keys[BOUND_COUNT] = {[BOUND_NONE] = "",
#define BOUND_KEY(name, number, key) [BOUND_##name] = key,
                                                  BOUNDS(BOUND_KEY)
#undef BOUND_KEY
    };

    return keys[bound];
}

char *bound_excess(enum bound bound, uint64_t most)
{
    AUTO_FREE char *size = size_text(most);

    switch (bound) {
    case BOUND_MEMORY:
        return text_format("used more than %s of memory", size);
    case BOUND_PROCESSES:
        return text_format("used more than %" PRIu64 " processes and threads", most);
    case BOUND_OPEN_FILES:
        return text_format("used more than %" PRIu64 " open files", most);
    case BOUND_FILE_SIZE:
        return text_format("wrote a file of more than %s", size);
    case BOUND_NONE:
    case BOUND_COUNT:
        break;
    }
    return mem_string("");
}
