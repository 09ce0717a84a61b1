/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attempts do not see of their user's files: keys below the home folder, logins and sessions
 * of agent programs that are not theirs, and the sockets of programs that do what they are told: in
 * /run, of tmux, of the agent of ssh, and wherever else somebody listens at the time. Commands and
 * checks do not see them either: they run code that an agent wrote. What the plan lets them read or
 * write they see.
 */
#ifndef KELP_ENGINE_HIDDEN_H
#define KELP_ENGINE_HIDDEN_H

#include "agent/roster.h"
#include "core/plan.h"
#include "process/sandbox.h"

/* Paths are absolute, or "~/..." below the user's home; what is not there is passed over. Right
 * when zeroed but for `asked` and `environ`. */
struct hidden_query {
    const struct driver *driver;        /* of the agent: what it keeps is seen; NULL: a command */
    const struct driver_launch *launch; /* what it reads, writes and has links to is seen */
    const struct roster *roster;        /* the other drivers; NULL: there are none */
    const struct plan_sandbox *asked;   /* what is seen by the plan's word, with all below it */
    const char *const *environ;         /* the user's */
    struct strings needed;              /* what it works with: seen wherever it lies */
    size_t spare;                       /* views that there is to be room for behind them */
};

/*
 * Views of what is there now. *ret is in the arena, fits into SANDBOX_VIEWS_MAX with `spare` more
 * behind it. FAULT_LIMIT where that is not possible; sockets in places of their own are hidden as
 * far as there is room for them.
 */
int hidden_views(const struct hidden_query *q, struct arena *a, struct sandbox_view **ret,
                 size_t *ret_count, struct fault *f) MUST_CHECK;

/* `path` with the user's home for "~/", in the arena. */
const char *hidden_expand(const char *const *envp, const char *path, struct arena *a);

#endif
