/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a value lies in a JSON event, as driver files write it:
 *
 *     message.content[type=text].text
 *
 * Keys with dots between them. Behind a key may stand [] (each element of a list), [2] (one
 * element, from 0) or [key=value] (the elements that have it).
 */
#ifndef KELP_AGENT_EVENT_PATH_H
#define KELP_AGENT_EVENT_PATH_H

#include "base/arena.h"
#include "base/json.h"

enum { EVENT_PATH_STEPS_MAX = 12, EVENT_PATH_MATCHES_MAX = 64 };

struct event_step {
    enum event_step_kind { STEP_KEY, STEP_EACH, STEP_INDEX, STEP_WHERE } kind;
    const char *key;   /* KEY, WHERE */
    const char *value; /* WHERE */
    size_t index;      /* INDEX */
};

struct event_path {
    struct event_step steps[EVENT_PATH_STEPS_MAX];
    size_t count;
};

/* NULL, or what is wrong with it, for people; `ret` is then left alone. */
const char *event_path_parse(const char *text, struct arena *a, struct event_path *ret);
/* The values there, in their order and at most `most`; borrowed. JSON null is none. */
size_t event_path_find(const struct event_path *path, const json_t *event, const json_t **ret,
                       size_t most);
/* Is it this scalar, as a file would write it: text, true, 12? "*" is any value. */
bool event_value_is(const json_t *value, const char *word);

#endif
