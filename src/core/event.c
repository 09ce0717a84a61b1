/* SPDX-License-Identifier: Apache-2.0 */
#include "core/event.h"

static const char *const words[EVENT_KIND_COUNT] = {
#define EVENT_WORD(name, word) [EVENT_##name] = word,
    EVENT_KINDS(EVENT_WORD)
#undef EVENT_WORD
};

const char *event_kind_name(enum event_kind kind)
{
    return words[kind];
}

struct estimate_options request_estimates(const struct run_request *r,
                                          const struct fan_known *known)
{
    return (struct estimate_options){.history = r->history,
                                     .known = known,
                                     .machine = r->settings.machine,
                                     .coordination_minutes = r->settings.coordination_minutes};
}
