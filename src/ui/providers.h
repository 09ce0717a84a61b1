/* SPDX-License-Identifier: Apache-2.0 */
/* Those who serve models, when they do not: for people, on one line each. */
#ifndef KELP_UI_PROVIDERS_H
#define KELP_UI_PROVIDERS_H

#include "base/json.h"
#include "core/tree.h"

/* "claude: rate limited, 12 agents wait 38 s"; "claude: frozen: invalid API key; 5 agents wait".
 * Adds nothing and returns false if provider `i` serves. */
bool provider_text(const struct tree *t, size_t i, int64_t now_ms, struct text *out);
/* The same for programs: `provider`, `state` (paused, frozen, serves), `until_ms`, `waiting`,
 * `message`. New reference. */
json_t *provider_json(const struct tree *t, size_t i);
/* Why a run stopped by itself (tree.stuck) and what to do about it: a line for each provider,
 * without the last end of line. */
void providers_stuck_text(const struct tree *t, struct text *out);

/* Tells which providers have changed since it was asked last. Right when zeroed. */
struct provider_watch {
    VECTOR(int64_t) known; /* until when it pauses; 0: it serves; INT64_MAX: it is frozen */
};

/* True if provider `i` pauses, is frozen or serves again, and did not when it was asked last. A
 * pause that is made longer counts. */
bool provider_watch_changed(struct provider_watch *w, const struct tree *t, size_t i);
void provider_watch_free(struct provider_watch *w);

#endif
