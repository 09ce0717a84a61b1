/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to say of an agent of this machine before it is asked anything. */
#ifndef KELP_AGENT_FIND_H
#define KELP_AGENT_FIND_H

#include "agent/roster.h"

#define FIND_STATES(X)                  \
    X(READY, "ready")                   \
    X(NOT_INSTALLED, "not installed")   \
    X(NOT_CONFIGURED, "not configured") \
    X(NO_ANSWER, "does not answer") /* its program fails or hangs when asked for its version */

enum find_state {
#define FIND_STATE_ENUM(name, words) FIND_##name,
    FIND_STATES(FIND_STATE_ENUM)
#undef FIND_STATE_ENUM
        FIND_STATE_COUNT
};

enum { FIND_LIMIT_MS = 20 * 1000 }; /* programs of Node take seconds on a busy machine */

/* Plain data in the arena; strings are never NULL. */
struct found {
    enum find_state state;
    const char *version; /* "2.1.330"; "": not asked for, or it did not say */
    const char *why;     /* what is missing and how to get it; "" when it is ready */
};

const char *find_state_words(enum find_state state);
/* Found, and configured where it asks for that. */
bool find_usable(const struct roster_entry *entry);
/* Starts the program for its version, unless `version` is known already (else NULL); no token is
 * spent. */
void find_agent(const struct roster_entry *entry, const char *version, struct arena *a,
                struct found *ret);
/* The version in what a program prints: the first word with digits around a point, without a `v` in
 * front of it and a full stop behind; "" if there is none. In the arena. */
const char *find_version(const char *output, struct arena *a);

#endif
