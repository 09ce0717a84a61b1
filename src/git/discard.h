/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a clone. It goes only when nothing goes with it: every commit of its branches, its
 * stash, its reflogs and its HEAD, and what is not committed, is reachable from a ref of the
 * user's repository, or has been written to a bundle first. Repositories inside it, submodules
 * and others, get a bundle each (inside.h).
 */
#ifndef KELP_GIT_DISCARD_H
#define KELP_GIT_DISCARD_H

#include "base/fault.h"
#include "git/paths.h"

#include <stdbool.h>

/* Borrowed strings. */
struct discard_spec {
    const char *path;       /* the clone */
    const char *repo;       /* the user's repository */
    const char *bundle_dir; /* made if missing, when it is needed */
    struct paths commits;   /* further commits that must not be lost; full names */
    struct paths exclude;   /* sorted; uncommitted paths of no worth (what `setup` brought) */
};

struct discard_result {
    bool removed;
    char *bundle;        /* owned; NULL: none was needed */
    struct paths inside; /* bundles of repositories inside */
    char *run;           /* owned; whose copy it was, NULL for one that was never complete */
};

/* May be called for several clones at once, from threads. The template of the run's copies stays;
 * when the last of them is gone, template_sweep removes it. Afterwards *ret is to be freed, also
 * after a fault. */
int clone_discard(const struct discard_spec *spec, struct discard_result *ret,
                  struct fault *f) MUST_CHECK;
void discard_result_free(struct discard_result *result);

#endif
