/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which session of its program an attempt goes on with. Only the tree is asked, so that the answer
 * is the same however often it is asked for the same attempt.
 *
 *   continue   an attempt that its provider ended after it had begun to work goes on: the same
 *              session, the same copy as it was left (attempt.continues)
 *   resume     a later agent of the same instance, role and driver: the session of the last of
 *              them, if that ended well and what its context holds and the prompt together are no
 *              more than 80 % of the window
 *   handover   they are more, or the program goes on with a session only where that began and this
 *              agent works in another folder: a new session that is told what the earlier agents
 *              reported
 *   fresh      everything else: the first agent of an instance, and every attempt that follows one
 *              which got to work (it starts from the tree as it was, and so does its mind)
 */
#ifndef KELP_CORE_SESSION_H
#define KELP_CORE_SESSION_H

#include "core/tree.h"

enum { SESSION_WINDOW_OTHERWISE = 200000, SESSION_FULL_PERCENT = 80 };

/* Plain data. */
struct session_choice {
    enum session_way way;
    bool continues;         /* RESUMED: the last attempt goes on */
    const char *session;    /* RESUMED: by which; else "" */
    struct session_use use; /* RESUMED: of the session so far; zeroed otherwise */
    const uint32_t *agents; /* HANDOVER: earlier agents of the instance, in the order they ended */
    size_t agent_count;
};

struct session_need {
    int64_t prompt_tokens; /* what the prompt will take; a quarter of its bytes is a fair guess */
    bool in_place;         /* the program's sessions are bound to the folder they began in */
};

/*
 * For the last attempt of an agent, which has not ended; the agent is driven by a model.
 * A context whose size was never told counts as empty: programs look after their own. Lists live in
 * `arena`.
 */
void session_choose(const struct tree *t, uint32_t orch, uint32_t agent,
                    const struct session_need *need, struct arena *arena,
                    struct session_choice *ret);

/* Adds to *use what the attempts from `first` on have used in that session. Money is unknown as
 * soon as that of one is which used tokens. */
void session_add_use(const struct attempt *first, const char *session, struct session_use *use);

#endif
