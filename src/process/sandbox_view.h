/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt can see of the files of others. Landlock can't take a folder out of one that may
 * be read; a mount namespace can: something empty is put over what is hidden, and what is to be
 * seen of that is put back in its place. It is the same file there as outside.
 */
#ifndef KELP_PROCESS_SANDBOX_VIEW_H
#define KELP_PROCESS_SANDBOX_VIEW_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum { SANDBOX_VIEWS_MAX = 240 };

/* One change of the view. They are made in order, so that a part of what was shown can be hidden
 * again. Plain data. */
struct sandbox_view {
    const char *path; /* a file or folder, absolute; what is not there is passed over */
    bool show;        /* else it is hidden */
};

/*
 * For a child before exec: async-signal-safe. `no_space`: no user namespace is to be made for it,
 * as it is in one already (sandbox_space.h) or none can be had. *ret_made is false where the
 * machine does not give namespaces to this user, and then nothing has changed. Returns 0 or errno;
 * after an error the process is good for nothing.
 */
int sandbox_view_enter(const struct sandbox_view *views, size_t count, bool no_space,
                       bool *ret_made) MUST_CHECK;

#endif
