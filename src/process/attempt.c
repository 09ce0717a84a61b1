/* SPDX-License-Identifier: Apache-2.0 */
#include "process/attempt.h"

#include "base/vector.h"

#include <string.h>

struct attempt *attempt_new(const char *id)
{
    size_t bytes = strlen(id) + 1;
    struct attempt *attempt = mem_zero(sizeof *attempt + bytes);

    memcpy(attempt->id, id, bytes);
    attempt->pidfd = -1;
    attempt->group = ATTEMPT_NO_GROUP;
    return attempt;
}

void attempt_free(struct attempt *attempt)
{
    if (!attempt)
        return;
    for (size_t i = 0; i < COUNT_OF(attempt->outputs); i++)
        free(attempt->outputs[i].path);
    vector_free(&attempt->members);
    vector_free(&attempt->survivors);
    free(attempt);
}

#define GO(state)                                \
    {                                            \
        .allowed = true, .next = ATTEMPT_##state \
    }

static const struct attempt_step steps[ATTEMPT_STATE_COUNT][ATTEMPT_EVENT_COUNT] = {
    [ATTEMPT_STARTING][ATTEMPT_ON_SPAWNED] = GO(RUNNING),
    [ATTEMPT_STARTING][ATTEMPT_ON_FAILED] = GO(OVER),

    [ATTEMPT_RUNNING][ATTEMPT_ON_STOP] = GO(STOPPING),
    [ATTEMPT_RUNNING][ATTEMPT_ON_REAPED] = GO(CLEARING),

    [ATTEMPT_STOPPING][ATTEMPT_ON_STOP] = GO(STOPPING),
    [ATTEMPT_STOPPING][ATTEMPT_ON_TIME] = GO(KILLING),
    [ATTEMPT_STOPPING][ATTEMPT_ON_REAPED] = GO(LINGERING),

    [ATTEMPT_KILLING][ATTEMPT_ON_STOP] = GO(KILLING),
    [ATTEMPT_KILLING][ATTEMPT_ON_REAPED] = GO(CLEARING),

    [ATTEMPT_LINGERING][ATTEMPT_ON_STOP] = GO(LINGERING),
    [ATTEMPT_LINGERING][ATTEMPT_ON_TIME] = GO(CLEARING),
    [ATTEMPT_LINGERING][ATTEMPT_ON_EMPTY] = GO(OVER),

    [ATTEMPT_CLEARING][ATTEMPT_ON_STOP] = GO(CLEARING),
    [ATTEMPT_CLEARING][ATTEMPT_ON_TIME] = GO(OVER), /* what is left cannot be killed */
    [ATTEMPT_CLEARING][ATTEMPT_ON_EMPTY] = GO(OVER),
};

struct attempt_step attempt_step(enum attempt_state state, enum attempt_event event)
{
    return steps[state][event];
}

const char *attempt_state_name(enum attempt_state state)
{
    static const char *const words[] = {
#define ATTEMPT_STATE_WORD(name, word) [ATTEMPT_##name] = word,
        ATTEMPT_STATES(ATTEMPT_STATE_WORD)
#undef ATTEMPT_STATE_WORD
    };

    return words[state];
}
